# SPDX-License-Identifier: BSD-3-Clause
"""Where power will be told, or where it is asked for: how often every signal changes while real images go through."""

from __future__ import annotations

from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.config import settings
from hw_flows.machine.progress import step_progress
from hw_flows.memory_system import memory_system
from hw_flows.report.files import read_report, write_report
from hw_flows.shells import place_of_accelerator
from hw_flows.simulate import Window, record_activity
from hw_flows.simulate.activity import NAME
from hw_flows.steps.verify import clock_mhz

#: In the window; all images go through the design in turn.
FRAMES = 1


def step_record_activity(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `verification/activity.saif` and `report/activity.json`."""
    config = settings(cfg)
    output = config.output_dir
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    verified = read_report(output, "verification")
    assert verified is not None, "step_verify has run"
    instance, clock = place_of_accelerator(load_board(config.board), clock_mhz(config))
    say = step_progress()
    say(0.0, "compiling the simulator that counts changes")
    activity = record_activity(
        accelerator,
        output / "rtl",
        output / "verification" / "expected",
        len(np.load(config.images, mmap_mode="r")),
        Window(FRAMES, verified["latency_cycles"], verified["cycles_per_frame"], instance, clock),
        output / "verification" / NAME,
        system=memory_system(accelerator, output / "rtl"),
        jobs=config.jobs,
        log=output / "logs" / "activity.log",
        progress=say,
    )
    write_report(output, "activity", activity.report(f"verification/{NAME}"))
    return model
