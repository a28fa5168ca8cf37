# SPDX-License-Identifier: BSD-3-Clause
"""A design's bits back to a netlist: the one that was placed, which computes what was synthesized."""

from __future__ import annotations

import numpy as np
import pytest

from hw_flows.lift.compare import compare, read_placed
from hw_flows.lift.report import lift_to_file
from hw_flows.lift.same_function import same_function
from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.debian_tools import require_tools
from hw_flows.place_route.fasm import Feature
from hw_flows.place_route.xc7_bitstream import fasm_to_bitstream
from tests.hw_flows.lift.built import PART, Built, read, simulate

#: Output of a RAM64M with initial contents, which nextpnr 0.11 does not write.
WITHOUT_CONTENTS = 12


def test_the_lifted_netlist_is_the_placed_one(built: Built):
    lifted = built.lift(built.features)
    comparison = compare(lifted.netlist, read_placed(built.routed, built.database))
    comparison.require_equal()
    kinds = {
        "LUT6",
        "FDRE",
        "FDSE",
        "FDCE",
        "FDPE",
        "CARRY4",
        "MUXF7",
        "MUXF8",
        "SRL16E",
        "SRLC32E",
        "RAMD32",
        "RAMD64E",
    }
    assert kinds | {"RAMB18E1", "RAMB36E1", "DSP48E1", "BUFGCTRL", "PS7"} <= set(comparison.cells)
    placed = read(built.routed)["modules"]["top"]["cells"]
    known = sum(comparison.cells.values()) + comparison.unread + comparison.constant
    assert known == len(placed) - 2  # these are the constants
    assert comparison.unread < 10 and comparison.nets > 200
    assert comparison.cells["DSP48E1"] == 3


def test_the_lifted_netlist_computes_what_was_synthesized(built: Built):
    got, wanted = simulate(built.lift(built.features).netlist.as_json()), simulate(read(built.netlist))
    assert (wanted[1:] != wanted[:-1]).any(axis=(0, 1)).all()  # each output moves
    differs = np.flatnonzero((got != wanted).any(axis=(0, 1))).tolist()
    assert differs == [WITHOUT_CONTENTS]


def test_the_lifted_netlist_has_the_function_of_what_was_synthesized(built: Built):
    """Place and route leaves out what a memory of LUTs holds in the beginning, and nothing else."""
    found = same_function(built.netlist, built.lift(built.features).netlist, read_placed(built.routed, built.database))
    assert found.elements > 40 and found.inputs > 1000 and found.unread < 10
    (difference,) = found.differences
    assert "INIT is 0, not" in difference


def test_from_the_file_alone(built: Built, tmp_path):
    fasm = tmp_path / "design.fasm"
    fasm.write_text("".join(f"{f.tile}.{f.name}[{f.bit}]\n" for f in built.features))
    bitstream = tmp_path / "design.bit"
    fasm_to_bitstream(fasm, bitstream, PART, require_tools(), tmp_path)
    said = lift_to_file(bitstream, PART, tmp_path / "lifted.json", built.routed)
    assert "3 DSP48E1" in said and "1 RAMB36E1" in said and "the same as" in said
    lifted = built.lift(built.features)
    assert read(tmp_path / "lifted.json") == lifted.netlist.as_json()


def test_settings_of_a_lut_memory_that_nobody_reads_change_nothing(built: Built):
    taken = {feature.tile for feature in built.features}
    tile = next(n for n, t in built.database.tiles.items() if t.type == "CLBLM_L" and n not in taken)
    more = [Feature(tile, f"SLICEM_X0.ALUT.{name}", 0) for name in ("RAM", "DI1MUX.AI", "INIT")]
    assert built.lift([*built.features, *more]).netlist == built.lift(built.features).netlist


def test_what_place_and_route_leaves_out_of_a_multiplier_is_noticed(built: Built):
    with pytest.raises(CheckFailed, match=r"nothing drives (INMODE|ALUMODE|OPMODE)\d of DSP48_"):
        built.lift(built.written)
