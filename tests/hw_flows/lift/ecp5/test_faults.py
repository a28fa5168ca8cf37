# SPDX-License-Identifier: BSD-3-Clause
"""Faults in an unpacked bitstream: each one is refused, or the netlist is seen to be another one."""

from __future__ import annotations

import random
import re

import pytest

from hw_flows.machine.errors import CheckFailed
from tests.hw_flows.lift.ecp5.built import Built, simulate

#: Faults of single lines, drawn from all; tiles in which a certain fault is tried.
DRAWN, TRIED = 25, 8


def tiles(text: str, kind: str, pattern: str) -> list[tuple[int, int]]:
    """Where the tiles of a type are that have a line that matches: start and end in the text."""
    found = re.finditer(rf"^\.tile \S+:(?:{kind})\n(?:.+\n)*", text, re.M)
    return [(block.start(), block.end()) for block in found if re.search(rf"^(?:{pattern})", block[0], re.M)]


def faults_of_first(built: Built, kind: str, pattern: str, replacement: str) -> list[str]:
    """What is found where the lines that match are others, in the first tile where that matters."""
    text = built.unpacked
    found = tiles(text, kind, pattern)
    assert found, f"no {pattern} in {kind}"
    for start, end in found[:TRIED]:
        changed = re.sub(rf"^(?:{pattern})", replacement, text[start:end], flags=re.M)
        if faults := built.faults_of(text[:start] + changed + text[end:]):
            return faults
    raise AssertionError(f"no fault at {pattern} in {kind} was noticed")


@pytest.mark.parametrize(
    ("tile", "line", "replacement", "message"),
    [
        ("PLC2", r"(word: SLICE..K0.INIT \d{15})0", r"\g<1>1", "truth table|depends on"),
        ("PLC2", r"enum: SLICEA.MODE CCU2\n", "", "depends on|is driven by|is in the bitstream"),
        # One bit, two meanings: in a carry chain and in logic.
        ("PLC2", r"arc: F0 F5A_SLICE\n|enum: SLICEA.CCU2.INJECT1_0 NO\n", "", "INJECT1 is YES|is driven by|depends on"),
        ("PLC2", r"enum: SLICE.\.REG0\.REGSET RESET\n", "", "REGSET is SET"),
        ("PLC2", r"enum: SLICE.\.REG0\.SD 0\n", "", "is driven by|nothing drives"),
        ("PLC2", r"enum: SLICE.\.CEMUX 1\n", "", "nothing drives"),
        ("PLC2", r"enum: LSR.\.LSRMUX INV\n|enum: SLICEA.WREMUX INV\n", "", "LSRMUX is LSR"),
        ("PLC2", r"arc: MUXCLK0 CLK0\n", "arc: MUXCLK0 CLK1\n", "nothing drives|is driven by"),
        ("PLC2", r"arc: A\d .*\n", "", "nothing drives"),
        ("PLC2", r"enum: SLICE[ABC]\.MODE (?:RAMW|DPRAM)\n", "", "was not placed"),
        ("TAP_DRIVE", r"arc: R_HPBX0000 G_VPTX0000\n", "", "nothing drives"),
        ("MIB_EBR.", r"enum: EBR.\.(?:DP16KD|PDPW16KD)\.DATA_WIDTH_[ABR] \d+\n", "", "DATA_WIDTH_.|no known value"),
        ("MIB_EBR.", r"enum: EBR.\.DP16KD\.WRITEMODE_A .*\n", "", "WRITEMODE_A is NORMAL"),
        ("MIB_EBR.", r"enum: EBR.\.RST.MUX INV\n", "", "RST. is driven by 1, not 0"),
        ("MIB_EBR.", r"enum: EBR.\.WEBMUX INV\n", "", "WEB is driven by 1, not 0"),
        ("MIB_EBR.", r"enum: EBR.\.MODE DP16KD\n", "", "no known value|not understood|nothing drives"),
        ("CIB_EBR", r"enum: CIB\.JC\dMUX 0\n", "", "nothing drives"),
        ("CIB_DSP", r"enum: CIB\.JA\dMUX 0\n", "", "nothing drives"),
        ("MIB2?_DSP.", r"enum: MULT18_0\.MODE MULT18X18D\n", "", "no known value|not understood|nothing drives"),
        ("MIB2?_DSP.", r"enum: MULT18_0\.REG_INPUTA_CLK NONE\n", "", "register INPUTA"),
        ("MIB2?_DSP.", r"enum: DSP_LEFT\.CIBOUT ON\n", "", "CIBOUT"),
        ("PIOT[01]|PICL1", r"enum: PIO.\.BASE_TYPE INPUT.*\n", "", "nothing drives|not in use|not understood"),
    ],
)
def test_a_wrong_line_is_noticed(ecp5_built: Built, tile: str, line: str, replacement: str, message: str):
    found = faults_of_first(ecp5_built, tile, line, replacement)
    assert any(re.search(message, text) for text in found), found[:3]


