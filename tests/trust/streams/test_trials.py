# SPDX-License-Identifier: BSD-3-Clause
"""The trials of a whole accelerator find nothing in a right one, and each what it is there for in a wrong one."""

from __future__ import annotations

import dataclasses

import pytest

from hw_flows.memory_system import image_path
from hw_flows.operators.case import Case
from hw_flows.simulate import compile_simulator
from hw_flows.testing.operator_bench import reference, write_design
from tests.hw_flows import conftest  # noqa: F401  FINN is made importable
from tests.hw_flows.memory_system.systems import row_of_units, stitch
from trust.streams.stalled import with_stalls
from trust.streams.trials import append_words, back_to_back, power_up, reset_in_a_frame

FRAMES = 12
FIFO = Case(
    "OpenStreamingFIFO_rtl",
    {"depth": 4, "folded_shape": [1, 3, 5, 2, 2], "normal_shape": [1, 3, 5, 4], "dataType": "INT3"},
)


@pytest.fixture(scope="module")
def fifo(tmp_path_factory):
    """A simulator of a FIFO, and the words of some frames, written in two parts."""
    folder = tmp_path_factory.mktemp("fifo")
    model, accelerator, rtl = write_design([FIFO], folder)
    tensors = reference(model, [FIFO], frames=FRAMES)
    for part in (slice(0, 5), slice(5, None)):
        append_words(accelerator, {name: values[part] for name, values in tensors.items()}, folder / "words")
    return compile_simulator(accelerator, rtl, jobs=1), folder / "words"


def changed(fifo, folder, old: str, new: str):
    """The FIFO with a change in its source."""
    simulator, words = fifo
    for file in simulator.rtl.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    source = folder / "qu_fifo_shift.sv"
    assert old in source.read_text()
    source.write_text(source.read_text().replace(old, new))
    return compile_simulator(dataclasses.replace(simulator.accelerator), folder, jobs=1), words


def test_nothing_is_found_in_a_right_design(fifo):
    row = back_to_back(*fifo, FRAMES, seed=1)
    assert not row.problems
    assert (row.frames, row.mismatches, row.rule_errors) == (FRAMES, 0, 0)
    assert row.values == 2 * FRAMES * 60
    assert row.waits > 0
    assert not reset_in_a_frame(*fifo, 2, (13, 45), seed=1).problems
    assert not power_up(*fifo, 2, seeds=(1, 2, 3)).problems


def test_a_design_may_be_stalled_inside(fifo, tmp_path):
    simulator, words = fifo
    stalled = with_stalls(simulator.accelerator, simulator.rtl, tmp_path / "stalled")
    row = back_to_back(compile_simulator(stalled, tmp_path / "stalled", jobs=1), words, FRAMES, seed=1)
    assert not row.problems
    assert row.values == 2 * FRAMES * 60  # the stalled copy of the input has no words of its own to compare
    assert row.results[0].waits["input0_stalled"] > 0


def test_weights_from_memory_are_stalled_too(tmp_path):
    design = stitch(row_of_units(1), tmp_path)
    for seed in (1, 2):
        append_words(design.accelerator, design.tensors(6, seed), tmp_path / "words")
    stalled = with_stalls(design.accelerator, design.rtl, tmp_path / "stalled")
    image = image_path(design.rtl)
    whole = compile_simulator(stalled, tmp_path / "stalled", jobs=1, system=design.system, image=image)
    row = back_to_back(whole, tmp_path / "words", FRAMES, seed=1)
    assert not row.problems
    assert row.results[0].waits["conv0_weights_stalled"] > 0
    assert row.values >= sum(FRAMES * s.words * s.lanes for s in design.accelerator.streams)
    assert not reset_in_a_frame(whole, tmp_path / "words", 2, (313, 1045), seed=1).problems
    assert not power_up(whole, tmp_path / "words", 2, seeds=(1, 2, 3)).problems


def test_words_that_differ_are_found(fifo, tmp_path):
    simulator, words = fifo
    for file in words.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    file = tmp_path / "case0_out0.bin"
    content = bytearray(file.read_bytes())
    content[7] ^= 1
    file.write_bytes(bytes(content))
    row = back_to_back(simulator, tmp_path, FRAMES, seed=1)
    assert row.mismatches == 1
    assert "case0_out0" in row.problems[0]


def test_a_register_that_reset_forgets_is_found(fifo, tmp_path):
    broken = changed(fifo, tmp_path, "if (rst_i) oldest <= '1;\n    else if", "if")
    assert reset_in_a_frame(*broken, 2, (13, 45), seed=1).problems
    assert power_up(*broken, 2, seeds=(1, 2, 3)).problems


def test_a_word_offered_in_reset_is_found(fifo, tmp_path):
    broken = changed(fifo, tmp_path, "assign m_axis_tvalid = !oldest", "assign m_axis_tvalid = rst_i || !oldest")
    row = power_up(*broken, 2, seeds=(1,))
    assert row.rule_errors > 0
    assert "case0_out0" in row.problems[0]
