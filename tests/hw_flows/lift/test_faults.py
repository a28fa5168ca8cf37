# SPDX-License-Identifier: BSD-3-Clause
"""Faults in what a bitstream turns on: each one is refused, or the netlist is seen to be another one."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from hw_flows.lift.compare import compare, read_placed
from hw_flows.lift.gates import IDLE
from hw_flows.lift.lift import lift_frames
from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.fasm import Feature
from hw_flows.place_route.frames import FRAME_WORDS, assemble, visible
from tests.hw_flows.lift.built import Built, simulate

#: Faults of single features, drawn from all that are on.
DRAWN = 40


def faults_of(built: Built, features: list[Feature]) -> list[str]:
    """Why these features are refused, or how their netlist differs from the placed one."""
    try:
        return compare(built.lift(features).netlist, read_placed(built.routed, built.database)).differences
    except CheckFailed as error:
        return [error.what]


@pytest.fixture(scope="module")
def effective(built: Built) -> list[Feature]:
    """What is on and has an effect, in an order that stays."""
    return sorted(set(built.features) - set(built.lift(built.features).unused))


def without(built: Built, effective: list[Feature], pattern: str) -> tuple[Feature, list[Feature]]:
    """The first feature with an effect whose name matches, and all others."""
    gone = next(f for f in effective if re.fullmatch(pattern, f"{f.tile}.{f.name}[{f.bit}]"))
    return gone, [f for f in built.features if f != gone]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (r"BRAM_.*RAMB36\.BRAM36_READ_WIDTH_B_1.*", "READ_WIDTH_B is 4 bits in each half without the feature"),
        (r"BRAM_.*RAMB18_Y0\.(READ|WRITE)_WIDTH_[AB]_4.*", "WIDTH"),
        (r"BRAM_.*RAMB18_Y.\.INIT_05\[7\]", "INIT_"),
        (r"DSP_.*DSP_._INMODE3\.DSP_.*", "nothing drives INMODE3"),
        (r"DSP_.*ZIS_INMODE_INVERTED\[3\]", "INMODE3 is tied off behind an inverter"),
        (r"DSP_.*ZMREG.*|DSP_.*ZPREG.*", "REG is 1, not 0"),
        (r"CLBL.*SLICE.*LUT\.INIT\[63\]", "truth table|INIT is|depends on|is driven by"),
        (r"CLBL.*SLICE.*FFSYNC.*", "the type is FDCE, not FDRE"),
        (r"CLBL.*SLICE.*FF\.ZINI.*", "INIT is 1, not 0"),
        (r"CLBL.*SLICE.*PRECYINIT\.(CIN|AX|C1).*", "CIN is driven|CYINIT is driven|belong to nothing in use"),
        (r"CLBLM.*LUT\.SMALL.*", ""),
        (r"CLBLM.*SLICEM_X0\.WA7USED.*", "is written where|is in the bitstream"),
        (r"HCLK_[LR].*ENABLE_BUFFER.*", "its buffer is off"),
        (r"CLK_HROW.*_ACTIVE.*", "its buffer is off"),
        (r"CLK_HROW.*IN_USE.*", "is not in use"),
    ],
)
def test_a_missing_feature_is_noticed(built: Built, effective: list[Feature], pattern: str, message: str):
    gone, rest = without(built, effective, pattern)
    found = faults_of(built, rest)
    assert found, gone
    assert any(re.search(message, text) for text in found), found[:3]


def test_a_wrong_switch_is_noticed(built: Built):
    """A LUT's input comes from another wire, which is driven or not."""
    table = built.fabric.tile_type("INT_L").sources
    switch = next(
        f
        for f in built.features
        if f.tile.startswith("INT_L")
        and re.fullmatch(r"IMUX_L\d+\.(NN|SS|EE|WW|NE|NW|SE|SW|NR|NL|ER|EL|SR|SL|WR|WL).*", f.name)
    )
    to, _, source = switch.name.partition(".")
    other = next(s for s in table[to] if s not in (source, "VCC_WIRE") and s.startswith("LOGIC_OUTS"))
    found = faults_of(built, [*(f for f in built.features if f != switch), Feature(switch.tile, f"{to}.{other}", 0)])
    assert found


def test_two_switches_at_one_wire_are_refused(built: Built):
    """Two drivers of one node, by a bidirectional switch that joins it to another one's end."""
    switch = next(f for f in built.features if f.tile.startswith("INT_L") and f.name.startswith("IMUX_L"))
    to, _, source = switch.name.partition(".")
    others = [s for s in built.fabric.tile_type("INT_L").sources[to] if s != source]
    refused = 0
    for other in others[:8]:
        try:
            found = faults_of(built, [*built.features, Feature(switch.tile, f"{to}.{other}", 0)])
        except CheckFailed:  # the bits of the two exclude each other
            found = ["cannot be written"]
        assert found, other
        refused += 1
    assert refused


def test_a_bit_that_the_database_does_not_know_is_named(built: Built):
    frames = assemble(built.features, built.database)
    segment = built.database.tiles["CLBLM_L_X8Y10"].segments["CLB_IO_CLK"]
    known = {p for b in built.database.features("CLBLM_L").values() for p in b.ones}
    frame, bit = next((f, b) for f in range(segment.frames) for b in range(64) if (f, b) not in known and f > 27)
    words = frames.setdefault(segment.base + frame, np.zeros(FRAME_WORDS, np.uint32))
    words[segment.offset + bit // 32] |= np.uint32(1 << bit % 32)
    with pytest.raises(
        CheckFailed, match=rf"1 bits .* do(es)? not explain: frame 0x.*CLBLM_L_X8Y10 bit {frame:02d}_{bit:02d}"
    ):
        lift_frames(frames, built.database, built.fabric)


def test_no_feature_drawn_at_random_goes_missing_with_effect_and_unnoticed(built: Built):
    """Of all that has bits of its own and an effect; such as bits of truth tables that no input reaches may go."""
    lifted = built.lift(built.features)
    candidates = sorted(
        f for f in visible(built.features, built.database) - set(lifted.unused) if not IDLE.fullmatch(f.name)
    )
    drawn = random.Random(1).sample(candidates, DRAWN)
    left = {f: [g for g in built.features if g != f] for f in drawn}
    unnoticed = [f for f in drawn if not faults_of(built, left[f])]
    assert len(unnoticed) <= DRAWN // 10
    right = simulate(lifted.netlist.as_json())
    for feature in unnoticed:
        np.testing.assert_array_equal(
            simulate(built.lift(left[feature]).netlist.as_json()), right, err_msg=str(feature)
        )
