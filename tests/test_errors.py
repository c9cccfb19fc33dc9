"""What data bring into a message is shown, not obeyed."""

import pytest

from analysis.errors import EditionError, Problems


@pytest.mark.parametrize("text", ["\x1b[2Jgone", "\x00", "a\rb", "\x9b31m", "\u202eabc", "\ud800", "\x07"])
def test_a_message_sends_no_commands_to_the_terminal(text: str) -> None:
    message = str(Problems([EditionError(f"bad {text}", where=text, expected="a\nb", got=text, hint="c\td")]))
    message.encode("utf-8")
    assert [char for char in message if ord(char) < 32 and char not in "\n\t"] == []
    assert "\ufffd" in message
    assert "a\nb" in message
    assert text not in message
