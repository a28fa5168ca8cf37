# SPDX-License-Identifier: BSD-3-Clause
"""qu-sim: more simulation of a finished build, with the same comparison of every stream."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.build.state import BuildState, first_damaged, load_state
from hw_flows.machine.errors import UserError
from quantunet_common.files import save_array

if TYPE_CHECKING:
    from hw_flows.memory_system import MemorySystem
    from hw_flows.simulate import SimulationResult


@dataclass(frozen=True)
class ReplayOutcome:
    """`ok`: every stream equal and the outputs too."""

    ok: bool
    text: str


def resimulate(
    build_dir: Path,
    images: Path | None,
    frames: int | None,
    stall: float,
    seed: int,
    waves: Path | None,
    waves_from: int,
    waves_to: int | None,
    output: Path | None,
    jobs: int,
    saif: Path | None = None,
    saif_frames: int = 1,
) -> ReplayOutcome:
    """Simulate `frames` images on the RTL in `build_dir`. With `saif`, also without stalls and as many of them as it takes, for the
    switching activity of `saif_frames`. Raises UserError on a misfit."""
    if not 0 <= stall < 1:
        raise UserError(f"a stall chance of {stall}", "--stall", "give a number from 0 to below 1")
    if frames is not None and frames < 1:
        raise UserError(f"{frames} frames", "--frames", "give at least 1")
    if saif_frames < 1:
        raise UserError(f"{saif_frames} frames", "--saif-frames", "give at least 1")
    accelerator = Accelerator.load(build_dir / "rtl" / "accelerator.json")
    _require_whole_models(build_dir)

    from hw_flows.inputs import inputs_of_build

    inputs = inputs_of_build(build_dir)
    from hw_flows.arrays import read_images
    from hw_flows.memory_system import memory_system
    from hw_flows.network.large_constants import LeanModel
    from hw_flows.network.verification import expected_tensors, logits_agree, parent_model
    from hw_flows.report.files import read_report
    from hw_flows.simulate import RunOptions, compile_simulator
    from hw_flows.simulate.board_memory import ZYNQ_HP
    from hw_flows.simulate.run import run_words, write_words
    from hw_flows.steps.verify import hardware_logits

    parent = parent_model(build_dir)
    stitched = sorted((build_dir / "intermediate_models").glob("*_step_stitch.onnx"))
    if not stitched:
        raise UserError("the stitched model is missing", str(build_dir), "let qu-build finish first")
    model = LeanModel.load(stitched[-1])
    shape = tuple(parent.get_tensor_shape(parent.graph.input[0].name)[1:])
    pictures = read_images(images or inputs.images, shape)
    pictures = pictures[np.arange(frames or len(pictures)) % len(pictures)]
    rtl = build_dir / "rtl"
    system = memory_system(accelerator, rtl)
    simulator = compile_simulator(accelerator, rtl, jobs=jobs, trace=None if waves is None else "fst", system=system)
    tensors, logits = expected_tensors(model, parent, pictures)
    folder = build_dir / "verification" / "qu-sim"
    captured = folder / "captured"
    write_words(accelerator, tensors, folder)
    options = RunOptions(
        stall_probability=stall,
        seed=seed,
        check_protocol=True,
        memory=ZYNQ_HP.at((read_report(build_dir, "performance") or {}).get("clock_mhz", 100.0)),
        capture=captured,
        trace=waves,
        trace_from=waves_from,
        trace_to=waves_to,
    )
    result = run_words(simulator, folder, len(pictures), options)
    lines = [
        f"{result.frames} frames, {result.cycles:,} cycles in {result.seconds:.2f} s "
        f"({result.cycles / max(result.seconds, 1e-9):,.0f} cycles/s)",
        f"{result.streams_compared} streams, {result.values_compared:,} values compared, "
        f"{result.mismatched_words} words differ",
    ]
    if result.memory is not None:
        lines.append(
            f"{result.memory.bytes_read:,} bytes read from the simulated memory, {result.memory.bytes_written:,} written"
        )
        lines += [result.memory.complaint] if result.memory.complaint else []
    lines += [str(mismatch) for mismatch in result.mismatches[:5]]
    if result.deadlock:
        lines.append(str(result.deadlock))
    if result.finished:
        lines.append(f"{result.cycles_per_frame:,} cycles a frame, latency {result.latency_cycles:,} cycles")
        hardware = hardware_logits(accelerator, captured, parent, logits)
        lines.append("outputs equal the integer model's" if logits_agree(hardware, logits) else "outputs differ")
        if output is not None:
            save_array(output if output.suffix == ".npy" else output.with_name(f"{output.name}.npy"), hardware)
    if waves is not None:
        lines.append(f"waves: {waves}")
    if saif is not None and result.exact:
        with_images = Images(folder, len(pictures))
        lines.append(_record(build_dir, accelerator, system, with_images, result, saif, saif_frames, jobs))
    lines.append("bit-exact" if result.exact else "NOT bit-exact")
    return ReplayOutcome(result.exact, "\n".join(lines))


@dataclass(frozen=True)
class Images:
    """Words of images, as they go in and come out."""

    folder: Path
    frames: int


def _record(
    build_dir: Path,
    accelerator: Accelerator,
    system: MemorySystem | None,
    images: Images,
    known: SimulationResult,
    saif: Path,
    frames: int,
    jobs: int,
) -> str:
    """Write `saif`; what is in it. `known`: a run of the same images."""
    from hw_flows.boards import board_of_build
    from hw_flows.report.files import read_report
    from hw_flows.shells import place_of_accelerator
    from hw_flows.simulate import Window, record_activity

    build = read_report(build_dir, "build")
    performance = read_report(build_dir, "performance")
    if build is None or performance is None:
        raise UserError("the reports of the build are missing", str(build_dir), "let qu-build finish first")
    instance, clock = place_of_accelerator(board_of_build(build_dir, build["board"]), performance["clock_mhz"])
    activity = record_activity(
        accelerator,
        build_dir / "rtl",
        images.folder,
        images.frames,
        Window(frames, known.latency_cycles, known.cycles_per_frame, instance, clock),
        saif,
        system=system,
        jobs=jobs,
    )
    return (
        f"switching activity: {saif}, frames: {activity.frames} ({activity.cycles:,} cycles), {activity.nets:,} nets, "
        f"{activity.changes:,} changes; the accelerator is {instance} in it"
    )


def _require_whole_models(build_dir: Path) -> None:
    """Raises UserError where a model that the build saved is no longer as it was. The RTL may be changed, to try that."""
    state = load_state(build_dir)
    models = {name: file for name, file in state.files.items() if name.startswith("intermediate_models/")}
    steps = [step.name for step in state.steps]
    if (damaged := first_damaged(build_dir, BuildState(state.key, state.steps, models), steps)) is not None:
        raise UserError(
            f"{damaged[1]} is missing or has changed since the build",
            str(build_dir),
            "run the same qu-build command again, which completes the folder",
        )
