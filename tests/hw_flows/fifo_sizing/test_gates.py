# SPDX-License-Identifier: BSD-3-Clause
"""A gate made of the average of an image: the skip connection beside it holds a whole frame, and no rate is lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.util.basic import qonnx_make_model

from hw_flows.fifo_sizing import TimingModel, least_depths
from hw_flows.network.execute import execute_dataflow
from hw_flows.operators import RTL_DOMAIN, register
from hw_flows.simulate import RunOptions, run
from hw_flows.stitch.insert import insert_fifos
from tests.hw_flows.fifo_sizing.designs import rtl_simulator, with_depths

HEIGHT, WIDTH, CHANNELS = 5, 6, 2
WORDS = HEIGHT * WIDTH * CHANNELS


def squeeze_and_excite() -> ModelWrapper:
    """input -> fork -> (sum of all pixels -> product with weights | skip connection) -> product: one element a word."""
    register()
    image, pixel = (1, HEIGHT, WIDTH, CHANNELS), (1, 1, 1, CHANNELS)
    shapes = {"image": image, "main": image, "skip": image, "pooled": pixel, "gate": pixel, "gated": image}

    def node(op_type: str, inputs: list[str], outputs: list[str], **attributes: object) -> object:
        common = {"name": f"{op_type}_0", "domain": RTL_DOMAIN, "backend": "fpgadataflow", "PE": 1}
        return helper.make_node(op_type, inputs, outputs, **common, **attributes)

    nodes = [
        node(
            "OpenDuplicateStreams_rtl",
            ["image"],
            ["main", "skip"],
            NumChannels=CHANNELS,
            NumOutputStreams=2,
            inputDataType="UINT4",
            numInputVectors=[1, HEIGHT, WIDTH],
        ),
        node(
            "OpenStreamingPool_rtl",
            ["main"],
            ["pooled"],
            Function="sum",
            ImgDim=[HEIGHT, WIDTH],
            KernelDim=[HEIGHT, WIDTH],
            Stride=[1, 1],
            Pad=[0, 0],
            OutDim=[1, 1],
            NumChannels=CHANNELS,
            inputDataType="UINT4",
        ),
        node(
            "OpenMVAU_rtl",
            ["pooled", "weights"],
            ["gate"],
            MW=CHANNELS,
            MH=CHANNELS,
            SIMD=1,
            noActivation=1,
            inputDataType="UINT9",
            weightDataType="INT3",
            outputDataType="INT12",
            accDataType="INT12",
            numInputVectors=[1, 1, 1],
        ),
        node(
            "OpenBranchProduct_rtl",
            ["skip", "gate"],
            ["gated"],
            lhs_shape=image,
            rhs_shape=pixel,
            out_shape=image,
            lhs_dtype="UINT4",
            rhs_dtype="INT12",
            out_dtype="INT16",
        ),
    ]
    infos = {n: helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()}
    model = ModelWrapper(qonnx_make_model(helper.make_graph(nodes, "net", [infos["image"]], [infos["gated"]])))
    for name, shape in shapes.items():
        model.set_tensor_shape(name, list(shape))
    model.set_initializer("weights", np.array([[1, -2], [3, 2]], np.float32))
    model.set_tensor_datatype("weights", DataType["INT3"])
    model.set_tensor_datatype("image", DataType["UINT4"])
    for operator in map(getCustomOp, model.graph.node):
        operator.infer_node_datatype(model)
    return insert_fifos(model)


@pytest.fixture(scope="module")
def gated() -> ModelWrapper:
    return squeeze_and_excite()


def test_the_skip_holds_a_frame_at_the_full_rate(gated: ModelWrapper) -> None:
    sizing = least_depths(with_depths(gated, {}))
    (skip,) = sizing.skips
    assert skip.lower_bound == WORDS - 1, (
        "the first value of the gate needs all words; one of them may wait in the fork"
    )
    assert skip.lower_bound <= sizing.least[skip.fifos[0]] <= WORDS + 32
    certificate = sizing.certificate
    assert certificate.periodic and certificate.cycles_per_frame == WORDS, "a word a cycle, frame after frame"
    assert certificate.cycles_per_frame == certificate.cycles_per_frame_unlimited


def test_with_less_than_a_frame_the_design_stops_and_names_the_skip(gated: ModelWrapper) -> None:
    accelerator = with_depths(gated, {})
    sizing = least_depths(accelerator)
    (skip,) = sizing.skips
    timing = TimingModel(accelerator)
    depths = dict.fromkeys(sizing.depths, 2)
    runs = {d: timing.run({**depths, skip.fifos[0]: d}, 3) for d in range(WORDS // 2, WORDS + 4)}
    dead = [d for d, found in runs.items() if found.status == "deadlock"]
    assert dead and max(dead) < WORDS and all(runs[d].status == "finished" for d in range(WORDS, WORDS + 4))
    assert skip.fifos[0] in runs[dead[0]].deadlock.full


@pytest.mark.parametrize("stall_probability", [0.0, 0.4])
def test_each_frame_has_its_own_gate(gated: ModelWrapper, stall_probability: float, tmp_path: Path) -> None:
    sizing = least_depths(with_depths(gated, {}))
    simulator = rtl_simulator(gated, sizing.depths, tmp_path)
    random = np.random.default_rng(1)
    images = random.integers(0, 16, (5, 1, HEIGHT, WIDTH, CHANNELS)) // np.array([1, 4, 16, 2, 1]).reshape(
        5, 1, 1, 1, 1
    )
    frames = [execute_dataflow(gated, image.astype(np.float32)) for image in images]
    tensors = {name: np.stack([frame[name] for frame in frames]) for name in frames[0]}
    result = run(simulator, tensors, RunOptions(check_protocol=True, stall_probability=stall_probability))
    assert result.finished and result.mismatched_words == 0 and not result.protocol_errors
