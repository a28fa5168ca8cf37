# SPDX-License-Identifier: BSD-3-Clause
"""Two netlists of the same flip-flops, and the ways in which the second may be another."""

from __future__ import annotations

import pytest

from hw_flows.lift.same_function import compare_functions
from hw_flows.machine.errors import CheckFailed

CLOCK, RESET = 2, 3


def cell(kind, inputs, outputs, **parameters):
    return {
        "type": kind,
        "parameters": parameters,
        "port_directions": {**dict.fromkeys(inputs, "input"), **dict.fromkeys(outputs, "output")},
        "connections": {name: nets if isinstance(nets, list) else [nets] for name, nets in (inputs | outputs).items()},
    }


def flip_flop(d, q, **parameters):
    return cell("FDRE", {"C": CLOCK, "CE": "1", "R": RESET, "D": d}, {"Q": q}, **{"INIT": "0", **parameters})


def system():
    return cell("PS7", {"EMIOGPIOI": [12]}, {"FCLKCLK": [CLOCK], "FCLKRESETN": [RESET]})


def counter():
    """Two bits that count, as a sum of LUTs."""
    return {
        "system": system(),
        "low": flip_flop(10, 11),
        "high": flip_flop(13, 12),
        "not": cell("INV", {"I": 11}, {"O": 10}),
        "sum": cell("LUT2", {"I0": 11, "I1": 12}, {"O": 13}, INIT="0110"),
    }


def with_a_carry_chain():
    """The same two bits, as a carry chain."""
    cells = counter()
    del cells["not"], cells["sum"]
    chain = {"S": [14, 12, "0", "0"], "DI": ["0", "0", "0", "0"], "CI": "0", "CYINIT": "1"}
    cells["lut"] = cell("LUT1", {"I0": 11}, {"O": 14}, INIT="10")
    cells["chain"] = cell("CARRY4", chain, {"O": [10, 13, 15, 16], "CO": [17, 18, 19, 20]})
    return cells


def compared(other, given=None):
    name_of = {"FF_X0Y0": "low", "FF_X0Y1": "high"}
    return compare_functions({"cells": given or counter()}, {"cells": other}, lambda place: name_of.get(place, place))


def test_the_same_function_in_other_cells_is_the_same():
    other = with_a_carry_chain()
    other["FF_X0Y0"], other["FF_X0Y1"] = other.pop("low"), other.pop("high")
    found = compared(other)
    found.require_equal()
    assert (found.elements, found.inputs, found.unread) == (3, 9, 0)
    assert str(found) == "9 inputs of 3 elements with memory, 512 random words each"


def test_another_function_is_told_at_the_input_that_has_it():
    other = with_a_carry_chain()
    other["chain"]["connections"]["CYINIT"] = ["0"]
    assert compared(other).differences == ("high: D[0] is another function", "low: D[0] is another function")
    with pytest.raises(CheckFailed, match="computes something else"):
        compared(other).require_equal()


@pytest.mark.parametrize(
    "wrong, told",
    [
        ({"INIT": "1"}, "low: INIT is 1, not 0"),
        ({"IS_C_INVERTED": "1"}, "low: IS_C_INVERTED is 1, not 0"),
    ],
)
def test_another_setting_of_a_flip_flop_is_told(wrong, told):
    assert compared(counter() | {"low": flip_flop(10, 11, **wrong)}).differences == (told,)


def test_an_element_that_nobody_reads_may_be_missing_and_none_may_be_new():
    unread = {"unread": flip_flop(11, 30)}
    assert compared(counter(), counter() | unread).unread == 1
    assert compared(counter() | unread).differences == ("unread was not in the netlist",)


def test_columns_of_a_slice_of_memory_are_elements():
    address = {f"ADDR{column}": [11, 12, "0", "0", "0"] for column in "ABC"} | {"ADDRD": [12, 11, "0", "0", "0"]}
    data = {f"DI{column}": [10, 13] for column in "ABC"}
    out = {f"DO{column}": [40 + 2 * i, 41 + 2 * i] for i, column in enumerate("ABC")}
    contents = {"INIT_A": "x" * 63 + "0", "INIT_B": "0" * 64, "INIT_C": "10" * 32}
    given = counter() | {"ram": cell("RAM32M", {**address, **data, "WE": "1", "WCLK": CLOCK}, out, **contents)}
    given["system"]["connections"]["EMIOGPIOI"] = [12, 40, 42, 43, 44, 45]
    given["system"]["connections"] |= {"FCLKCLK": [CLOCK]}

    def column(bit, out, init="0" * 32):
        read = {f"DPRA{i}": net for i, net in enumerate(address["ADDRA"])}
        write = {f"A{i}": net for i, net in enumerate(address["ADDRD"])}
        ports = {**read, **write, "D": data["DIA"][bit], "WE": "1", "WCLK": CLOCK}
        return cell("RAM32X1D", ports, {"DPO": out, "SPO": out + 50}, INIT=init)

    parts = {
        "ram/DPR0_0": column(0, 40),
        "ram/DPR1_0": column(0, 42),
        "ram/DPR1_1": column(1, 43),
        "ram/DPR2_0": column(0, 44),
        "ram/DPR2_1": column(1, 45, "1" * 32),
    }
    other = counter() | parts | {"system": given["system"]}
    assert compared(other, given).differences == ()
    assert compared(other, given).unread == 1
    other["ram/DPR1_1"] = column(0, 43)
    assert compared(other, given).differences == ("ram/DPR1_1: data[0] is another function",)
    other["ram/DPR1_1"] = column(1, 43, "1" * 32)
    assert "ram/DPR1_1: INIT is 4294967295, not 0" in compared(other, given).differences


def test_a_deep_memory_is_several_elements_and_a_choice():
    deep = {
        "A": [11, 12, "0", "0", "0", "0", 11],
        "DPRA": [12, 11, "0", "0", "0", "0", 12],
        "D": 10,
        "WE": 13,
        "WCLK": CLOCK,
    }
    given = counter() | {"ram": cell("RAM128X1D", deep, {"DPO": 40, "SPO": 41}, INIT="0" * 128)}
    given["system"]["connections"]["EMIOGPIOI"] = [12, 40]

    def part(enable, out, init="0" * 64):
        read = {f"DPRA{i}": net for i, net in enumerate(deep["DPRA"][:6])}
        write = {f"A{i}": net for i, net in enumerate(deep["A"][:6])}
        return cell(
            "RAM64X1D",
            {**read, **write, "D": 10, "WE": enable, "WCLK": CLOCK},
            {"DPO": out, "SPO": out + 50},
            INIT=init,
        )

    other = counter() | {
        "system": given["system"],
        "ram/DPR0": part(50, 60),
        "ram/DPR1": part(51, 61),
        "lower": cell("LUT2", {"I0": 13, "I1": 11}, {"O": 50}, INIT="0010"),
        "upper": cell("LUT2", {"I0": 13, "I1": 11}, {"O": 51}, INIT="1000"),
        "choice": cell("MUXF7", {"I0": 60, "I1": 61, "S": 12}, {"O": 40}),
    }
    found = compared(other, given)
    assert found.differences == () and found.unread == 2
    other["ram/DPR0"], other["ram/DPR1"] = part(51, 60), part(50, 61)
    assert compared(other, given).differences == (
        "ram/DPR0: WE[0] is another function",
        "ram/DPR1: WE[0] is another function",
    )


def test_a_cell_that_is_not_known_is_told():
    with pytest.raises(CheckFailed, match="cells of type FIFO36E1 have no comparison"):
        compared(counter() | {"fifo": cell("FIFO36E1", {}, {})})
