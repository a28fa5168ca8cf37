# SPDX-License-Identifier: BSD-3-Clause
"""Faults in an unpacked bitstream: each one is refused, or the netlist is seen to be another one."""

from __future__ import annotations

import random
import re

import pytest

from hw_flows.machine.errors import CheckFailed
from tests.hw_flows.lift.ecp5.built import Built, simulate

#: Faults of single lines, drawn from all.
DRAWN = 40


def places(text: str, tile: str, line: str) -> list[tuple[int, int]]:
    """Where, in tiles of a type, lines are that match: start and end in the text."""
    found = []
    for block in re.finditer(rf"^\.tile \S+:(?:{tile})\n(?:.+\n)*", text, re.M):
        found += [
            (block.start() + m.start(), block.start() + m.end()) for m in re.finditer(rf"^{line}\n", block[0], re.M)
        ]
    return found


def faults_of_first(built: Built, tile: str, line: str, replacement: str) -> list[str]:
    """What is found where the first line that matters, of those that match, is another one."""
    text = built.unpacked
    for start, end in places(text, tile, line):
        changed = re.sub(line, replacement, text[start : end - 1])
        found = built.faults_of(text[:start] + (changed + "\n" if changed else "") + text[end:])
        if found:
            return found
    raise AssertionError(f"no fault at {line} in {tile} was noticed")


@pytest.mark.parametrize(
    ("tile", "line", "replacement", "message"),
    [
        ("PLC2", r"word: SLICED.K0.INIT (\d{15})0", r"word: SLICED.K0.INIT \g<1>1", "truth table|depends on"),
        ("PLC2", r"enum: SLICEA.MODE CCU2", "", "depends on|is driven by|is in the bitstream"),
        ("PLC2", r"enum: SLICE.\.CCU2\.INJECT1_0 NO", "", "INJECT1 is YES"),
        ("PLC2", r"enum: SLICE.\.REG0\.REGSET RESET", "", "REGSET is SET"),
        ("PLC2", r"enum: SLICE.\.REG0\.SD 0", "", "is driven by|nothing drives"),
        ("PLC2", r"enum: SLICE.\.CEMUX 1", "", "nothing drives"),
        ("PLC2", r"enum: LSR.\.LSRMUX INV", "", "LSRMUX is LSR"),
        ("PLC2", r"arc: MUXCLK0 CLK0", "arc: MUXCLK0 CLK1", "nothing drives|is driven by"),
        ("PLC2", r"arc: A\d .*", "", "nothing drives"),
        ("PLC2", r"arc: F\d F[5X].*", "", "depends on|is driven by|multiplexer"),
        ("PLC2", r"enum: SLICEC.MODE RAMW", "", "slices in the modes"),
        ("TAP_DRIVE", r"arc: R_HPBX0000 G_VPTX0000", "", "nothing drives"),
        ("MIB_EBR2", r"enum: EBR1\.DP16KD\.DATA_WIDTH_A 2", "", "DATA_WIDTH_A|no known value"),
        ("MIB_EBR.", r"enum: EBR.\.DP16KD\.WRITEMODE_A .*", "", "WRITEMODE_A is NORMAL"),
        ("MIB_EBR.", r"enum: EBR.\.RST.MUX INV", "", "RST. is driven by 1, not 0"),
        ("MIB_EBR.", r"enum: EBR.\.WEBMUX INV", "", "WEB is driven by 1, not 0"),
        ("MIB_EBR.", r"enum: EBR.\.MODE DP16KD", "", "no known value|is not in use|nothing drives"),
        ("CIB_EBR", r"enum: CIB\.JC\dMUX 0", "", "nothing drives"),
        ("CIB_DSP", r"enum: CIB\.JA\dMUX 0", "", "nothing drives"),
        ("MIB2?_DSP.", r"enum: MULT18_0\.MODE MULT18X18D", "", "no known value|not understood|nothing drives"),
        ("MIB2?_DSP.", r"enum: MULT18_0\.REG_INPUTA_CLK NONE", "", "register INPUTA"),
        ("MIB2?_DSP.", r"enum: DSP_LEFT\.CIBOUT ON", "", "CIBOUT"),
        ("PIOT0|PICL1", r"enum: PIO.\.BASE_TYPE INPUT.*", "", "nothing drives|not in use"),
    ],
)
def test_a_wrong_line_is_noticed(ecp5_built: Built, tile: str, line: str, replacement: str, message: str):
    found = faults_of_first(ecp5_built, tile, line, replacement)
    assert any(re.search(message, text) for text in found), found[:3]


def test_a_wrong_switch_is_noticed(ecp5_built: Built):
    """An input of a LUT comes from another wire, which is driven or not."""
    text, table = ecp5_built.unpacked, ecp5_built.database.kind("PLC2").switches
    noticed = 0
    for start, end in places(text, "PLC2", r"arc: [ABCD]\d .*")[:5]:
        sink, source = text[start : end - 1].split()[1:]
        other = next(s for s in table[sink] if s != source)
        noticed += bool(ecp5_built.faults_of(f"{text[:start]}arc: {sink} {other}\n{text[end:]}"))
    assert noticed >= 4  # one may lead to an input without effect


def test_two_switches_at_one_wire_are_refused(ecp5_built: Built):
    text = ecp5_built.unpacked
    for start, end in places(text, "PLC2", r"arc: MUXCLK0 CLK0")[:3]:
        assert ecp5_built.faults_of(f"{text[:end]}arc: MUXCLK0 CLK1\n{text[end:]}") and start


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
