# SPDX-License-Identifier: BSD-3-Clause
"""The cost models against what synthesis counted for the configurations in `benchmarks/data/cost_model.csv`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qonnx.custom_op.registry import getCustomOp

from hw_flows.operators.case import Case
from hw_flows.operators.memory import bank_luts, multiplexer_luts, ram_luts, ramb18, rom_ramb18, varying_bits
from hw_flows.stitch import describe
from hw_flows.testing.operator_bench import build_model

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
#: Largest mean error of the LUTs that a kind of operator may have; ConvolutionInputGenerator has coefficients of its own.
LIMITS = {"OpenMVAU_rtl": 0.07, "OpenThresholding_rtl": 0.07, "OpenConvolutionInputGenerator_rtl": 0.4}


@pytest.fixture
def rows(monkeypatch):
    """Prediction and count of every configuration; a file of another grid ends the test with what to do."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    import cost_model

    accelerator = describe(build_model(cost_model.configurations()), "grid")
    counted = cost_model.data_of(accelerator)
    return [
        cost_model.Row(i.op_type, cost_model.configuration(i), cost_model.predicted(i.cost), counted[cost_model.key(i)])
        for i in accelerator.instances
    ]


def test_luts_are_predicted_within_a_few_percent(rows):
    for op_type in {row.op_type for row in rows}:
        errors = [row.predicted["LUT"] / row.counted["LUT"] - 1 for row in rows if row.op_type == op_type]
        assert np.abs(errors).mean() < LIMITS.get(op_type, 0.05), op_type
    assert sum(r.predicted["LUT"] for r in rows) == pytest.approx(sum(r.counted["LUT"] for r in rows), rel=0.03)


def test_block_ram_and_dsps_are_predicted_to_the_unit(rows):
    wrong = [row for row in rows for name in ("BRAM36", "DSP") if row.predicted[name] != row.counted[name]]
    assert wrong == []
    assert sum(row.counted["BRAM36"] > 0 for row in rows) > 20, "the grid has block RAM"


def test_luts_used_as_memory_are_predicted_to_the_unit_but_for_chance_shift_registers(rows):
    wrong = [row for row in rows if row.predicted["LUTRAM"] != row.counted["LUTRAM"]]
    assert len(wrong) <= 1 and all("Thresholding" in row.op_type for row in wrong)


@pytest.mark.parametrize(("inputs", "luts"), [(1, 0), (2, 1), (4, 1), (5, 3), (8, 3), (16, 5)])
def test_multiplexers_are_trees_of_four_inputs(inputs, luts):
    assert multiplexer_luts(inputs) == luts


def test_memories_take_the_cheapest_shape():
    assert (ramb18(512, 36), ramb18(513, 36), ramb18(513, 18)) == (1, 2, 1)
    assert ramb18(2304, 48) == 9 and rom_ramb18(2304, 48) == 7, "banks of a read-only memory share a block's width"
    assert ram_luts(32, 6) == 4 and ram_luts(64, 3) == 4 and ram_luts(72, 48) == 96
    assert bank_luts(64, 3) == 0 < bank_luts(65, 3)


def test_bits_that_never_change_need_no_memory():
    assert varying_bits("f\n7\n5\n") == 2
    assert varying_bits("a\na\n") == 0


def test_known_contents_save_memory_that_folding_must_reckon_with():
    weights = np.random.default_rng(0).integers(0, 2, (144, 16))  # of INT3: two of three bits never set
    case = Case(
        "OpenMVAU_rtl",
        {
            "MW": 144,
            "MH": 16,
            "SIMD": 12,
            "PE": 8,
            "inputDataType": "UINT3",
            "weightDataType": "INT3",
            "outputDataType": "INT12",
            "accDataType": "INT12",
            "numInputVectors": [1, 2, 2],
            "noActivation": 1,
            "ram_style": "block",
        },
        ((weights, "INT3"),),
    )
    model = build_model([case])
    operator = getCustomOp(model.graph.node[0])
    assert operator.cost().bram36 == rom_ramb18(24, 288) / 2 == 4
    assert operator.cost_of(model).bram36 == rom_ramb18(24, 96) / 2 == 1.5
    assert describe(model).instances[0].cost["bram36"] == 1.5
