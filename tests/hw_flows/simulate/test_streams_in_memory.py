# SPDX-License-Identifier: BSD-3-Clause
"""Whole accelerators whose FIFOs wait in the board's memory: every word comes back, or none behind the first that is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hw_flows.simulate import RunOptions, Simulator, compile_simulator, run
from hw_flows.simulate.board_memory import Faults, Memory
from tests.hw_flows.memory_system.systems import Stitched, row_of_units, stitch, waiting_in_memory

#: A frame has 60 words of 8 bits into the second unit and into the third: each ring holds 68 frames; weights are
#: verified for 31 before the output.
FRAMES = 40
HELD = RunOptions(check_protocol=True, hold_outputs=60_000)


@pytest.fixture(scope="module")
def stitched(tmp_path_factory: pytest.TempPathFactory) -> Stitched:
    model = waiting_in_memory(row_of_units(3), 1, 2)
    return stitch(model, tmp_path_factory.mktemp("waiting"), ports=1)


@pytest.fixture(scope="module")
def whole(stitched: Stitched) -> Simulator:
    return compile_simulator(stitched.accelerator, stitched.rtl, jobs=1, system=stitched.system)


@pytest.fixture(scope="module")
def tensors(stitched: Stitched) -> dict[str, np.ndarray]:
    return stitched.tensors(FRAMES)


@pytest.mark.parametrize(
    "options",
    [
        HELD,
        RunOptions(check_protocol=True),
        RunOptions(check_protocol=True, hold_outputs=60_000, stall_probability=0.4, seed=3),
        RunOptions(check_protocol=True, hold_outputs=50_000, reset_at=(20, 33_350, 33_351, 66_200)),
        RunOptions(check_protocol=True, hold_outputs=250_000, memory=Memory(latency=400, latency_limit=400, accepts=1)),
    ],
    ids=["outputs held", "full speed", "stalls", "stopped and started", "slow memory"],
)
def test_every_stream_is_right(
    options: RunOptions, whole: Simulator, stitched: Stitched, tensors: dict[str, np.ndarray]
) -> None:
    result = run(whole, tensors, options)
    assert result.exact and result.streams_compared == len(stitched.accelerator.streams), result
    assert result.memory is not None and result.memory.complaint is None
    if options.hold_outputs:
        assert result.memory.bytes_written > 1000


def test_what_waits_in_memory_is_counted_like_what_waits_in_any_fifo(
    whole: Simulator, stitched: Stitched, tensors: dict[str, np.ndarray]
) -> None:
    result = run(whole, tensors, HELD)
    first, second = stitched.accelerator.rings
    assert 29 * 60 < result.fifo_peaks[second.name] < second.parameters["DEPTH"]
    assert 0 < result.fifo_peaks[first.name] < 300


def test_without_what_keeps_them_both_ends_are_the_outsides(tmp_path: Path) -> None:
    one = stitch(waiting_in_memory(row_of_units(2), 1), tmp_path)
    alone = compile_simulator(one.accelerator, one.rtl, jobs=1)
    for options in (RunOptions(check_protocol=True), RunOptions(check_protocol=True, stall_probability=0.4)):
        result = run(alone, one.tensors(3), options)
        assert result.exact and result.streams_compared == len(one.accelerator.streams)


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (Faults(write_error=3), "the memory answered a write with an error"),
        (Faults(bus_error=(1, 2, 5)), "the memory answered a read with an error"),
        (Faults(wrong_last=(1, 1)), "ended a burst at a wrong word"),
    ],
    ids=["write", "read", "last"],
)
def test_a_fault_is_told_with_its_stream(
    faults: Faults, told: str, whole: Simulator, stitched: Stitched, tensors: dict[str, np.ndarray]
) -> None:
    result = run(whole, tensors, RunOptions(hold_outputs=60_000, faults=faults))
    assert result.memory is not None and result.memory.fault is not None and not result.exact
    assert result.memory.fault.endswith(told) and any(r.name in result.memory.fault for r in stitched.system.rings)
    assert result.mismatched_words == 0, "no wrong word leaves"
