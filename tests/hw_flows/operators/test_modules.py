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
    "padding": test_padding.GRID,
    "sliding_window": [*test_sliding_window.GRID, *test_sliding_window.PARALLEL],
    "max_pool": test_max_pool.GRID,
    "upsample": test_upsample.GRID,
    "pixel_shuffle": test_pixel_shuffle.GRID,
    "fork_stream": test_fork.GRID,
    "concat": test_concat.GRID,
    "fifo": test_fifo.GRID,
    "width_converter": test_width_converter.GRID,
    "thresholding": test_thresholding.GRID,
    "matrix_vector": test_matrix_vector.GRID,
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
        ("padding", {"FOLD": 0}, "FOLD must be at least 1"),
        ("padding", {"WIDTH": 0}, "HEIGHT and WIDTH must be at least 1"),
        ("sliding_window", {"KERNEL_H": 11}, "KERNEL_H (11) and KERNEL_W (3)"),
        ("sliding_window", {"DEPTH": 38}, "DEPTH (38) must be more than the span of a window (38)"),
        ("sliding_window", {"STRIDE_W": 0}, "STRIDE_H and STRIDE_W must be at least 1"),
        ("max_pool", {"WIDTH": 7}, "WIDTH (7) must be a multiple of KERNEL_W (2)"),
        ("max_pool", {"IS_SIGNED": 2}, "IS_SIGNED (2) must be 0 or 1"),
        ("upsample", {"SCALE_H": 0}, "SCALE_H and SCALE_W must be at least 1"),
        ("pixel_shuffle", {"BLOCK_H": 0}, "BLOCK_H must be at least 1"),
        ("pixel_shuffle", {"GROUP": 0}, "GROUP and WIDTH must be at least 1"),
        ("fork_stream", {"OUTPUTS": 0}, "OUTPUTS must be at least 1"),
        ("concat", {"OUT_BITS": 3}, "BITS_0 (4) and BITS_1 (4) must be at least 1 and at most OUT_BITS (3)"),
        ("concat", {"FOLD_1": 0}, "FOLD_0 and FOLD_1 must be at least 1"),
        ("fifo", {"DEPTH": 0}, "DEPTH (0) must be at least 1"),
        ("fifo", {"STYLE": 3}, "STYLE (3) must be 0, 1 or 2"),
        ("width_converter", {"OUT_WIDTH": 0}, "OUT_WIDTH (0) must be at least 1"),
        ("thresholding", {"WITHIN_STAGES": 9}, "WITHIN_STAGES (9) + BLOCK_STAGES (0)"),
        ("thresholding", {"FOLD": 0}, "FOLD (0) must be at least 1"),
        ("matrix_vector", {"SIMD": 4}, "SIMD (4) must divide MW (9)"),
        ("matrix_vector", {"PE": 3}, "PE (3) must divide MH (4)"),
        ("matrix_vector", {"CHAIN": 10}, "CHAIN (10) must be 1 to SIMD (9)"),
    ],
)
def test_a_bad_parameter_is_named_with_its_instance(module, bad, message):
    result = lint(GRIDS[module][0], **bad)
    assert result.returncode != 0
    assert any(message in line and module in line for line in result.stderr.splitlines()), result.stderr
