# SPDX-License-Identifier: BSD-3-Clause
"""In flows that go on to a bitstream: shell, place and route, bitstream."""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.config import BuildConfig, settings
from hw_flows.flows import activity_wanted, find_flow
from hw_flows.flows.bitstream import BitstreamJob, RecordedActivity
from hw_flows.machine.errors import CheckFailed
from hw_flows.machine.progress import step_progress
from hw_flows.report.files import read_report, write_report
from hw_flows.steps.verify import clock_mhz

#: Left between the clock that is advised and the highest one, as another run of the placer gives another result.
ADVICE = 0.95


def step_make_bitstream(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `bitfile/` and `report/bitstream.json`. Raises CheckFailed, after writing it, where the
    routed design misses its clock or is refused for another reason."""
    config = settings(cfg)
    output = config.output_dir
    job = bitstream_job(config)
    made = find_flow(config.flow, job.board).make_bitstream(job)
    write_report(output, "bitstream", made.report(output))
    if made.refused is not None:
        raise made.refused
    if not made.timing_met:
        raise CheckFailed(
            f"the routed design reaches {made.fmax_mhz:.1f} MHz, less than its clock of {made.clock_mhz:g} MHz",
            "step_make_bitstream",
            f"build with --clock-mhz {int(ADVICE * made.fmax_mhz)}",
        )
    return model


def bitstream_job(config: BuildConfig) -> BitstreamJob:
    """What a flow has to know of a build."""
    output = config.output_dir
    return BitstreamJob(
        accelerator=Accelerator.load(output / "rtl" / "accelerator.json"),
        board=load_board(config.board),
        output=output,
        clock_mhz=clock_mhz(config),
        jobs=config.jobs,
        say=step_progress(),
        activity=recorded_activity(config),
    )


def recorded_activity(config: BuildConfig) -> RecordedActivity | None:
    """What an earlier step recorded for this build, where the build wants it."""
    report = read_report(config.output_dir, "activity")
    if report is None or not activity_wanted(config.flow, config.activity):
        return None
    return RecordedActivity(config.output_dir / report["file"], report["frames"])
