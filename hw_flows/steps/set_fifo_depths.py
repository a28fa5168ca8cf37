"""Step 11: FIFO depths from measured occupancy, skip connections included.

The design is simulated with FIFOs that never fill, once as fast as it goes, which gives its steady rate, and once with
the input paced to that rate. What each FIFO then holds at most is the depth that keeps that rate: with those
depths no word ever waits for room, and a dataflow design never gets slower from words that come earlier.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.accelerator import Accelerator
from hw_flows.errors import UserError
from hw_flows.execute import host_input
from hw_flows.progress import step_progress
from hw_flows.report_files import write_report
from hw_flows.simulate import RunOptions, compile_simulator, run
from hw_flows.stitch import describe, write_operators, write_top
from hw_flows.streams import fifo_nodes, frame_words
from hw_flows.verification import parent_model

#: Enough to get past the latency: coarse levels of a U-Net work a good part of a frame behind the fine ones.
FRAMES = 6
LEAST_DEPTH = 2


def step_set_fifo_depths(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Sets `depth` of every FIFO node; writes `report/fifos.json`. Raises UserError on deadlock, naming FIFOs."""
    started = time.monotonic()
    output = Path(cfg.output_dir)
    for node in fifo_nodes(model):
        getCustomOp(node).set_nodeattr("depth", FRAMES * frame_words(node))
    folder = output / "fifo_sizing"
    accelerator = describe(model)
    write_operators(model, accelerator, folder)
    write_top(accelerator, folder)
    say = step_progress(cfg)
    say(0.0, "compiling the design with FIFOs that never fill")
    jobs = getattr(cfg, "jobs", 2)
    simulator = compile_simulator(accelerator, folder, jobs=jobs, log=output / "logs" / "fifo_sizing.log")
    images = np.load(cfg.verify_input_npy)
    parent = parent_model(output)
    frames = np.stack([host_input(parent, images[i % len(images)][None]) for i in range(FRAMES)])
    stimulus = {model.graph.input[0].name: frames}
    fast = run(simulator, stimulus, RunOptions(), say)
    if not fast.finished:
        raise UserError(f"the design stops even with FIFOs that never fill: {fast.deadlock}", "step_set_fifo_depths")
    interval = max(fast.frame_end[-1] - fast.frame_end[-2], 1)
    paced = run(simulator, stimulus, RunOptions(frame_interval=interval), say)
    if not paced.finished:
        raise UserError(f"the design stops with a paced input: {paced.deadlock}", "step_set_fifo_depths")
    for node, instance in _fifos(model, accelerator):
        getCustomOp(node).set_nodeattr("depth", max(LEAST_DEPTH, paced.fifo_peaks[instance]))
    shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - started
    write_report(output, "fifos", fifo_report(describe(model), paced.fifo_peaks, seconds, interval))
    return model


def fifo_report(
    accelerator: Accelerator, peaks: dict[str, int], seconds: float, unlimited_cycles: int | None
) -> dict[str, Any]:
    """Fields of `report/fifos.json`.

    `peak`: the most words that a FIFO held; `cycles_per_frame_unlimited`: the steady rate with FIFOs that never fill.
    """
    rows = []
    for instance in accelerator.instances:
        if "StreamingFIFO" not in instance.op_type:
            continue
        stream = accelerator.stream(instance.outputs[0].streams[0])
        depth = instance.parameters["DEPTH"]
        rows.append(
            {
                "name": instance.name,
                "width": stream.width,
                "depth": depth,
                "peak": peaks.get(instance.name, 0),
                "bits": stream.width * depth,
                "memory": memory_of(instance.cost),
                "between": [
                    accelerator.stream(instance.inputs[0].streams[0]).source.instance or "input",
                    stream.sink.instance or "output",
                ],
            }
        )
    return {"seconds": round(seconds, 1), "cycles_per_frame_unlimited": unlimited_cycles, "fifos": rows}


def memory_of(cost: dict[str, float]) -> str:
    """Kind of memory that an operator is predicted to take."""
    if cost["bram36"]:
        return "block"
    return "distributed" if cost["lutram"] else "registers"


def _fifos(model: ModelWrapper, accelerator: Accelerator) -> list[tuple[Any, str]]:
    pairs = zip(model.graph.node, accelerator.instances, strict=True)
    return [(node, instance.name) for node, instance in pairs if "StreamingFIFO" in node.op_type]