def test_a_wrong_switch_is_noticed(ecp5_built: Built):
    """Inputs of LUTs come from other wires, which are driven or not."""
    text, table = ecp5_built.unpacked, ecp5_built.database.kind("PLC2").switches
    noticed = 0
    for start, end in tiles(text, "PLC2", r"arc: [ABCD]\d ")[:5]:
        _, sink, source = re.search(r"^arc: [ABCD]\d .*$", text[start:end], re.M)[0].split()
        other = next(s for s in table[sink] if s != source)
        changed = text[start:end].replace(f"arc: {sink} {source}\n", f"arc: {sink} {other}\n")
        noticed += bool(ecp5_built.faults_of(text[:start] + changed + text[end:]))
    assert noticed >= 4  # one may lead to an input without effect


def test_two_switches_at_one_wire_are_refused(ecp5_built: Built):
    for start, _ in tiles(ecp5_built.unpacked, "PLC2", r"arc: MUXCLK0 CLK0\n")[:3]:
        line_end = ecp5_built.unpacked.index("\n", start) + 1
        text = ecp5_built.unpacked[:line_end] + "arc: MUXCLK0 CLK1\n" + ecp5_built.unpacked[line_end:]
        assert ecp5_built.faults_of(text)


def test_contents_of_a_memory_are_compared(ecp5_built: Built):
    start = ecp5_built.unpacked.index(".bram_init")
    words = re.compile(r"\b0(\w\w)\b")
    changed = words.sub(r"1\1", ecp5_built.unpacked[start:], count=1)
    (found,) = ecp5_built.faults_of(ecp5_built.unpacked[:start] + changed)
    assert re.search("INITVAL_.. is", found)


def test_a_bit_that_the_database_does_not_know_is_named(ecp5_built: Built):
    kind = ecp5_built.database.kind("PLC2")
    known = {bit for m in kind.switches.values() for group in m.values() for bit in group.bits}
    known |= {bit for choice in kind.choices.values() for group in choice.options.values() for bit in group.bits}
    known |= {bit for word in kind.words.values() for group in word.groups for bit in group.bits}
    frame, bit = next((f, b) for f in range(106) for b in range(12) if (f, b) not in known)
    text = ecp5_built.unpacked.replace(":PLC2\n", f":PLC2\nunknown: F{frame}B{bit}\n", 1)
    with pytest.raises(CheckFailed, match=rf"1 bits or settings .* R\d+C\d+:PLC2 unknown: F{frame}B{bit}"):
        ecp5_built.lift(text)


@pytest.mark.parametrize(
    "line", ["arc: A0 NOWHERE", "word: SLICEZ.K0.INIT 1", "enum: SLICEA.MODE WRONG", "what: is this"]
)
def test_a_line_that_the_database_does_not_know_is_refused(ecp5_built: Built, line: str):
    with pytest.raises(CheckFailed, match="does not know what is unpacked"):
        ecp5_built.lift(ecp5_built.unpacked.replace(":PLC2\n", f":PLC2\n{line}\n", 1))


def test_no_line_drawn_at_random_goes_missing_with_effect_and_unnoticed(ecp5_built: Built):
    """Of all lines; such as ties of what is not in use may go."""
    lines = ecp5_built.unpacked.splitlines(keepends=True)
    candidates = [i for i, line in enumerate(lines) if line.startswith(("arc:", "word:", "enum:", "unknown:"))]
    unnoticed = []
    for i in random.Random(1).sample(candidates, DRAWN):
        text = "".join(lines[:i] + lines[i + 1 :])
        if not ecp5_built.faults_of(text):
            unnoticed.append(text)
    assert len(unnoticed) < DRAWN / 2
    wanted = simulate(ecp5_built.named(ecp5_built.lift(ecp5_built.unpacked).netlist), cycles=1000)
    for text in unnoticed[:10]:
        assert (simulate(ecp5_built.named(ecp5_built.lift(text).netlist), cycles=1000) == wanted).all()
