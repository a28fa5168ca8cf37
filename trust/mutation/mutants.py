# SPDX-License-Identifier: BSD-3-Clause
"""Mutants of a SystemVerilog source: one operator, constant or condition changed in each.

Left out is what no simulation can tell: comments, strings, attributes, the header of a module (its ports and the defaults
of its parameters, which every instance gives), checks of parameters (blocks called `g_check...`), and nets called `unused`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from trust.mutation.tokens import Token, closing, depths, end_of_block, end_of_statement, tokens

BINARY = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "+": ("-",),
    "-": ("+",),
    "*": ("+",),
    "/": ("*",),
    "%": ("/",),
    "**": ("*",),
    "&&": ("||",),
    "||": ("&&",),
    "&": ("|",),
    "|": ("&",),
    "^": ("|",),
    "~^": ("^",),
    "<<": (">>",),
    ">>": ("<<",),
    "<<<": (">>>",),
    ">>>": ("<<<",),
    "+:": ("-:",),
}
UNARY = {"!": ("",), "~": ("",), "-": ("",), "&": ("|",), "|": ("&",), "^": ("&",), "~^": ("^",)}
#: Between these, at one depth of brackets, stands a condition of `? :`.
_BOUNDARIES = {"=", "<=", "(", "[", "{", ",", ":", "?", ";", "return", "begin"}
_BEFORE_STATEMENT = {";", "begin", "end", "else", ":", "endcase", "endfunction", "endmodule", "generate"}


@dataclass(frozen=True)
class SourceMutant:
    """One change: the text from `start` to `end` of `file` becomes `new`."""

    file: Path
    start: int
    end: int
    new: str
    kind: str
    """operator, constant or condition."""

    @cached_property
    def source(self) -> str:
        return self.file.read_text(encoding="utf-8")

    @property
    def text(self) -> str:
        """The whole source with the change."""
        return self.source[: self.start] + self.new + self.source[self.end :]

    @property
    def line(self) -> int:
        return self.source.count("\n", 0, self.start) + 1

    def __str__(self) -> str:
        before = self.source.rfind("\n", 0, self.start) + 1
        after = self.source.find("\n", self.end)
        old = self.source[before:after].strip()
        new = (self.source[before : self.start] + self.new + self.source[self.end : after]).strip()
        return f"{self.file.name}:{self.line}: {old}  ->  {new}"


def mutants_of(file: Path) -> list[SourceMutant]:
    """Every mutant of a source, in the order of its text."""
    return sorted(_Source(file).mutants(), key=lambda m: (m.start, m.end, m.new))


def sample(mutants: Sequence[SourceMutant], count: int) -> list[SourceMutant]:
    """`count` of the mutants, the same ones as long as the lines that they change stay the same, in the order given."""

    def key(mutant: SourceMutant) -> bytes:
        line = str(mutant).split(": ", 1)[1]
        return hashlib.sha256(f"{mutant.file.name} {line} {mutant.new}".encode()).digest()

    chosen = set(sorted(mutants, key=key)[:count])
    return [m for m in mutants if m in chosen]


class _Source:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.text = file.read_text(encoding="utf-8")
        self.tokens = tokens(self.text)
        self.depths = depths(self.tokens)
        self.left_out = self._left_out()
        self.assigns = self._assigns()

    def mutants(self) -> Iterator[SourceMutant]:
        for index, token in enumerate(self.tokens):
            if index in self.left_out:
                continue
            if token.kind == "number":
                for new in _other_numbers(token.text):
                    yield self._change(token.start, token.end, new, "constant")
            elif token.text == "if" or token.text == "?":
                start, end = self._condition(index)
                for new in (f"!({self.text[start:end]})", "1'b1", "1'b0"):
                    yield self._change(start, end, new, "condition")
            elif token.kind == "operator" and index not in self.assigns:
                table = BINARY if self._follows_operand(index) else UNARY
                for new in table.get(token.text, ()):
                    yield self._change(token.start, token.end, new, "operator")

    def _change(self, start: int, end: int, new: str, kind: str) -> SourceMutant:
        return SourceMutant(self.file, start, end, new, kind)

    def _left_out(self) -> set[int]:
        found = self.tokens
        out: set[int] = set()
        for index, token in enumerate(found):
            if token.text == "module":
                out.update(range(index, end_of_statement(found, index)))
            elif token.text == "if":
                begin = closing(found, index + 1) + 1
                label = [t.text for t in found[begin : begin + 5]]
                named = label[:2] == ["begin", ":"]
                only_unused = named and label[3:] == ["wire", "unused"] and _statements(found, begin) == 1
                if named and (label[2].startswith("g_check") or only_unused):
                    out.update(range(index, end_of_block(found, begin)))
            elif token.text == "unused":
                out.update(range(index, end_of_statement(found, index)))
        return out

    def _assigns(self) -> set[int]:
        """Places where `<=` assigns: the first one of a statement, outside of all brackets of its own."""
        places: set[int] = set()
        assigned = False
        for index, token in enumerate(self.tokens):
            if token.text in _BEFORE_STATEMENT:
                assigned = False
            elif self.depths[index] == 0 and token.text in ("=", "<="):
                if token.text == "<=" and not assigned:
                    places.add(index)
                assigned = True
        return places

    def _follows_operand(self, index: int) -> bool:
        before = self.tokens[index - 1]
        return (
            before.kind == "number"
            or before.text in (")", "]", "}")
            or (before.kind == "word" and before.text not in ("return", "begin", "else"))
        )

    def _condition(self, index: int) -> tuple[int, int]:
        """Where the condition of the `if` or `?` at that index starts and ends."""
        if self.tokens[index].text == "if":
            last = closing(self.tokens, index + 1)
            return self.tokens[index + 2].start, self.tokens[last - 1].end
        first = index
        while True:
            before = self.tokens[first - 1]
            inside = self.depths[first - 1] < self.depths[index]  # the bracket around it opens here
            if inside or (self.depths[first - 1] == self.depths[index] and self._bounds(first - 1, before)):
                return self.tokens[first].start, self.tokens[index - 1].end
            first -= 1

    def _bounds(self, index: int, token: Token) -> bool:
        if token.text == "<=":
            return index in self.assigns
        return token.text in _BOUNDARIES - {"(", "[", "{"}


def _statements(found: Sequence[Token], begin: int) -> int:
    """Semicolons in the block whose `begin` is at that index."""
    return sum(token.text == ";" for token in found[begin : end_of_block(found, begin)])


def _other_numbers(text: str) -> list[str]:
    if text.startswith("'"):
        return {"'0": ["'1"], "'1": ["'0"]}.get(text, [])
    if "'" in text:
        size, rest = text.split("'")
        kind = rest[: 2 if rest[0] in "sS" else 1]
        base = {"b": 2, "o": 8, "d": 10, "h": 16}[kind[-1].lower()]
        write: Callable[[int], str] = {2: "{:b}", 8: "{:o}", 10: "{:d}", 16: "{:x}"}[base].format
        value = (int(rest[len(kind) :].replace("_", ""), base) + 1) % (1 << int(size))
        return [f"{size}'{kind}{write(value)}"]
    value = int(text.replace("_", ""))
    return [str(value + 1), *([str(value - 1)] if value > 0 else [])]
