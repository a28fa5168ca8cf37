# SPDX-License-Identifier: BSD-3-Clause
"""A family is found by its folder, and tells of every cell what it costs, computes and how it is simulated."""

from __future__ import annotations

import pytest

from hw_flows.families import available_families, find_family
from hw_flows.families.resources import Resources
from hw_flows.machine.errors import UserError

FAMILIES = [find_family(name) for name in available_families()]


def test_the_folders_are_the_families():
    assert {"ecp5", "xc7", "xcup"} <= set(available_families())
    assert [family.name for family in FAMILIES] == list(available_families())


def test_an_unknown_family_is_answered_with_the_list():
    with pytest.raises(UserError, match=r"no device family 'ice40'") as caught:
        find_family("ice40")
    assert "ecp5, xc7, xcup" in caught.value.fix


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_is_whole(family):
    everywhere = {"LUT", "FF", "LUTRAM", "BRAM36", "DSP"}
    assert everywhere <= set(family.units) <= everywhere | {"URAM"}
    assert ("URAM" in family.units) == any(device.URAM for device in family.devices.values())
    assert any(cell.cost is not None and cell.cost.BRAM36 for cell in family.cells.values())
    assert any(cell.cost is not None and cell.cost.DSP for cell in family.cells.values())
    assert family.devices


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_simulation_models_have_a_module_for_every_cell_with_a_program(family, tmp_path):
    models = family.write_cell_models(tmp_path / "cells.v").read_text()
    missing = [cell for cell in family.programs if f"module {cell}(" not in models.replace(" (", "(")]
    assert set(missing) <= {"BUF"}  # a buffer that Yosys makes of an assignment, no cell of a library


def test_a_device_without_ultra_ram_says_nothing_of_it_and_takes_none():
    small, large = find_family("xcup").devices["xczu3eg"], find_family("xcup").devices["xczu7ev"]
    assert "URAM" not in small.model_dump() and large.model_dump()["URAM"] == 96
    assert not Resources(URAM=1).fits(small) and Resources(URAM=96).fits(large)


def test_the_longest_device_name_that_fits_is_the_parts():
    xc7 = find_family("xc7")
    assert xc7.budget("xc7z020clg400-1") == xc7.budget("xc7z020clg484-1") == xc7.devices["xc7z020"]
    assert xc7.budget("xc7z007sclg400-1").DSP == 66
    with pytest.raises(UserError, match="no device 'xc6slx9'") as caught:
        xc7.budget("xc6slx9")
    assert "give the `budget`" in caught.value.fix
