# SPDX-License-Identifier: BSD-3-Clause
"""Block matrix-vector unit: what it reads, cycles, and the RTL against its Python model and the operators that it stands for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.util.basic import qonnx_make_model

from hw_flows.fifo_sizing import TimingModel
from hw_flows.machine.errors import UserError
from hw_flows.operators import RTL_DOMAIN, register
from hw_flows.operators.block_matrix_vector.cases import FRAMES, GRID, ONE, THREE, attributes_of, block_matrix_vector
from hw_flows.operators.block_matrix_vector.stream import layout_of, pack, unpack
from hw_flows.operators.case import Case
from hw_flows.stitch import describe
from hw_flows.testing.operator_bench import FULL_SPEED, build_model, check, check_netlist, reference, rtl_operator


@pytest.mark.parametrize("case", GRID, ids=range(len(GRID)))
def test_the_stream_gives_back_weights_and_thresholds(case: Case) -> None:
    layout = layout_of(case.attributes.__getitem__)
    draw = np.random.default_rng(0)
    ends = -(1 << (layout.weight_bits - 1)), 1 << (layout.weight_bits - 1)
    weights = draw.integers(*ends, (layout.outputs, *layout.kernel, layout.fold * layout.lanes))
    thresholds = np.sort(draw.integers(-9, 9, (layout.outputs, layout.steps)), axis=1)
    stream = pack(layout, weights, thresholds)
    assert stream.size == layout.block_bytes == rtl_operator(case).get_normal_input_shape(1)[2]
    found = unpack(layout, stream)
    np.testing.assert_array_equal(found[0], weights)
    np.testing.assert_array_equal(found[1], thresholds)


def test_a_stream_is_rows_of_thresholds_among_words_of_weights() -> None:
    """Two outputs one at a time, 1x1 of two channels one at a time: two words of four bits, a byte each, and 3 thresholds."""
    attributes = attributes_of((4, 4), 2, ONE, 2, 1, 1, 2, "UINT1", "INT4", 3, result="UINT2", resType="dsp")
    layout = layout_of(attributes.__getitem__)
    assert (layout.passes, layout.rows_before, layout.row_words, layout.sum_bits) == (2, 2, 1, 6)
    weights = np.array([[[[1, -2]]], [[[3, 4]]]])
    thresholds = np.array([[-5, 0, 2], [1, 6, 99]])
    # every sum is 2 too large, 1 for each pass; the middle one, the lowest, a word, the highest, a word
    expected = [2, (-5 + 2) & 63, 1, 2 + 2, -2 & 15, 6 + 2, 1 + 2, 3, 31, 4]
    assert pack(layout, weights, thresholds).tolist() == expected


@pytest.mark.parametrize("resource", ["lut", "dsp"])
@pytest.mark.parametrize(("simd", "columns"), [(1, 0), (4, 0), (2, 0), (12, 1), (3, 1)])
def test_the_model_is_a_convolution_and_thresholds(simd: int, columns: int, resource: str) -> None:
    attributes = attributes_of((5, 4), 4, THREE, 6, simd, 3, 2, ParallelColumns=columns, resType=resource)
    draw = np.random.default_rng(1)
    weights = draw.integers(-8, 8, (6, *THREE, 4))
    thresholds = np.sort(draw.integers(-300, 300, (6, 15)), axis=1)
    images = draw.integers(0, 16, (1, 1, 5, 4, 4))
    layout = layout_of(attributes.__getitem__)
    stream = np.broadcast_to(pack(layout, weights, thresholds), (1, 1, 3, layout.block_bytes))
    case = Case("OpenBlockMVAU_rtl", attributes, data_inputs=2, stimulus=(images, stream))
    (y,) = reference(build_model([case]), [case], 1)["case0_out0"]
    padded = np.pad(images[0, 0], ((1, 1), (1, 1), (0, 0)))
    for row, column, channel in np.ndindex(y.shape[1:]):
        total = (padded[row : row + 3, column : column + 3] * weights[channel]).sum()
        assert y[0, row, column, channel] == (total >= thresholds[channel]).sum()


def test_grid(tmp_path: Path) -> None:
    full_speed, *_ = check(GRID, tmp_path, frames=FRAMES)
    assert full_speed.finished


def test_netlist(tmp_path: Path) -> None:
    check_netlist([GRID[1], GRID[5], GRID[14]], tmp_path)


def test_a_block_whose_weights_come_in_time_is_never_idle(tmp_path: Path) -> None:
    """As many cycles as products, and one between blocks."""
    case = block_matrix_vector((12, 16), 8, THREE, 8, 24, 8, 4, RowsAhead=4, ParallelColumns=1, StreamBytes=8)
    operator = rtl_operator(case)
    products, of_frame = operator.products()
    cycles = operator.get_exp_cycles()
    assert cycles == of_frame // products + operator.blocks()
    (result,) = check([case], tmp_path, frames=FRAMES, modes=(FULL_SPEED,))
    assert result.cycles_per_frame == pytest.approx(cycles, rel=0.01)


@pytest.mark.parametrize(
    ("change", "cycles"),
    [
        ({"StreamBytes": 1}, "the stream gives too few weights"),
        ({"OutputBlocks": 1}, "the results of a block wait for those before"),
        ({"RowsAhead": 0}, "the rows of a block wait for those before"),
    ],
)
def test_idle_cycles_are_counted(change: dict[str, Any], cycles: str, tmp_path: Path) -> None:
    base: dict[str, Any] = {"RowsAhead": 2, "StreamBytes": 16, "OutputBlocks": 2}
    fast, slow = (
        block_matrix_vector((6, 4), 8, ONE, 16, 4, 4, 2, steps=3, result="UINT2", **settings)
        for settings in (base, base | change)
    )
    assert rtl_operator(slow).get_exp_cycles() > rtl_operator(fast).get_exp_cycles(), cycles
    (result,) = check([slow], tmp_path, frames=FRAMES, modes=(FULL_SPEED,))
    assert result.cycles_per_frame == pytest.approx(rtl_operator(slow).get_exp_cycles(), rel=0.05)


@pytest.mark.parametrize(
    ("rows", "ahead", "idle"), [((2, 2), 2, False), ((2, 4), 4, False), ((4, 2), 4, False), ((1, 4), 1, True)]
)
def test_units_in_a_row_work_at_once_if_one_keeps_the_rows_that_the_other_sends(
    rows: tuple[int, int], ahead: int, idle: bool
) -> None:
    register()
    nodes, inputs, cycles = [], ["x"], []
    shapes = dict.fromkeys(("x", "between", "y"), (1, 16, 16, 8))
    for unit, (source, result) in enumerate((("x", "between"), ("between", "y"))):
        attributes = attributes_of((16, 16), 8, THREE, 8, 8, 8, rows[unit], StreamBytes=32)
        attributes["RowsAhead"] = (rows[0], ahead)[unit]
        weights = f"weights{unit}"
        names = {"name": f"unit{unit}", "domain": RTL_DOMAIN, "backend": "fpgadataflow"}
        nodes.append(helper.make_node("OpenBlockMVAU_rtl", [source, weights], [result], **names, **attributes))
        operator = getCustomOp(nodes[-1])
        shapes[weights] = operator.get_normal_input_shape(1)
        inputs.append(weights)
        cycles.append(operator.get_exp_cycles())
    infos = {name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()}
    graph = helper.make_graph(nodes, "two", [infos[name] for name in inputs], [infos["y"]])
    timing = TimingModel(describe(ModelWrapper(qonnx_make_model(graph)), "two")).run({}, 6)
    intervals = np.diff(timing.frame_end)
    assert (intervals[-1] > 1.03 * max(cycles)) if idle else (intervals[-1] == max(cycles))


def test_what_comes_from_memory_in_a_frame() -> None:
    """4 bits a weight and, of each output, 15 thresholds of as many bits as sums have: once for each of four blocks."""
    operator = rtl_operator(block_matrix_vector((16, 16), 16, THREE, 16, 16, 2, 4))
    weights, thresholds = 16 * 9 * 16 * 4, 16 * 15 * 16
    assert operator.layout().sum_bits == 16
    assert operator.dram_bytes() == 4 * (weights + thresholds) // 8


def test_the_first_result_waits_for_a_block_of_rows_and_its_work() -> None:
    assert rtl_operator(block_matrix_vector((16, 4), 4, THREE, 4, 2, 2, 3)).lead(None) == (4 + 3) / 16
    assert rtl_operator(block_matrix_vector((4, 4), 4, THREE, 4, 2, 2, 4)).lead(None) == (4 + 4) / 4


def test_folding_may_choose_rows_lanes_and_columns() -> None:
    operator = rtl_operator(block_matrix_vector((6, 5), 4, THREE, 6, 2, 2, 2))
    choices = [dict(choice) for choice in operator.folding_choices()]
    assert {choice["BlockRows"] for choice in choices} == {1, 2, 4, 6}
    assert {choice["SIMD"] for choice in choices} == {1, 2, 4, 3, 6, 12}
    for choice in choices:
        for name, value in choice.items():
            operator.set_nodeattr(name, value)
        operator.rtl_parameters()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"SIMD": 3}, "SIMD = 3 is not 1 times a divisor of NumChannels = 4"),
        ({"SIMD": 4, "ParallelColumns": 1}, "SIMD = 4 is not 3 times a divisor"),
        ({"PE": 3}, "PE = 3 does not divide MH = 4"),
        ({"BlockRows": 6}, "BlockRows = 6"),
        ({"ImgDim": [5, 1]}, "a block of fewer than 3 pixels"),
        ({"KernelDim": [2, 3]}, r"KernelDim = \[2, 3\] has no middle"),
        ({"numSteps": 256}, "numSteps is 256"),
        ({"outputDataType": "UINT3"}, "outputDataType is UINT3, which cannot hold"),
        ({"weightDataType": "INT9"}, "weightDataType is INT9"),
        ({"inputDataType": "UINT18"}, "inputDataType is UINT18"),
        ({"RowsAhead": -1}, "RowsAhead is -1"),
        ({"StreamBytes": 0}, "StreamBytes"),
    ],
)
def test_bad_parameters_are_named(change: dict, message: str) -> None:
    case = GRID[0]
    operator = rtl_operator(replace(case, attributes={**case.attributes, **change}))
    with pytest.raises(UserError, match=message) as caught:
        operator.rtl_parameters()
    assert "case0" in caught.value.where
