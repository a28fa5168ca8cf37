# SPDX-License-Identifier: BSD-3-Clause
"""Rewrites of SystemVerilog that Verilator does not read into the same design in words that it does.

Each holds for any source, changes nothing that a simulation could show, and is applied to what is compiled only.
"""

from __future__ import annotations

import re
from pathlib import Path

_MEMBER = (
    r"\s*(?:(?:bit|logic|byte|shortint|int|longint)(?:\s+(?:un)?signed)?(?:\s*\[[^\]]*\])?\s+\w+(?:\s*,\s*\w+)*\s*;\s*)"
)
_COMMENT = r"(?:\s*//[^\n]*\n)"
#: A structure of integers only.
_STRUCT = re.compile(rf"\btypedef\s+struct\s*(\{{(?:{_COMMENT}*{_MEMBER}{_COMMENT}*)+\}})")
#: A message without arguments.
_MESSAGE = re.compile(r'(\$(?:display|write|info|warning|error)\s*\(\s*")((?:[^"\\\n]|\\.)*)("\s*\))')
#: `%%` is a printed %, and what follows it no place.
_PLACE = re.compile(r"%%|%(?=\d*[bcdefghostuxz])", re.IGNORECASE)
_TYPE = re.compile(r"\btypedef\s+(?:bit|logic)\b[^;]*?\b(\w+)\s*((?:\[[^\]]*\]\s*)*);")
#: The whole of what is connected to a port or assigned, as a cast.
_CAST = re.compile(r"((?:\.\w+\s*\(|=)\s*)(\w+)'\((\w+)\)(?=\s*([);]))")
_SHORTREAL = re.compile(r"\$(?:(bitstoshortreal)|shortrealtobits)\b")
_SHORTREAL_FUNCTIONS = Path(__file__).with_name("shortreal.svh").read_text(encoding="utf-8")


def adapt(text: str) -> str:
    """The text for Verilator.

    - Structures of integers become packed: Verilator evaluates no function at compile time that returns an unpacked one.
    - The bits of a `shortreal` are converted by functions that are appended: Verilator converts those of a `real`. Exact
      where an expression rounds after each operation.
    - Casts between words and arrays of words, which have the same bits, become streams: Verilator has no such cast.
    - A message with a place for a value and no value prints the place itself: Verilator refuses it.
    """
    text = _STRUCT.sub(r"typedef struct packed \1", text)
    text = _streamed(text)
    if _SHORTREAL.search(text):
        text = _SHORTREAL.sub(lambda found: f"qu_{'bits_to_shortreal' if found[1] else 'shortreal_to_bits'}", text)
        text = f"{text}\n{_SHORTREAL_FUNCTIONS}"
    return _MESSAGE.sub(lambda found: found[1] + _PLACE.sub("%%", found[2]) + found[3], text)


def _streamed(text: str) -> str:
    dimensions = dict(_TYPE.findall(text))
    arrays = {name for name, after in dimensions.items() if after}
    if not arrays:
        return text
    lists = re.findall(rf"\b(?:{'|'.join(sorted(arrays))})\s+(\w+(?:\s*,\s*\w+)*)\s*[;=]", text)
    declared = {name.strip() for names in lists for name in names.split(",")}

    def stream(found: re.Match[str]) -> str:
        before, target, source, after = found.groups()
        to_array = target in arrays and source not in declared and (before[0], after) == ("=", ";")
        to_word = target in dimensions and target not in arrays and source in declared
        return f"{before}{{>>{{{source}}}}}" if to_array or to_word else found[0]

    return _CAST.sub(stream, text)
