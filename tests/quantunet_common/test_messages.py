# SPDX-License-Identifier: BSD-3-Clause
from quantunet_common.messages import printable


def test_words_stay_as_they_are() -> None:
    text = "Größe 中文 🔥\n  to do: nothing"
    assert printable(text) == text


def test_what_steers_a_terminal_is_escaped() -> None:
    assert printable("\x1b[2J\r\x9b\u202egnp\udc80") == r"\x1b[2J\r\x9b\u202egnp\udc80"


def test_a_long_message_keeps_its_ends() -> None:
    text = printable("a" * 5000 + "b" * 5000, longest=100)
    assert text.startswith("aaa") and text.endswith("bbb") and len(text) < 120
