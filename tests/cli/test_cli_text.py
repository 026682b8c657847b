"""Text of unknown origin is safe on a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livechat_customer.cli.text import plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello", "Hello"),
        ("zażółć 🐈 [bold]", "zażółć 🐈 [bold]"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]52;c;ZXZpbA==\x1b\\after", "after"),
        ("\x1bP$q\x1b\\after", "after"),
        ("\x9b31mred", "red"),
        ("\x9d0;a title\x9cafter", "after"),
        ("\x1b(Bcharset", "charset"),
        ("\x1bcreset", "reset"),
        ("\x1b\x1b[31mtwice", "twice"),
        ("an end\x1b", "an end"),
        ("an end\x1b[", "an end"),
        ("never ends\x1b]0;title", "never ends"),
        ("two\nlines\r\nand\ta tab", "two lines and a tab"),
        ("bell\a, back\b, null\0", "bell , back , null"),
        ("\u202eabc\u202c", "abc"),
        ("half an emoji \ud83d", "half an emoji"),
        ("", ""),
    ],
)
def test_escape_sequences_and_control_characters_are_gone(text: str, shown: str) -> None:
    assert plain(text) == shown


PIECES = st.sampled_from(
    ["\x1b", "\x1b[", "\x1b]", "\x9b", "\x9d", "\x07", "\x9c", "\x1b\\", "31m", "0;", "\r", "a "]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join))
def test_nothing_a_terminal_acts_on_is_left(text: str) -> None:
    shown = plain(text)
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert plain(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40))
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert plain(text) == text
