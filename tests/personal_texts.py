"""Forms of personal data in both languages, for all that must mask or find them. Everything in it is made up."""

from __future__ import annotations

CORPUS = {
    "phone": (
        "请打 13912345678 找我",
        "手机１３９１２３４５６７８",
        "电话 139-1234-5678，谢谢",
        "回电 +86 139 1234 5678",
        "座机 010-12345678 转 802",
        "座机（0571）8765432",
        "call +44 20 7946 0958 please",
        "ring me on 07700 900123",
        "my number is (212) 555-0147",
        "at 212-555-0147 after six",
        "+1 415.555.0199",
    ),
    "identity": (
        "身份证 11010519491231002X",
        "证件号:110105 19900101 1234",
        "老证 110105900101123",
        "香港身份证 A123456(7)",
        "护照 E12345678",
        "台胞 A123456789",
        "SSN 078-05-1120",
        "NI number QQ123456C is wrong but AB 12 34 56 C is not",
    ),
    "card": (
        "卡 6222021234567890123 被吞",
        "6222 0212 3456 7890 123",
        "card 4111-1111-1111-1111 was charged twice",
        "amex 3782 822463 10005",
    ),
    "mail": (
        "发到 li.test@example.com",
        "邮箱：test_01＠example.com.cn",
        "write to j.doe at example dot org",
        "j.doe(at)example(dot)org",
    ),
    "plate": ("车牌京A12345 停在门口", "沪A·D12345 新能源", "粤Z1234港", "my car AB12 CDE was towed"),
    "account": ("微信号 abc_12345", "QQ：123456789", "WeChat: lily-2020", "尾号 1234 的卡", "account ending in 4321"),
    "address": ("住中山北路88号3号楼201室", "I live at 12 Long Acre Road and"),
    "name": (
        "我叫陈晓明，办卡",
        "联系人：欧阳小静 ",
        "王先生态度很差",
        "找了李晓华女士",
        "张经理答应过",
        "My name is Jane Example and",
        "Mr. Smith-Jones kept me waiting",
        "Dr Example was kind",
        "Kind regards, Alex Sample",
    ),
    "path": ("见 /home/someone/data.csv", r"C:\Users\someone\a.xlsx", "/Users/someone/b"),
}
