# SPDX-License-Identifier: BSD-3-Clause
"""Products with what stands before and behind them become DSP48E2 slices that compute what the RTL says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level.simulator import LANES, NetlistSimulator
from tests.hw_flows.gate_level.test_mapped_rtl import synthesize

XCUP = find_family("xcup")
INPUTS, OUTPUTS, CYCLES = 80, ("wrapped", "wide", "widest", "biased", "chained"), 200
#: `widest` is the sum whose carry a DSP48E1 drops and a DSP48E2 does not.
SOURCE = """
module mapped (
    input wire clk_i, input wire [79:0] x,
    output logic [47:0] wrapped, wide, widest, biased, output logic [35:0] chained);
  wire signed [7:0] a = x[7:0], b = x[15:8];
  wire signed [9:0] c = x[25:16], f = x[35:26];
  wire signed [24:0] d = x[54:30], e = x[79:55];
  logic signed [7:0] a_q, b_q, wrapped_sum;
  logic signed [8:0] wide_sum;
  logic signed [24:0] widest_sum, d_q;
  logic signed [9:0] c_q, f_q, f_qq;
  logic signed [47:0] p_wrapped, p_wide, p_widest, p_biased, first, second;
  always_ff @(posedge clk_i) begin
    wrapped_sum <= a + b;
    wide_sum <= 9'(a) + 9'(b);
    widest_sum <= d + e;
    {a_q, b_q, c_q, d_q, f_q} <= {a, b, c, d, f};
    p_wrapped <= wrapped_sum * c_q;
    p_wide <= wide_sum * c_q;
    p_widest <= widest_sum * c_q;
    p_biased <= a_q * c_q;
    first <= d_q * c_q;
    f_qq <= f_q;
    {wrapped, wide, widest} <= {p_wrapped, p_wide, p_widest};
    biased <= p_biased + 48'd128;
    second <= b_q * f_q;
    chained <= 36'(first + second);
  end
endmodule
"""


@pytest.fixture(scope="module")
def mapped(tmp_path_factory) -> Netlist:
    folder = tmp_path_factory.mktemp("mapped")
    (folder / "mapped.sv").write_text(SOURCE, encoding="utf-8")
    return synthesize(folder, XCUP)


def number(bits: np.ndarray) -> int:
    value = sum(int(bit) << i for i, bit in enumerate(bits))
    return value - (1 << len(bits)) if bits[-1] else value


def wrapped(value: int, bits: int) -> int:
    return (value + (1 << (bits - 1))) % (1 << bits) - (1 << (bits - 1))


EXPECTED: dict[str, Callable[[int, int, int, int, int, int], int]] = {
    "wrapped": lambda a, b, c, d, e, f: wrapped(a + b, 8) * c,
    "wide": lambda a, b, c, d, e, f: (a + b) * c,
    "widest": lambda a, b, c, d, e, f: wrapped(d + e, 25) * c,
    "biased": lambda a, b, c, d, e, f: a * c + 128,
    "chained": lambda a, b, c, d, e, f: d * c + b * f,
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_netlist_computes_what_the_rtl_says(mapped, output):
    x = np.random.default_rng(1).integers(0, 2, (CYCLES, LANES, INPUTS)).astype(np.uint8)
    y = NetlistSimulator(mapped, XCUP).trace({"x": x})[output]
    fields = ((0, 8), (8, 16), (16, 26), (30, 55), (55, 80), (26, 36))
    for cycle in range(3, CYCLES):
        for lane in range(LANES):
            operands = [number(x[cycle - 3, lane, low:high]) for low, high in fields]
            assert number(y[cycle, lane]) == EXPECTED[output](*operands), (cycle, lane)


def test_registers_and_adders_behind_a_product_are_in_the_slice(mapped):
    counted = mapped.count()
    assert counted["DSP48E2"] == 6
    assert counted.get("FDRE", 0) == 0, "every register is one of a slice"
    slices = [cell for cell in mapped.cells() if cell.type == "DSP48E2"]
    assert {cell.parameter("AMULTSEL") for cell in slices} == {"A"}, "the pre-adder is left out"


def test_a_sum_of_products_goes_from_slice_to_slice(mapped):
    given = {
        net for cell in mapped.cells() if cell.type == "DSP48E2" for net in cell.output("PCOUT", 48) if net is not None
    }
    taken = [cell.input("PCIN", 48) for cell in mapped.cells() if cell.type == "DSP48E2"]
    assert given and any(set(nets) == given for nets in taken)
