# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from hw_flows.families import find_family
from hw_flows.operators.case import Case
from hw_flows.operators.fifo.rtl import BLOCK, DISTRIBUTED, SHIFT
from hw_flows.steps.set_fifo_depths import _avoid_shift_registers
from hw_flows.testing.operator_bench import rtl_operator


def fifo(depth: int, style: str = "auto"):
    shape = [1, 4, 4, 2, 3]
    attributes = {
        "depth": depth,
        "folded_shape": shape,
        "normal_shape": [1, 4, 4, 6],
        "dataType": "UINT4",
        "ram_style": style,
    }
    return rtl_operator(Case("OpenStreamingFIFO_rtl", attributes))


def test_an_ecp5_has_no_shift_registers_to_waste():
    deepest = find_family("ecp5").deepest_shift_register
    assert deepest is not None and find_family("xc7").deepest_shift_register is None
    shallow, deep, large = fifo(deepest), fifo(20), fifo(5000)
    assert [f.storage() for f in (shallow, deep, large)] == [SHIFT, SHIFT, BLOCK]
    _avoid_shift_registers([f.onnx_node for f in (shallow, deep, large)], deepest)
    assert [f.storage() for f in (shallow, deep, large)] == [SHIFT, DISTRIBUTED, BLOCK]
