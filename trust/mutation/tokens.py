# SPDX-License-Identifier: BSD-3-Clause
"""SystemVerilog as tokens with their places, as far as mutation needs it: what is code and what is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PATTERN = re.compile(
    r"""
    (?P<skip> \s+ | //[^\n]* | /\*.*?\*/ | `[^\n]* | "(?:\\.|[^"\\])*" | \(\*(?!\)).*?\*\) )
  | (?P<number> \d[\d_]*'[sS]?[bdhoBDHO][0-9a-fA-F_xXzZ?]+ | '[01xXzZ](?!\w) | \d[\d_]* )
  | (?P<word> [A-Za-z_$][\w$]* )
  | (?P<operator> <<< | >>> | === | !== | <<| >> | <= | >= | == | != | && | \|\| | ~\^ | \^~ | ~& | ~\| | \+: | -: | \+\+ | --
      | \*\* | :: | [-+*/%<>=!~&|^?:;,.'#@(){}\[\]] )
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN, _CLOSE = "([{", ")]}"


@dataclass(frozen=True)
class Token:
    """One token: `text` stands at `start` of the source; `kind` is number, word or operator."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokens(source: str) -> list[Token]:
    """Tokens of a source; comments, strings, attributes and compiler directives are left out."""
    found = []
    at = 0
    while at < len(source):
        match = _PATTERN.match(source, at)
        assert match is not None, f"no token of SystemVerilog at {source[at : at + 20]!r}"
        kind = match.lastgroup
        assert kind is not None
        if kind != "skip":
            found.append(Token(kind, match.group(), at))
        at = match.end()
    return found


def closing(found: Sequence[Token], opening: int) -> int:
    """Index of the bracket that closes the one at index `opening`."""
    depth = 0
    for index in range(opening, len(found)):
        text = found[index].text
        depth += (text in _OPEN) - (text in _CLOSE)
        if depth == 0:
            return index
    raise AssertionError("a bracket is not closed")


def depths(found: Sequence[Token]) -> list[int]:
    """How many brackets are open at each token; a bracket itself counts as outside."""
    result = []
    depth = 0
    for token in found:
        depth -= token.text in _CLOSE
        result.append(depth)
        depth += token.text in _OPEN
    return result


def end_of_block(found: Sequence[Token], begin: int) -> int:
    """Index of the `end` of the block whose `begin` is at that index."""
    depth = 0
    for index in range(begin, len(found)):
        depth += (found[index].text in ("begin", "case")) - (found[index].text in ("end", "endcase"))
        if depth == 0:
            return index
    raise AssertionError("a block has no end")


def end_of_statement(found: Sequence[Token], at: int) -> int:
    """Index of the next semicolon."""
    return next(i for i in range(at, len(found)) if found[i].text == ";")
