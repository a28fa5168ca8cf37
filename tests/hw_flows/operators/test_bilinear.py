# SPDX-License-Identifier: BSD-3-Clause
"""Bilinear upsampling: the whole numbers against PyTorch's interpolation, the hardware against them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from hw_flows.machine.errors import UserError
from hw_flows.operators.bilinear.axis import InterpolatedAxis, find_axis
from hw_flows.operators.bilinear.cases import GRID, bilinear
from hw_flows.testing.operator_bench import check, check_netlist, rtl_operator


@given(size=st.integers(1, 12), more=st.integers(0, 24), corners=st.booleans())
@settings(deadline=None)
def test_an_axis_is_what_pytorch_interpolates(size: int, more: int, corners: bool) -> None:
    x = np.random.default_rng(0).integers(-100, 100, (1, 1, size, 1))
    axis = find_axis(size, size + more, "align_corners" if corners else "half_pixel")
    assert axis is not None
    blended = axis.blend(x, 2)
    assert blended.dtype.kind == "i", "whole numbers stay whole"
    expected = functional.interpolate(
        torch.tensor(x, dtype=torch.float64), size=(size + more, 1), mode="bilinear", align_corners=corners
    )
    np.testing.assert_allclose(blended / axis.parts, expected.numpy(), rtol=0, atol=1e-10)


def test_twice_the_size_is_in_quarters_and_corners_in_parts_of_the_size() -> None:
    assert find_axis(32, 64, "half_pixel") == InterpolatedAxis(32, 64, 2, 4, 1)
    assert find_axis(32, 128, "half_pixel") == InterpolatedAxis(32, 128, 2, 8, 3)
    assert find_axis(32, 64, "align_corners") == InterpolatedAxis(32, 64, 31, 63, 0)
    assert find_axis(32, 64, "tf_crop_and_resize") is None
    assert find_axis(32, 31, "half_pixel") is None


def test_the_output_has_the_bits_that_its_largest_value_needs() -> None:
    assert rtl_operator(bilinear([4, 4], [8, 8], 1, 1, "UINT4")).get_output_datatype().name == "UINT8"
    assert rtl_operator(bilinear([4, 4], [12, 12], 1, 1, "UINT4")).get_output_datatype().name == "UINT8"  # 9 * 15
    assert rtl_operator(bilinear([4, 4], [8, 8], 1, 1, "INT4")).get_output_datatype().name == "INT8"
    assert rtl_operator(bilinear([4, 4], [4, 4], 1, 1, "BINARY")).get_output_datatype().name == "BINARY"


def test_equals_the_model_and_takes_one_cycle_per_output_word(tmp_path):
    full_speed, *_ = check(GRID, tmp_path)
    assert full_speed.cycles_per_frame == rtl_operator(GRID[0]).get_exp_cycles() == 12 * 10 * 3


def test_netlist_equals_the_model(tmp_path):
    cases = [
        bilinear([3, 4], [6, 8], 4, 2, "UINT4"),
        bilinear([3, 4], [6, 8], 2, 1, "INT3", "align_corners"),
        bilinear([2, 40], [4, 80], 64, 2, "UINT4"),
    ]
    check_netlist(cases, tmp_path)


def test_its_output_waits_for_half_a_row_and_a_pixel() -> None:
    lead = rtl_operator(bilinear([8, 8], [16, 16], 4, 2, "UINT4")).lead(None)
    assert 0.5 / 8 < lead < 1 / 8


@pytest.mark.parametrize(
    ("case", "named"),
    [
        (bilinear([4, 4], [8, 8], 6, 4, "INT3"), "SIMD = 4 does not divide NumChannels = 6"),
        (bilinear([4, 4], [8, 8], 6, 2, "FLOAT32"), "FLOAT32"),
        (bilinear([99, 99], [198, 198], 6, 2, "INT12", "align_corners"), "its results have 28 bits"),
    ],
)
def test_unusable_attributes_are_named(case, named):
    with pytest.raises(UserError, match=r"(?s)" + named + ".*node case"):
        rtl_operator(case).rtl_parameters()


def test_axes_that_do_not_fit_are_named() -> None:
    case = bilinear([4, 4], [8, 8], 6, 2, "INT3")
    for attribute, value, named in (
        ("OutDim", [8, 3], "makes the image smaller"),
        ("Before", [1, 4], "makes the image smaller"),
        ("Steps", [1, 2], "its last output pixel"),
        ("Parts", [4], "Parts"),
    ):
        case.attributes[attribute], kept = value, case.attributes[attribute]
        with pytest.raises(UserError, match=named):
            rtl_operator(case).rtl_parameters()
        case.attributes[attribute] = kept
