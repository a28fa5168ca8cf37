# SPDX-License-Identifier: BSD-3-Clause
"""All modules of the reader, and the written one, pass Verilator's lint with all warnings; bad parameters do not."""

from __future__ import annotations

import pytest

from hw_flows.testing.lint import lint_module
from hw_flows.weight_memory.write import MODULE, SOURCES, ReaderOptions, write_reader
from tests.hw_flows.weight_memory.networks import image_of

FINE: list[tuple[str, dict[str, int]]] = [
    ("qu_weight_requests", {"STREAMS": 5, "BURST": 8, "DEPTH": 64}),
    ("qu_weight_check", {"STREAMS": 1}),
    ("qu_weight_store", {"STREAMS": 5}),
    ("qu_weight_unpack", {"STREAM_BITS": 12}),
    ("qu_weight_unpack", {"STREAM_BITS": 64}),
    ("qu_weight_unpack", {"STREAM_BITS": 144, "WORDS": 1}),
    ("qu_weight_frames", {"STREAMS": 1, "FRAME_BITS": 1}),
    ("qu_weight_gate", {"PORTS": 3}),
    ("qu_weight_port", {"STREAMS": 1}),
    ("qu_weight_port", {"STREAMS": 7}),
]
WRONG: list[tuple[str, dict[str, int], str]] = [
    ("qu_weight_requests", {"BURST": 12}, "BURST"),
    ("qu_weight_requests", {"DEPTH": 24}, "DEPTH"),
    ("qu_weight_requests", {"HEAD": 16}, "HEAD"),
    ("qu_weight_requests", {"BLOCK_BITS": 30}, "BLOCK_BITS"),
    ("qu_weight_store", {"DEPTH": 12}, "DEPTH"),
    ("qu_weight_unpack", {"WORDS": 0}, "WORDS"),
    ("qu_weight_gate", {"PORTS": 0}, "PORTS"),
]


@pytest.mark.parametrize("module, parameters", FINE)
def test_modules_pass_the_linter(module: str, parameters: dict[str, int]) -> None:
    run = lint_module(module, SOURCES, parameters)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("module, parameters, named", WRONG)
def test_wrong_parameters_are_named(module: str, parameters: dict[str, int], named: str) -> None:
    run = lint_module(module, SOURCES, parameters)
    assert run.returncode != 0 and named in run.stderr


@pytest.mark.parametrize("ports, depth", [(1, 16), (3, 64), (4, 32)])
def test_the_written_module_passes_the_linter(tmp_path, ports: int, depth: int) -> None:
    layout = image_of((100, 8, 2), (33, 12, 3), (14, 64, 4), (40, 128, 2)).layout
    written = tmp_path / f"{MODULE}.sv"
    written.write_text(write_reader(layout, (9, 5), ReaderOptions(ports=ports, depth=depth)))
    run = lint_module(MODULE, [*SOURCES, written], {})
    assert (run.returncode, run.stderr) == (0, "")
