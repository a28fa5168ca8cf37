# SPDX-License-Identifier: BSD-3-Clause
"""Text for a terminal that may hold names from files of unknown origin."""

from __future__ import annotations

import unicodedata

#: Of a message, in characters; what is longer is cut in the middle.
LONGEST = 4000
#: Control characters, invisible formatting such as "from right to left", and halves of characters.
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Co", "Cn")


def printable(text: str, longest: int = LONGEST) -> str:
    """`text` with everything escaped that could steer a terminal or hide what stands there; line breaks stay."""
    if len(text) > longest:
        text = f"{text[: longest - longest // 4]} [...] {text[-longest // 4 :]}"
    return "".join(
        c if c == "\n" or unicodedata.category(c) not in _UNPRINTABLE else c.encode("unicode_escape").decode()
        for c in text
    )
