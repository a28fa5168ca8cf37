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
#: A message without arguments.
_MESSAGE = re.compile(r'(\$(?:display|write|info|warning|error)\s*\(\s*")((?:[^"\\\n]|\\.)*)("\s*\))')
_PLACE = re.compile(r"%(?=\d*[bcdefghostuxz])", re.IGNORECASE)


def adapt(text: str) -> str:
    """The text for Verilator.

    - Structures of integers become packed: Verilator evaluates no function at compile time that returns an unpacked one.
    - A message with a place for a value and no value prints the place itself: Verilator refuses it.
    """
    text = _STRUCT.sub(r"typedef struct packed \1", text)
    return _MESSAGE.sub(lambda found: found[1] + _PLACE.sub("%%", found[2]) + found[3], text)
