# SPDX-License-Identifier: BSD-3-Clause
"""Sliding window against QONNX' Im2Col: kernels, strides, folds and buffers of all kinds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_flows.machine.errors import UserError
from hw_flows.operators.sliding_window.cases import GRID, PARALLEL, window
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


def test_equals_the_model_and_takes_one_cycle_per_output_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 8 * 6 * 9 * 2


def test_parallel_windows_take_a_cycle_per_word_of_a_column(tmp_path):
    full_speed, *_ = check(PARALLEL, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(PARALLEL[0]).get_exp_cycles() == 8 * 8 * 3


def test_one_word_more_than_a_window_spans_is_room_enough(tmp_path, monkeypatch):
    # A stride beyond the kernel: a step within the frame frees more words than the buffer holds.
    cases = [
        window([3, 3], [1, 1], [2, 2], 2, 1, "INT4"),
        window([5, 5], [1, 1], [2, 2], 6, 2, "INT4"),
        window([2, 6], [1, 1], [1, 5], 2, 2, "INT4"),
        window([7, 8], [3, 2], [4, 3], 2, 1, "INT4"),
        window([4, 5], [2, 2], [1, 1], 2, 1, "INT4"),
        window([6, 7], [2, 3], [1, 1], 4, 2, "INT4", (3, 2)),
    ]
    operator = type(rtl_operator(cases[0]))
    monkeypatch.setattr(operator, "_line_buffer", lambda self, width: (self._geometry()[0] + 1, False))
    assert [rtl_operator(case).rtl_parameters()["DEPTH"] for case in cases] == [3, 4, 2, 37, 15, 53]
    check(cases, tmp_path)


def test_netlist_equals_the_model(tmp_path):
    cases = [
        window([6, 7], [3, 3], [1, 1], 4, 4, "INT5", ram_style="block"),
        window([9, 8], [3, 2], [4, 3], 2, 1, "INT4", ram_style="distributed"),
        window([6, 7], [3, 3], [1, 1], 4, 4, "INT5", parallel_window=1),
        window([9, 8], [3, 2], [1, 2], 4, 2, "INT4", (2, 3)),
    ]
    check_netlist(cases, tmp_path)


@given(
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    more=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    folding=st.sampled_from([(1, 1), (8, 1), (8, 2), (8, 8), (64, 4)]),
    style=st.sampled_from(["auto", "block", "distributed"]),
)
def test_the_line_buffer_holds_a_window_and_the_way_to_the_next_one(kernel, stride, more, folding, style):
    image = [k + m for k, m in zip(kernel, more, strict=True)]
    operator = rtl_operator(window(image, list(kernel), list(stride), *folding, "INT4", ram_style=style))
    p = operator.rtl_parameters()
    span = ((p["KERNEL_H"] - 1) * p["WIDTH"] + p["KERNEL_W"]) * p["FOLD"]
    assert p["DEPTH"] >= span + p["STRIDE_W"] * p["FOLD"]
    assert p["BLOCK_RAM"] == {"block": 1, "distributed": 0}.get(style, p["BLOCK_RAM"])


def test_a_short_buffer_takes_no_block_memory():
    assert rtl_operator(window([18, 10], [3, 3], [1, 1], 8, 8, "UINT4")).cost().bram36 == 0
    assert rtl_operator(window([130, 130], [3, 3], [1, 1], 8, 8, "UINT4")).cost().bram36 == 0.5


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (window([4, 4], [3, 3], [1, 1], 6, 4, "INT3"), "SIMD = 4 does not divide IFMChannels = 6"),
        (window([4, 4], [3, 3], [1, 1], 6, 2, "INT3", Dilation=[2, 2]), "Dilation"),
        (window([4, 4], [3, 3], [1, 1], 6, 2, "INT3", Dilation=[0, 1]), "Dilation"),
        (window([9, 9], [3, 3], [1, 1], 6, 6, "INT3", (2, 2), parallel_window=1), "parallel_window = 1 with Dilation"),
        (window([4, 4], [3, 3], [1, 1], 6, 2, "INT3", depthwise=1), "depthwise"),
        (window([4, 4], [3, 3], [1, 1], 6, 2, "INT3", parallel_window=1), "parallel_window = 1 with SIMD = 2"),
        (window([4, 4], [3, 3], [1, 1], 6, 2, "INT3", OFMDim=[3, 3]), "OFMDim"),
        (window([4, 4], [3, 5], [1, 1], 6, 2, "INT3"), "ConvKernelDim"),
        (window([4, 4], [3, 3], [1, 1], 6, 2, "INT3", Stride=[0, 1]), "Stride"),
        (window([4, 4], [3, 3], [1, 1], 6, 2, "BIPOLAR"), "BIPOLAR"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()
