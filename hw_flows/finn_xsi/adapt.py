"""Rewrites of SystemVerilog that Verilator does not read into the same design in words that it does.

Each holds for any source, changes nothing that a simulation could show, and is applied to what is compiled only.
"""

from __future__ import annotations

import re

_MEMBER = (
    r"\s*(?:(?:bit|logic|byte|shortint|int|longint)(?:\s+(?:un)?signed)?(?:\s*\[[^\]]*\])?\s+\w+(?:\s*,\s*\w+)*\s*;\s*)"
)
_COMMENT = r"(?:\s*//[^\n]*\n)"
#: A structure of integers only.
_STRUCT = re.compile(rf"\btypedef\s+struct\s*(\{{(?:{_COMMENT}*{_MEMBER}{_COMMENT}*)+\}})")


def adapt(text: str) -> str:
    """The text for Verilator.

    - Structures of integers become packed: Verilator evaluates no function at compile time that returns an unpacked one.
    """
    return _STRUCT.sub(r"typedef struct packed \1", text)
