# SPDX-License-Identifier: BSD-3-Clause
"""Small networks of block matrix-vector units in a row, whose weights are constants in memory, stitched; FIFOs of some wait there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.util.basic import qonnx_make_model

from hw_flows.accelerator import Accelerator
from hw_flows.memory_system import MemorySystem
from hw_flows.memory_system.write import write_system
from hw_flows.network.execute import execute_dataflow
from hw_flows.operators import RTL_DOMAIN, register
from hw_flows.operators.block_matrix_vector.cases import THREE, attributes_of
from hw_flows.operators.block_matrix_vector.stream import layout_of, pack
from hw_flows.operators.fifo.rtl import IN_MEMORY
from hw_flows.stitch import describe, write_operators, write_top
from hw_flows.stitch.insert import fifo_nodes, insert_fifos
from hw_flows.stream_memory.ring import BURST_BYTES, ring_words

SIZE, CHANNELS = (6, 5), 4


@dataclass(frozen=True)
class Stitched:
    """A network in `folder`: `rtl/` and `weights/`."""

    model: ModelWrapper
    accelerator: Accelerator
    system: MemorySystem
    folder: Path

    @property
    def rtl(self) -> Path:
        return self.folder / "rtl"

    def blocks(self) -> dict[str, np.ndarray]:
        """Bytes of one repeat, by stream."""
        return blocks_of(self.model, self.accelerator)

    def tensors(self, frames: int, seed: int = 1) -> dict[str, np.ndarray]:
        """What streams carry for random images: (frames, *shape) by tensor, and of weights one repeat."""
        draw = np.random.default_rng(seed)
        images = draw.integers(0, 16, (frames, 1, *SIZE, CHANNELS)).astype(np.float32)
        runs = [execute_dataflow(self.model, image) for image in images]
        streams = {self.accelerator.stream(name).tensor: block for name, block in self.blocks().items()}
        return {**{name: np.stack([run[name] for run in runs]) for name in runs[0]}, **streams}


def row_of_units(count: int = 2, seed: int = 0, slow: int | None = None, **attributes: Any) -> ModelWrapper:
    """`count` convolutions of 3x3 in a row with a FIFO on every stream of pixels; blocks of two rows, then of three.

    `slow`: number of a unit with two products a cycle; the others have four."""
    register()
    draw = np.random.default_rng(seed)
    nodes, constants = [], {}
    shape = (1, *SIZE, CHANNELS)
    for number in range(count):
        given = {"OutputBlocks": 2, "StreamBytes": 1 + number % 2, **attributes}
        outputs = 1 if number == slow else 2
        own = attributes_of(SIZE, CHANNELS, THREE, CHANNELS, 2, outputs, 2 + number % 2, **given)
        layout = layout_of(own.__getitem__)
        weights = draw.integers(-8, 8, (CHANNELS, *THREE, CHANNELS))
        thresholds = np.sort(draw.integers(-200, 200, (CHANNELS, own["numSteps"])), axis=1)
        constants[f"stream{number}"] = pack(layout, weights, thresholds).reshape(1, 1, -1).astype(np.float32)
        names = {"name": f"conv{number}", "domain": RTL_DOMAIN, "backend": "fpgadataflow"}
        nodes.append(
            helper.make_node("OpenBlockMVAU_rtl", [f"x{number}", f"stream{number}"], [f"x{number + 1}"], **names, **own)
        )
    ends = [helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, shape) for i in (0, count)]
    model = ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "row", [ends[0]], [ends[1]])))
    for name, values in constants.items():
        model.set_initializer(name, values)
        model.set_tensor_datatype(name, DataType["UINT8"])
    for number in range(count + 1):
        model.set_tensor_shape(f"x{number}", list(shape))
        model.set_tensor_datatype(f"x{number}", DataType["UINT4"])
    return insert_fifos(model)


def waiting_in_memory(model: ModelWrapper, *fifos: int, bursts: int = 32) -> ModelWrapper:
    """The same with some FIFOs, by number, in memory; words up to 32 bits."""
    for number in fifos:
        fifo = getCustomOp(fifo_nodes(model)[number])
        fifo.set_nodeattr("ram_style", IN_MEMORY)
        fifo.set_nodeattr("depth", ring_words(fifo.get_instream_width(), bursts * BURST_BYTES))
    return model


def stitch(model: ModelWrapper, folder: Path, ports: int | None = None) -> Stitched:
    accelerator = describe(model)
    write_operators(model, accelerator, folder / "rtl")
    write_top(accelerator, folder / "rtl")
    return Stitched(model, accelerator, write_system(accelerator, blocks_of(model, accelerator), folder, ports), folder)


def blocks_of(model: ModelWrapper, accelerator: Accelerator) -> dict[str, np.ndarray]:
    return {name: model.get_initializer(accelerator.stream(name).tensor) for name in accelerator.memory}
