# SPDX-License-Identifier: BSD-3-Clause
import pytest

from hw_flows.boards import load_board
from hw_flows.families import find_family
from hw_flows.families.resources import Resources
from hw_flows.synthesize.cells import count_resources

ECP5 = find_family("ecp5")
XC7 = find_family("xc7")


def test_luts_include_those_used_as_memory_and_as_shift_registers():
    logic = {"LUT6": 10, "LUT2": 5, "INV": 1, "CARRY4": 4, "MUXF7": 2, "FDRE": 7}
    cells = {**logic, "RAM32M": 2, "RAM64X1D": 1, "SRL16E": 3}
    counted = count_resources(cells, XC7)
    assert counted == Resources(LUT=16 + 8 + 2 + 3, FF=7, LUTRAM=8 + 2 + 3, SRL=3)


def test_half_blocks_of_ram_add_up():
    assert count_resources({"RAMB18E1": 3, "RAMB36E1": 2, "DSP48E1": 4}, XC7) == Resources(BRAM36=3.5, DSP=4)
    assert count_resources({"DP16KD": 3, "MULT18X18D": 1, "CCU2C": 2}, ECP5) == Resources(LUT=4, BRAM36=1.5, DSP=1)


def test_an_unmapped_cell_is_not_taken_for_free():
    with pytest.raises(KeyError, match="_DLATCH_P_"):
        count_resources({"LUT6": 1, "$_DLATCH_P_": 1}, XC7)
    with pytest.raises(KeyError):
        count_resources({"LUT6": 1}, ECP5)


@pytest.mark.parametrize("resource", ["LUT", "FF", "LUTRAM", "BRAM36", "DSP"])
def test_a_design_fits_up_to_the_last_one_of_each_resource(resource):
    budget = load_board("pynq-z2").budget
    available = getattr(budget, resource)
    assert Resources(**{resource: available}).fits(budget)
    assert not Resources(**{resource: available + 0.5}).fits(budget)
