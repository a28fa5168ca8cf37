# SPDX-License-Identifier: BSD-3-Clause
"""The build steps, FINN step functions `(model, cfg) -> model`, one file each, in the order of a build."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from hw_flows.flows import activity_wanted, steps_added_by
from hw_flows.flows.flow import BITSTREAM_STEPS
from hw_flows.machine.errors import UserError

Step = Callable[[Any, Any], Any]

#: Names of all steps in order; `step_x` lies in `hw_flows/steps/x.py`.
STEP_NAMES: tuple[str, ...] = (
    "step_qonnx_cleanup",
    "step_qonnx_to_finn",
    "step_streamline",
    "step_lower",
    "step_convert_to_hw",
    "step_create_dataflow_partition",
    "step_minimize_bit_width",
    "step_specialize_layers",
    "step_apply_folding",
    "step_generate_rtl",
    "step_set_fifo_depths",
    "step_stitch",
    "step_verify",
    "step_synthesize",
    "step_simulate_synthesized",
    "step_record_activity",
    "step_make_bitstream",
    "step_deploy",
    "step_simulate_routed",
)

#: Steps that leave the model as it is: nothing to execute and compare after them.
READING_STEPS = frozenset(
    {"step_verify", "step_synthesize", "step_simulate_synthesized", "step_record_activity", *BITSTREAM_STEPS}
)


def steps_of(flow: str, activity: bool | None = None) -> tuple[str, ...]:
    """Names of the build steps of a flow, in order. `activity`: whether switching activity is asked for, or not; None: as the flow
    needs it."""
    left_out = set(BITSTREAM_STEPS) - set(steps_added_by(flow))
    if not activity_wanted(flow, activity):
        left_out.add("step_record_activity")
    return tuple(name for name in STEP_NAMES if name not in left_out)


def load_step(name: str) -> Step:
    """The function of a step. Raises UserError listing all where there is none of that name."""
    if name not in STEP_NAMES:
        raise UserError(f"there is no build step {name!r}", "steps", "known steps: " + ", ".join(STEP_NAMES))
    step: Step = getattr(import_module(f"{__name__}.{name.removeprefix('step_')}"), name)
    return step
