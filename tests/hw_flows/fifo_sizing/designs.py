# SPDX-License-Identifier: BSD-3-Clause
"""Folded designs of small networks, and their RTL at given FIFO depths."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.accelerator import Accelerator
from hw_flows.boards import load_board
from hw_flows.folding import Folding, apply, budget_of, cheapest_for, folding_problem
from hw_flows.simulate import RunOptions, SimulationResult, Simulator, compile_simulator, run
from hw_flows.stitch import describe, write_operators, write_top
from hw_flows.stitch.insert import fifo_nodes, insert_fifos, insert_width_converters
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after

UPSAMPLE = ForeignNet(
    channels=(2, 4, 8),
    image=(8, 12),
    weight_bits=3,
    activation_bits=5,
    power_of_two_scales=True,
    negative_gammas=True,
    classes=2,
    seed=13,
)
TRANSPOSE = ForeignNet(
    channels=(3, 6),
    image=(12, 8),
    in_channels=3,
    classes=2,
    decoder="transpose",
    downsample="stride",
    weight_bits=5,
    activation_bits=3,
    seed=12,
)
#: Cycles in which the harness holds reset before the first one that counts for the model.
RESET = 4


def folded(net: ForeignNet, cycles: int) -> ModelWrapper:
    """The network as RTL operators for at most `cycles` a frame, a FIFO on every stream."""
    model = deepcopy(after(net, "step_specialize_layers").model)
    folding = cheapest_for(folding_problem(model), budget_of(load_board("pynq-z2")), cycles)
    assert isinstance(folding, Folding)
    apply(model, folding.options)
    return insert_fifos(insert_width_converters(model))


def with_depths(model: ModelWrapper, depths: dict[str, int]) -> Accelerator:
    """Set depths by instance name; the design with them."""
    nodes = {n.name.replace("OpenStreamingFIFO_rtl", "StreamingFIFO"): n for n in fifo_nodes(model)}
    for name, depth in depths.items():
        getCustomOp(nodes[name]).set_nodeattr("depth", depth)
    return describe(model)


def rtl_simulator(model: ModelWrapper, depths: dict[str, int], folder: Path) -> Simulator:
    accelerator = with_depths(model, depths)
    write_operators(model, accelerator, folder)
    write_top(accelerator, folder)
    return compile_simulator(accelerator, folder, jobs=2)


def rtl_run(simulator: Simulator, frames: int, **options) -> SimulationResult:
    """Frames of noise through the RTL."""
    accelerator = simulator.accelerator
    stream = accelerator.stream(accelerator.inputs[0])
    values = np.random.default_rng(0).integers(
        stream.element.minimum, stream.element.maximum + 1, (frames, *stream.shape)
    )
    return run(simulator, {stream.tensor: values}, RunOptions(**options))
