"""Texts that some target would take for commands, for the tests that publish them everywhere."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

THOROUGH = settings().max_examples / 100
"""How many times as many examples as in a normal run: pytest --hypothesis-profile=thorough."""

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "`<script>alert(1)</script>`{=html}",
    '`#read("/_variables.yml")`{=typst}',
    "```{=html}",
    "{{< x >}}",
    "{{< include ../_variables.yml >}}",
    "@sec-overview",
    "@tbl-profile",
    "[-@fornell1996]",
    "Trust @Bank",
    "costs $5 and $x^2$",
    "$$",
    "=HYPERLINK(1)",
    "=~",
    "[^1]",
    "[x](javascript:alert(1))",
    "![x](http://example.org/x.png)",
    ":::",
    "::: {.callout-note}",
    "---",
    "===",
    "+++",
    "# title",
    "#eval(1)",
    "- item",
    "1. item",
    "(1) item",
    "a) item",
    "    code",
    "> quote",
    ": definition",
    "Table: caption",
    "| a | b |",
    "a|b",
    "a\\b\\",
    "a`b``c",
    "a*b*c **d** _e_ __f__",
    "~a~ ^b^ ~~c~~",
    "--- -- ... 'a' \"b\"",
    "&lt; &amp; &#35; &nope",
    "// typst /* comment */",
    "<label> ~ -? #let x = 1",
    "Mr. Smith e.g. this",
    "100% {name} {0} %s %d ${x}",
    "C:\\temp\\new\n",
    "first\nsecond\r\nthird\u2028fourth",
    "\x00\x01\x1e1\x1e\x1f\x7f",
    "\ud800 lone \udfff",
    "\ufdd0tbl-profile\ufdd1",
    "\u202eright to left\u202c and \u2067isolated\u2069",
    "שלום עולם",
    "e\u0301 \u0928\u093f \u200d👩\u200d🔬 🇨🇳",
    "w" * 300,
    "   leading and trailing   ",
    "—",
    "",
    "<!--chapter:index-->",
    "</article></main><script>",
    '" onmouseover="alert(1)',
    "?var:x **bold** left",
)
TEXTS = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=40), st.text("<>{}[]()@#$`*_~^|\\:-=+.!'\"&% 1a中\n", max_size=30)
)
