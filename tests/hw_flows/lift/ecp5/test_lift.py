# SPDX-License-Identifier: BSD-3-Clause
"""A bitstream of an ECP5, lifted: the netlist that was placed and routed, and it computes the same."""

from __future__ import annotations

import json

import pytest

from hw_flows.lift.ecp5.compare import compare
from hw_flows.lift.report import lift_to_file
from hw_flows.machine.errors import UserError
from tests.hw_flows.lift.ecp5.built import PART, SPECIAL, Built, build, read, simulate

#: Cells of the design, all kinds that the flow's netlists have.
CELLS = {"DP16KD": 3, "MULT18X18D": 2, "TRELLIS_DPR16X4": 2, "L6MUX21": 6, "PFUMX": 33, "TRELLIS_FF": 133, "DCCA": 1}


def test_the_lifted_netlist_is_the_one_that_was_placed(ecp5_built: Built):
    lifted = ecp5_built.lift(ecp5_built.unpacked)
    comparison = compare(lifted, ecp5_built.routed)
    assert comparison.differences == []
    assert lifted.netlist.count().items() >= CELLS.items()
    assert comparison.cells["TRELLIS_FF"] == 133 and comparison.cells["TRELLIS_IO"] == 129
    assert comparison.pins > 1600 and comparison.nets > 400
    assert all("arc:" in line or "CIB." in line or ":PLC2" in line for line in lifted.unused)


def test_the_lifted_netlist_computes_what_was_synthesized(ecp5_built: Built):
    lifted = ecp5_built.named(ecp5_built.lift(ecp5_built.unpacked).netlist)
    answers, wanted = simulate(lifted), simulate(read(ecp5_built.netlist))
    assert (answers == wanted).all()
    assert (wanted[1:] != wanted[:-1]).any(axis=(0, 1)).all()  # every output changes


def test_the_command_writes_the_netlist_and_compares(ecp5_built: Built, tmp_path):
    told = lift_to_file(ecp5_built.bitstream, PART, tmp_path / "lifted.json", ecp5_built.routed)
    assert "133 TRELLIS_FF" in told and "129 pins in use" in told and "the same as" in told
    assert any(
        cell["type"] == "DP16KD" for cell in read(tmp_path / "lifted.json")["modules"]["lifted"]["cells"].values()
    )


def test_what_has_no_model_lifts_and_a_lost_inverter_is_noticed(tmp_path):
    """Pins in both directions, gated clocks, other edges, asynchronous resets; an inverted write enable gets lost in packing."""
    special = build(tmp_path, SPECIAL)
    lifted = special.lift(special.unpacked)
    modes = [cell.parameters for cell in lifted.netlist.cells.values() if cell.type == "TRELLIS_FF"]
    assert {mode.get("SRMODE") for mode in modes} >= {"ASYNC"} and {mode["CLKMUX"] for mode in modes} == {"CLK", "INV"}
    assert [pad.direction for pad in lifted.pads.values()].count("BIDIR") == 1
    (buffer,) = (cell for cell in lifted.netlist.cells.values() if cell.type == "DCCA")
    assert buffer.inputs["CE"][0].endswith(".O")
    differences = compare(lifted, special.routed).differences
    assert len(differences) == 4 and all("WREMUX is WRE, not INV" in text for text in differences)


@pytest.mark.parametrize(
    ("part", "message"),
    [("LFE5U-85F-6BG381C", "for LFE5U-25F, not LFE5U-85F"), ("LFE5U-99F-6BG381C", "does not know the part")],
)
def test_another_part_is_refused(ecp5_built: Built, tmp_path, part: str, message: str):
    with pytest.raises(UserError, match=message):
        lift_to_file(ecp5_built.bitstream, part, tmp_path / "lifted.json")


def test_a_file_that_is_no_bitstream_is_refused(tmp_path):
    (tmp_path / "wrong.bit").write_bytes(bytes(1000))
    with pytest.raises(UserError, match=r"is no \.bit file of an ECP5"):
        lift_to_file(tmp_path / "wrong.bit", PART, tmp_path / "lifted.json")
    (tmp_path / "wrong.bit").write_bytes(b"\xff\x00\x00\xff\xff\xff\xbd\xb3" + bytes(1000))
    with pytest.raises(UserError, match="this is no bitstream of an ECP5"):
        lift_to_file(tmp_path / "wrong.bit", PART, tmp_path / "lifted.json")


@pytest.mark.parametrize("change", [{"attributes": {}}, {"connections": {"A": 1}}])
def test_a_netlist_that_is_none_of_an_ecp5_is_refused(ecp5_built: Built, tmp_path, change: dict[str, object]):
    cell = {
        "type": "TRELLIS_COMB",
        "parameters": {},
        "attributes": {},
        "port_directions": {},
        "connections": {},
    } | change
    (tmp_path / "routed.json").write_text(json.dumps({"modules": {"top": {"cells": {"lut": cell}}}}))
    with pytest.raises(UserError, match="is no netlist of a design routed for an ECP5"):
        compare(ecp5_built.lift(ecp5_built.unpacked), tmp_path / "routed.json")
