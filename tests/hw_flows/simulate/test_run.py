# SPDX-License-Identifier: BSD-3-Clause
"""The harness finds what is wrong: values, words that are missing or too many, protocol errors, deadlocks."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hw_flows.machine.errors import UserError
from hw_flows.operators.case import Case
from hw_flows.simulate import RunOptions, compile_simulator, run
from hw_flows.simulate.run import run_side_by_side, write_words
from hw_flows.testing.operator_bench import reference, write_design
from tests.hw_flows.mock_tools import mock_tool

FIFO = Case(
    "OpenStreamingFIFO_rtl",
    {"depth": 4, "folded_shape": [1, 3, 5, 2, 2], "normal_shape": [1, 3, 5, 4], "dataType": "INT3"},
)


@pytest.fixture(scope="module")
def fifo(tmp_path_factory):
    """A compiled FIFO and two frames of what goes in and comes out."""
    model, accelerator, rtl = write_design([FIFO], tmp_path_factory.mktemp("fifo"))
    return compile_simulator(accelerator, rtl, jobs=1), reference(model, [FIFO], frames=2)


def test_equal_streams_are_exact(fifo):
    simulator, tensors = fifo
    result = run(simulator, tensors)
    assert result.exact
    assert result.streams_compared == 2
    assert result.values_compared == 2 * 2 * 3 * 5 * 4


def test_first_mismatch_is_named_down_to_the_channel(fifo):
    simulator, tensors = fifo
    wrong = {name: value.copy() for name, value in tensors.items()}
    wrong["case0_out0"][1, 0, 2, 3, 1] += 1 if wrong["case0_out0"][1, 0, 2, 3, 1] < 0 else -1
    result = run(simulator, wrong)
    (mismatch,) = result.mismatches
    assert (mismatch.tensor, mismatch.frame, mismatch.index, mismatch.words) == ("case0_out0", 1, (0, 2, 3, 1), 1)
    assert mismatch.got == tensors["case0_out0"][1, 0, 2, 3, 1]
    assert "frame 1, row 2, column 3, channel 1" in str(mismatch)
    assert not result.exact


def test_stalls_are_repeatable_and_slow_the_run(fifo):
    simulator, tensors = fifo
    stalled = [run(simulator, tensors, RunOptions(stall_probability=0.5, seed=9)) for _ in range(2)]
    assert stalled[0].frame_end == stalled[1].frame_end
    assert stalled[0].cycles > run(simulator, tensors).cycles
    assert all(result.exact for result in stalled)


def test_runs_side_by_side_are_those_one_after_the_other(fifo, tmp_path):
    simulator, tensors = fifo
    runs = [RunOptions(), RunOptions(stall_probability=0.5, seed=9), RunOptions(hold_outputs=50)]
    frames = write_words(simulator.accelerator, tensors, tmp_path)
    for jobs in (1, 2):
        results = run_side_by_side(simulator, tmp_path, frames, runs, jobs)
        assert [r.frame_end for r in results] == [run(simulator, tensors, options).frame_end for options in runs]
        assert all(result.exact for result in results)


def test_a_paced_input_spreads_its_words(fifo):
    simulator, tensors = fifo
    result = run(simulator, tensors, RunOptions(frame_interval=300))
    assert result.exact
    assert abs(result.cycles_per_frame - 300) <= 2
    assert result.fifo_peaks == {"case0": 1}


def test_the_first_frame_is_followed_on_every_stream(fifo):
    simulator, tensors = fifo
    alone, followed = (run(simulator, {n: t[:count] for n, t in tensors.items()}) for count in (1, None))
    assert followed.frames > 1
    assert alone.first_frame == alone.spans
    assert followed.first_frame == alone.spans
    assert followed.first_frame["case0_out0"][1] == followed.frame_end[0]


def test_everything_fills_while_the_outputs_are_held(fifo):
    simulator, tensors = fifo
    result = run(simulator, tensors, RunOptions(hold_outputs=100))
    assert result.exact
    assert result.fifo_peaks == {"case0": 4}
    assert result.spans["case0_out0"][0] >= 100


def test_words_that_wait_are_counted_where_the_rules_are_checked(fifo):
    simulator, tensors = fifo
    held = run(simulator, tensors, RunOptions(hold_outputs=100, check_protocol=True))
    assert not held.protocol_errors
    assert held.waits["case0_out0"] > 80
    assert not any(run(simulator, tensors, RunOptions(hold_outputs=100)).waits.values())


def test_a_run_ends_after_the_cycles_that_it_is_given(fifo):
    simulator, tensors = fifo
    whole, part = run(simulator, tensors), run(simulator, tensors, RunOptions(max_cycles=40))
    assert (part.cycles, part.finished, part.deadlock) == (40, False, None)
    assert 0 < part.words_compared < whole.words_compared
    assert not part.mismatched_words


def test_a_missing_stimulus_is_named(fifo):
    simulator, tensors = fifo
    with pytest.raises(UserError, match="case0_in0"):
        run(simulator, {"case0_out0": tensors["case0_out0"]})


def test_values_beyond_the_stream_are_refused(fifo):
    simulator, tensors = fifo
    with pytest.raises(UserError, match="do not fit 3 bits"):
        run(simulator, {**tensors, "case0_in0": tensors["case0_in0"] + 4})


def test_the_simulator_is_compiled_once(fifo):
    simulator, _ = fifo
    again = compile_simulator(simulator.accelerator, simulator.rtl, jobs=1)
    assert again.binary == simulator.binary
    assert not again.compiled


def broken_design(fifo, tmp_path, old: str, new: str):
    """The FIFO's design with one change in its SystemVerilog."""
    simulator, tensors = fifo
    for file in simulator.rtl.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    source = tmp_path / "cases.sv"
    text = source.read_text()
    assert old in text
    source.write_text(text.replace(old, new))
    return compile_simulator(dataclasses.replace(simulator.accelerator), tmp_path, jobs=1), tensors


