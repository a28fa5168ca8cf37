# SPDX-License-Identifier: BSD-3-Clause
"""A skip connection whose FIFO is one word too shallow stops the design, and the message names that FIFO."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.util.basic import gen_finn_dt_tensor, qonnx_make_model

from hw_flows.network.execute import execute_dataflow
from hw_flows.operators import RTL_DOMAIN, register
from hw_flows.simulate import RunOptions, compile_simulator, run
from hw_flows.stitch import describe, write_operators, write_top
from hw_flows.stitch.insert import fifo_nodes, insert_fifos

HEIGHT, WIDTH = 6, 7
SKIP = "skip"


def fork_and_join(adds: bool = False) -> ModelWrapper:
    """input -> fork -> (padding -> 3x3 convolution | skip connection) -> concat: the smallest U-Net there is.

    `adds`: an addition instead of the concat, the smallest residual block.
    """
    register()
    shapes = {
        "image": (1, HEIGHT, WIDTH, 1),
        "main": (1, HEIGHT, WIDTH, 1),
        SKIP: (1, HEIGHT, WIDTH, 1),
        "padded": (1, HEIGHT + 2, WIDTH + 2, 1),
        "windows": (1, HEIGHT, WIDTH, 9),
        "sums": (1, HEIGHT, WIDTH, 1),
        "joined": (1, HEIGHT, WIDTH, 1 if adds else 2),
    }

    def node(op_type, inputs, output, **attributes):
        return helper.make_node(
            op_type, inputs, output, name=f"{op_type}_0", domain=RTL_DOMAIN, backend="fpgadataflow", **attributes
        )

    nodes = [
        node(
            "OpenDuplicateStreams_rtl",
            ["image"],
            ["main", SKIP],
            PE=1,
            NumChannels=1,
            NumOutputStreams=2,
            inputDataType="UINT4",
            numInputVectors=[1, HEIGHT, WIDTH],
        ),
        node(
            "OpenFMPadding_rtl",
            ["main"],
            ["padded"],
            ImgDim=[HEIGHT, WIDTH],
            Padding=[1, 1, 1, 1],
            NumChannels=1,
            SIMD=1,
            inputDataType="UINT4",
        ),
        node(
            "OpenConvolutionInputGenerator_rtl",
            ["padded"],
            ["windows"],
            ConvKernelDim=[3, 3],
            IFMChannels=1,
            IFMDim=[HEIGHT + 2, WIDTH + 2],
            OFMDim=[HEIGHT, WIDTH],
            SIMD=1,
            Stride=[1, 1],
            Dilation=[1, 1],
            inputDataType="UINT4",
            outputDataType="UINT4",
        ),
        node(
            "OpenMVAU_rtl",
            ["windows", "weights"],
            ["sums"],
            MW=9,
            MH=1,
            SIMD=1,
            PE=1,
            noActivation=1,
            inputDataType="UINT4",
            weightDataType="INT3",
            outputDataType="INT11",
            accDataType="INT11",
            numInputVectors=[1, HEIGHT, WIDTH],
        ),
    ]
    if adds:
        shapes_of = dict.fromkeys(("lhs_shape", "rhs_shape", "out_shape"), shapes["sums"])
        types = {"lhs_dtype": "INT11", "rhs_dtype": "UINT4", "out_dtype": "INT12"}
        nodes.append(node("OpenScaledAdd_rtl", ["sums", SKIP], ["joined"], PE=1, factors=[1, 3], **shapes_of, **types))
    else:
        nodes.append(
            node(
                "OpenStreamingConcat_rtl",
                ["sums", SKIP],
                ["joined"],
                SIMD=1,
                ChannelsPerStream=[1, 1],
                inputDataTypes=["INT11", "UINT4"],
                numInputVectors=[1, HEIGHT, WIDTH],
            )
        )
    infos = {n: helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()}
    graph = helper.make_graph(nodes, "net", [infos["image"]], [infos["joined"]])
    model = ModelWrapper(qonnx_make_model(graph))
    for name, shape in shapes.items():
        model.set_tensor_shape(name, list(shape))
    model.set_initializer("weights", (np.arange(9).reshape(9, 1) % 5 - 2).astype(np.float32))
    model.set_tensor_datatype("weights", DataType["INT3"])
    model.set_tensor_datatype("image", DataType["UINT4"])
    for operator in map(getCustomOp, model.graph.node):
        operator.infer_node_datatype(model)
    return insert_fifos(model)


def simulate(depth: int, folder):
    """Two frames at full speed with a skip FIFO of that depth; also the FIFO's instance name."""
    model = fork_and_join()
    for fifo in fifo_nodes(model):
        getCustomOp(fifo).set_nodeattr("depth", depth if fifo.input[0] == SKIP else 2)
    accelerator = describe(model)
    rtl = folder / str(depth)
    write_operators(model, accelerator, rtl)
    write_top(accelerator, rtl)
    simulator = compile_simulator(accelerator, rtl, jobs=1)
    np.random.seed(1)
    frames = [execute_dataflow(model, gen_finn_dt_tensor(DataType["UINT4"], (1, HEIGHT, WIDTH, 1))) for _ in range(2)]
    tensors = {name: np.stack([frame[name] for frame in frames]) for name in frames[0]}
    (name,) = [i.name for i in accelerator.instances if i.inputs[0].streams[0] == "DuplicateStreams_0_out1"]
    return run(simulator, tensors, RunOptions(check_protocol=True)), name


def test_one_word_too_shallow_is_a_deadlock_that_names_the_fifo(tmp_path):
    # The convolution gives its first sum once it has seen a row and two pixels; until then the skip must hold all.
    enough, too_shallow = WIDTH + 4, 1
    assert simulate(enough, tmp_path)[0].exact
    while enough - too_shallow > 1:  # the least depth that works, by bisection
        middle = (enough + too_shallow) // 2
        if simulate(middle, tmp_path)[0].finished:
            enough = middle
        else:
            too_shallow = middle
    result, name = simulate(enough - 1, tmp_path)
    assert not result.finished
    assert result.deadlock is not None
    assert name in result.deadlock.full
    assert result.deadlock.empty
    assert name in str(result.deadlock)
    assert enough > WIDTH // 2, "the data dependence alone asks for most of a row"
    exact, _ = simulate(enough, tmp_path)
    assert exact.exact
