# SPDX-License-Identifier: BSD-3-Clause
"""The routing graph of nextpnr's chip database."""

from __future__ import annotations

import pytest

from hw_flows.lift.ecp5.chip import Chip
from hw_flows.lift.ecp5.lift import read_databases


@pytest.fixture(scope="module")
def chip() -> Chip:
    return read_databases("LFE5U-25F")[0]


def test_tiles_have_their_places(chip: Chip):
    assert (chip.width, chip.height) == (73, 51)
    assert chip.tiles["R10C20:PLC2"] == (20, 10, "PLC2")
    assert chip.bels(20, 10)[:4] == ("SLICEA.K0", "SLICEA.FF0", "SLICEA.K1", "SLICEA.FF1")


@pytest.mark.parametrize("name", ["A0", "E1_H01E0001", "N1_V02S0501", "S3_V06N0003", "W3_H06E0103"])
def test_a_wire_has_the_name_that_a_tile_gives_it(chip: Chip, name: str):
    wire = chip.wire(20, 10, name)
    assert wire is not None and chip.name_from(20, 10, wire) == name


def test_a_switch_leads_from_wire_to_wire(chip: Chip):
    pip = chip.switch(20, 10, "A0", "E1_H01E0001")
    assert pip is not None and (pip.sink, pip.source) == (chip.wire(20, 10, "A0"), chip.wire(21, 10, "H01E0001"))
    assert pip.tile_type == "PLC2" and not pip.fixed
    assert chip.switch(20, 10, "A0", "Q0") is None


def test_the_clock_tree_comes_from_a_column_of_taps(chip: Chip):
    way = chip.clock_way(23, 10)
    assert (way.tap_column, way.tap_side, way.quadrant) == (22, "R", "UL")
    assert chip.switch(22, 10, "R_HPBX0000", "G_VPTX0000") is not None
