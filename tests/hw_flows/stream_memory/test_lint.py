# SPDX-License-Identifier: BSD-3-Clause
"""All modules, and the written one, pass Verilator's lint with all warnings; bad parameters do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw_flows.stream_memory.ring import Ring
from hw_flows.stream_memory.write import MODULE, SOURCES, RingOptions, write_rings
from hw_flows.testing.lint import lint_module

FINE: list[tuple[str, dict[str, int]]] = [
    ("qu_ring_turn", {"STREAMS": 1}),
    ("qu_ring_turn", {"STREAMS": 5}),
    ("qu_ring_words", {"WORD_BITS": 5, "LANES": 12}),
    ("qu_ring_rows", {"ROW_BITS": 36}),
    ("qu_ring_stream", {"WORD_BITS": 5}),
    ("qu_ring_stream", {"WORD_BITS": 40, "DEPTH": 16}),
    ("qu_ring_stream", {"WORD_BITS": 150, "RING_BITS": 1}),
    ("qu_ring_port", {"STREAMS": 1, "OUTSTANDING": 1}),
    ("qu_ring_port", {"STREAMS": 3, "BURST": 2, "BUS_BITS": 8}),
]
WRONG: list[tuple[str, dict[str, int], str]] = [
    ("qu_ring_turn", {"STREAMS": 0}, "STREAMS"),
    ("qu_ring_words", {"LANES": 1}, "LANES"),
    ("qu_ring_rows", {"ROW_BITS": 65}, "ROW_BITS"),
    ("qu_ring_rows", {"DEPTH": 24}, "DEPTH"),
    ("qu_ring_rows", {"DEPTH": 8}, "DEPTH"),
    ("qu_ring_rows", {"FIRST": 8}, "FIRST"),
    ("qu_ring_stream", {"WORD_BITS": 0}, "WORD_BITS"),
    ("qu_ring_port", {"BURST": 32}, "BURST"),
    ("qu_ring_port", {"BLOCK_BITS": 30}, "BLOCK_BITS"),
]


@pytest.mark.parametrize("module, parameters", FINE)
def test_modules_pass_the_linter(module: str, parameters: dict[str, int]) -> None:
    run = lint_module(module, SOURCES, parameters)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("module, parameters, named", WRONG)
def test_wrong_parameters_are_named(module: str, parameters: dict[str, int], named: str) -> None:
    run = lint_module(module, SOURCES, parameters)
    assert run.returncode != 0 and named in run.stderr


@pytest.mark.parametrize("count, depth", [(1, 16), (3, 64), (8, 32)])
def test_the_written_module_passes_the_linter(tmp_path: Path, count: int, depth: int) -> None:
    rings = [Ring(str(i), bits, 100, 256 << i) for i, bits in enumerate((16, 24, 128, 64, 5, 33, 1, 256)[:count])]
    written = tmp_path / f"{MODULE}.sv"
    written.write_text(write_rings(rings, RingOptions(depth=depth)))
    run = lint_module(MODULE, [*SOURCES, written], {})
    assert (run.returncode, run.stderr) == (0, "")
