# SPDX-License-Identifier: BSD-3-Clause
"""Whole accelerators with the memory that their weights come from: right words at every unit, or none at all and the layer's name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hw_flows.memory_system.description import IMAGE_FOLDER
from hw_flows.simulate import RunOptions, SimulationResult, Simulator, compile_simulator, run
from hw_flows.simulate.board_memory import ZYNQ_HP, Faults, Memory
from hw_flows.weight_memory.image import IMAGE_NAME
from tests.hw_flows.memory_system.systems import Stitched, row_of_units, stitch

FRAMES = 3


@pytest.fixture(scope="module")
def stitched(tmp_path_factory: pytest.TempPathFactory) -> Stitched:
    return stitch(row_of_units(2), tmp_path_factory.mktemp("row"), ports=2)


@pytest.fixture(scope="module")
def whole(stitched: Stitched) -> Simulator:
    return compile_simulator(stitched.accelerator, stitched.rtl, jobs=1, system=stitched.system)


@pytest.fixture(scope="module")
def tensors(stitched: Stitched) -> dict[str, np.ndarray]:
    return stitched.tensors(FRAMES)


def exact(result: SimulationResult, stitched: Stitched) -> bool:
    return result.exact and result.streams_compared == len(stitched.accelerator.streams)


@pytest.mark.parametrize(
    "options",
    [
        RunOptions(check_protocol=True),
        RunOptions(check_protocol=True, stall_probability=0.4, seed=3),
        RunOptions(check_protocol=True, hold_outputs=900),
        RunOptions(check_protocol=True, frame_interval=3000),
        RunOptions(check_protocol=True, stall_probability=0.2, seed=5, reset_at=(20, 350, 351, 1200)),
        RunOptions(check_protocol=True, memory=Memory(latency=400, latency_limit=400, accepts=1)),
    ],
    ids=["full speed", "stalls", "outputs held", "paced", "stopped and started", "slow memory"],
)
def test_every_stream_is_right_with_the_memory(
    options: RunOptions, whole: Simulator, stitched: Stitched, tensors: dict[str, np.ndarray]
) -> None:
    result = run(whole, tensors, options)
    assert exact(result, stitched), result
    assert result.memory is not None and result.memory.complaint is None
    assert result.memory.bytes_read >= FRAMES * stitched.system.layout.frame_bytes


def test_slow_memory_is_what_units_wait_for(
    whole: Simulator, stitched: Stitched, tensors: dict[str, np.ndarray]
) -> None:
    fast, slow = (run(whole, tensors, RunOptions(memory=memory)) for memory in (ZYNQ_HP, Memory(bytes_per_cycle=0.1)))
    assert fast.memory is not None and slow.memory is not None
    assert slow.cycles_per_frame >= stitched.system.layout.frame_bytes / 0.1 * 0.95
    assert set(slow.memory.wanted) == set(stitched.accelerator.memory)
    assert sum(slow.memory.wanted.values()) > 2 * sum(fast.memory.wanted.values())
    assert max(slow.memory.longest_wanted.values()) > 80


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Stitched:
    return stitch(row_of_units(1), tmp_path_factory.mktemp("one"))


def test_without_what_reads_them_weights_are_given(one: Stitched) -> None:
    alone = compile_simulator(one.accelerator, one.rtl, jobs=1)
    for options in (RunOptions(check_protocol=True), RunOptions(check_protocol=True, stall_probability=0.4)):
        result = run(alone, one.tensors(FRAMES), options)
        assert exact(result, one) and result.memory is None


def test_other_weights_than_expected_are_a_mismatch(whole: Simulator, tensors: dict[str, np.ndarray]) -> None:
    wrong = {**tensors, "stream1": tensors["stream1"].copy()}
    wrong["stream1"][0, 0, 21] = (int(wrong["stream1"][0, 0, 21]) + 1) % 256
    result = run(whole, wrong)
    (mismatch,) = result.mismatches
    assert (mismatch.tensor, mismatch.frame, mismatch.index) == ("stream1", 0, (0, 0, 21))
    assert mismatch.words >= 2 * FRAMES  # once in each block
    assert not result.exact


@pytest.mark.parametrize("number", [0, 1])
def test_a_flipped_bit_is_told_with_its_layer_and_no_frame_is_whole(
    number: int, whole: Simulator, stitched: Stitched, tensors: dict[str, np.ndarray], tmp_path: Path
) -> None:
    region = stitched.system.layout.regions[number]
    image = bytearray((stitched.folder / IMAGE_FOLDER / IMAGE_NAME).read_bytes())
    image[region.offset + 8 * region.bus_words // 2] ^= 8
    (tmp_path / IMAGE_NAME).write_bytes(image)
    result = run(replace(whole, image=tmp_path / IMAGE_NAME), tensors, RunOptions(capture=tmp_path / "captured"))
    assert result.memory is not None
    assert (
        result.memory.fault == f"the weights of layer conv{number} in memory cannot be used: their check sum is wrong"
    )
    assert not result.exact and not result.finished
    assert not any(result.frame_end)


def test_a_bus_error_is_told_with_its_layer(
    whole: Simulator, stitched: Stitched, tensors: dict[str, np.ndarray]
) -> None:
    result = run(whole, tensors, RunOptions(faults=Faults(bus_error=(0, 9, 3))))
    assert result.memory is not None and result.memory.fault is not None
    assert "the memory answered with an error" in result.memory.fault and "layer conv" in result.memory.fault
    assert not result.exact and not result.finished


def test_a_reader_that_breaks_a_rule_is_told(one: Stitched, tmp_path: Path) -> None:
    for file in one.rtl.iterdir():
        text = file.read_text()
        if file.name == "qu_weight_port.sv":
            assert "assign m_axi_rready = 1'b1;" in text
            text = text.replace("assign m_axi_rready = 1'b1;", "assign m_axi_rready = beat != 3;")
        (tmp_path / file.name).write_text(text)
    image = one.folder / IMAGE_FOLDER / IMAGE_NAME
    broken = compile_simulator(one.accelerator, tmp_path, jobs=1, system=one.system, image=image)
    result = run(broken, one.tensors(FRAMES))
    assert result.memory is not None and result.memory.complaint is not None
    assert (
        "breaks a rule of AXI: cycle" in result.memory.complaint
        and "read data are not taken" in result.memory.complaint
    )
    assert not result.exact


def test_a_memory_that_never_answers_is_a_deadlock(whole: Simulator, tensors: dict[str, np.ndarray]) -> None:
    result = run(whole, tensors, RunOptions(memory=Memory(bytes_per_cycle=0)))
    assert result.deadlock is not None and not result.exact
    assert not any(result.frame_end)