def test_swapped_lanes_are_caught(fifo, tmp_path):
    simulator, tensors = broken_design(
        fifo, tmp_path, ".s_axis_tdata(input0_tdata)", ".s_axis_tdata({input0_tdata[2:0], input0_tdata[5:3]})"
    )
    result = run(simulator, tensors)
    assert result.mismatches[0].stream == "case0_out0"
    assert result.mismatches[0].frame == 0


def test_a_word_that_changes_while_it_waits_is_caught(fifo, tmp_path):
    simulator, tensors = broken_design(
        fifo, tmp_path, ".s_axis_tvalid(input0_tvalid)", ".s_axis_tvalid(input0_tvalid & m_axis_tready)"
    )
    assert run(simulator, tensors).exact  # nobody stalls: the fault hides
    result = run(simulator, tensors, RunOptions(stall_probability=0.5, check_protocol=True))
    assert not result.exact


def test_a_stuck_design_is_a_deadlock_not_a_timeout(fifo, tmp_path):
    simulator, tensors = broken_design(
        fifo, tmp_path, "assign case0_out0_tready = m_axis_tready", "assign case0_out0_tready = 1'b0"
    )
    result = run(simulator, tensors)
    assert not result.finished
    assert result.deadlock is not None
    assert result.deadlock.full == ("case0",)
    assert "case0" in str(result.deadlock)


def test_every_frame_is_reported(fifo):
    simulator, tensors = fifo
    result = run(simulator, tensors)
    assert len(result.frame_end) == len(result.frame_start) == 2
    assert np.all(np.diff(result.frame_end) > 0)
    assert result.latency_cycles > 0


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exec sleep 100", "exceeded its time limit of 1 s"),
        ("while :; do echo progress 1 2; done", "exceeded its time limit of 1 s"),
        ("echo no space >&2; exit 2", "status 2; its last output:\nno space"),
        ("kill -11 $$", "status -11"),
        ("head -c 1000 /dev/urandom", "no result that can be read"),
        ('while [ "$1" != --result ]; do shift; done; echo \'{"cycles": 3\' > "$2"', "no result that can be read"),
    ],
)
def test_a_simulator_that_hangs_crashes_or_prints_rubbish_ends_in_one_message(fifo, tmp_path, script, words):
    simulator, tensors = fifo
    bad = dataclasses.replace(simulator, binary=mock_tool(tmp_path, "simulator", script))
    with pytest.raises(UserError, match=words):
        run(bad, tensors, RunOptions(limit_seconds=1.0), progress=lambda fraction, words: None)


def test_a_simulator_that_is_no_program_makes_room_for_another(fifo, tmp_path):
    simulator, tensors = fifo
    rubbish = tmp_path / "simulator.exe"
    rubbish.write_bytes(b"\1\2\3")
    rubbish.chmod(0o755)
    with pytest.raises(UserError, match="cannot be started"):
        run(dataclasses.replace(simulator, binary=rubbish), tensors)
    assert not rubbish.exists()
