# SPDX-License-Identifier: BSD-3-Clause
"""The SystemVerilog modules of the operators by themselves: lint, and what a bad parameter gets."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from hw_flows.tools import package_folder
from tests.hw_flows.operators import (
    test_concat,
    test_fifo,
    test_fork,
    test_matrix_vector,
    test_max_pool,
    test_padding,
    test_pixel_shuffle,
    test_sliding_window,
    test_thresholding,
    test_upsample,
    test_width_converter,
)
from tests.hw_flows.operators.harness import rtl_operator

GRIDS = {
    "qu_padding": test_padding.GRID,
    "qu_sliding_window": [*test_sliding_window.GRID, *test_sliding_window.PARALLEL],
    "qu_max_pool": test_max_pool.GRID,
    "qu_upsample": test_upsample.GRID,
    "qu_pixel_shuffle": test_pixel_shuffle.GRID,
    "qu_fork_stream": test_fork.GRID,
    "qu_concat": test_concat.GRID,
    "qu_fifo": test_fifo.GRID,
    "qu_width_converter": test_width_converter.GRID,
    "qu_thresholding": test_thresholding.GRID,
    "qu_matrix_vector": test_matrix_vector.GRID,
}


def lint(case, replaced: Mapping[Path, Path] | None = None, **overrides):
    """Verilator's lint with all warnings for the parameters of a case; `replaced`: other files for some sources."""
    operator = rtl_operator(case)
    verilator = package_folder("verilator")
    parameters = {**operator.rtl_parameters(), **overrides}
    command = [verilator / "bin" / "verilator_bin", "--lint-only", "-Wall", "--top-module", operator.module]
    command += [f"-G{name}={value}" for name, value in parameters.items()]
    return subprocess.run(
        [*command, *((replaced or {}).get(source, source) for source in operator.sources)],
        env={"VERILATOR_ROOT": str(verilator)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("module", GRIDS)
def test_lint_is_silent_for_all_parameters(module):
    for case in GRIDS[module]:
        result = lint(case)
        assert result.returncode == 0 and "%Warning" not in result.stderr, f"{case}\n{result.stderr}"


@pytest.mark.parametrize(
    ("module", "bad", "message"),
    [
        ("qu_padding", {"FOLD": 0}, "FOLD must be at least 1"),
        ("qu_padding", {"WIDTH": 0}, "HEIGHT and WIDTH must be at least 1"),
        ("qu_sliding_window", {"KERNEL_H": 11}, "KERNEL_H (11) and KERNEL_W (3)"),
        ("qu_sliding_window", {"DEPTH": 38}, "DEPTH (38) must be more than the span of a window (38)"),
        ("qu_sliding_window", {"STRIDE_W": 0}, "STRIDE_H and STRIDE_W must be at least 1"),
        ("qu_max_pool", {"WIDTH": 7}, "WIDTH (7) must be a multiple of KERNEL_W (2)"),
        ("qu_max_pool", {"IS_SIGNED": 2}, "IS_SIGNED (2) must be 0 or 1"),
        ("qu_upsample", {"SCALE_H": 0}, "SCALE_H and SCALE_W must be at least 1"),
        ("qu_pixel_shuffle", {"BLOCK_H": 0}, "BLOCK_H must be at least 1"),
        ("qu_pixel_shuffle", {"GROUP": 0}, "GROUP and WIDTH must be at least 1"),
        ("qu_fork_stream", {"OUTPUTS": 0}, "OUTPUTS must be at least 1"),
        ("qu_concat", {"OUT_BITS": 3}, "BITS_0 (4) and BITS_1 (4) must be at least 1 and at most OUT_BITS (3)"),
        ("qu_concat", {"FOLD_1": 0}, "FOLD_0 and FOLD_1 must be at least 1"),
        ("qu_fifo", {"DEPTH": 0}, "DEPTH (0) must be at least 1"),
        ("qu_fifo", {"STYLE": 3}, "STYLE (3) must be 0, 1 or 2"),
        ("qu_width_converter", {"OUT_WIDTH": 0}, "OUT_WIDTH (0) must be at least 1"),
        ("qu_thresholding", {"WITHIN_STAGES": 9}, "WITHIN_STAGES (9) + BLOCK_STAGES (0)"),
        ("qu_thresholding", {"FOLD": 0}, "FOLD (0) must be at least 1"),
        ("qu_matrix_vector", {"SIMD": 4}, "SIMD (4) must divide MW (9)"),
        ("qu_matrix_vector", {"PE": 3}, "PE (3) must divide MH (4)"),
        ("qu_matrix_vector", {"CHAIN": 10}, "CHAIN (10) must be 1 to SIMD (9)"),
    ],
)
def test_a_bad_parameter_is_named_with_its_instance(module, bad, message):
    result = lint(GRIDS[module][0], **bad)
    assert result.returncode != 0
    assert message in result.stderr and f"In instance '{module}" in result.stderr, result.stderr
