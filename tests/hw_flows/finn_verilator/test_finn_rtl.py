# SPDX-License-Identifier: BSD-3-Clause
"""FINN's own RTL, run by FINN's own rtlsim: a node by itself, and a stitched design whose thresholds AXI-lite changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.general import GiveUniqueNodeNames
from qonnx.util.basic import qonnx_make_model

from hw_flows.finn_verilator import install

PART, CLOCK_NS = "xc7z020clg400-1", 10.0
SIZE, CHANNELS, KERNEL = 4, 2, 3
PADDED = SIZE + 2
INPUT, OUTPUT = DataType["INT6"], DataType["UINT2"]
DOMAIN = "finn.custom_op.fpgadataflow.rtl"


@pytest.fixture(autouse=True)
def simulator() -> None:
    install()


def thresholds(seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).integers(INPUT.min(), INPUT.max(), (CHANNELS, 3))
    return np.sort(drawn, axis=1).astype(np.float32)


def node(op_type: str, inputs: list[str], output: str, **attributes: Any) -> Any:
    return helper.make_node(op_type, inputs, [output], domain=DOMAIN, backend="fpgadataflow", **attributes)


def thresholding(source: str, target: str, vectors: list[int], writeable: int) -> Any:
    return node(
        "Thresholding_rtl",
        [source, "t"],
        target,
        NumChannels=CHANNELS,
        PE=1,
        numSteps=3,
        ActVal=0,
        inputDataType=INPUT.name,
        weightDataType=INPUT.name,
        outputDataType=OUTPUT.name,
        numInputVectors=vectors,
        runtime_writeable_weights=writeable,
    )


def model_of(
    nodes: list[Any], first: list[int], last: list[int], streams: dict[str, list[int]], values: np.ndarray
) -> Any:
    def tensor(name: str, shape: list[int]) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(nodes, "design", [tensor("x", first)], [tensor("y", last)])
    model = ModelWrapper(qonnx_make_model(graph))
    for name, shape in streams.items():
        model.set_tensor_shape(name, shape)
        model.set_tensor_datatype(name, INPUT)
    model.set_tensor_datatype("x", INPUT)
    model.set_tensor_datatype("y", OUTPUT)
    model.set_initializer("t", values)
    model.set_tensor_datatype("t", INPUT)
    return model.transform(GiveUniqueNodeNames())


def ready_to_simulate(model: Any) -> Any:
    from finn.transformation.fpgadataflow.hlssynth_ip import HLSSynthIP
    from finn.transformation.fpgadataflow.prepare_ip import PrepareIP

    return model.transform(PrepareIP(PART, CLOCK_NS)).transform(HLSSynthIP())


def picture() -> np.ndarray:
    drawn = np.random.default_rng(3).integers(INPUT.min(), INPUT.max() + 1, (1, SIZE, SIZE, CHANNELS))
    return drawn.astype(np.float32)


def passed(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """How many of its channel's thresholds each element reaches."""
    return (x[..., None] >= values).sum(axis=-1).astype(np.float32)


def windows(x: np.ndarray) -> np.ndarray:
    """3x3 windows of the padded picture in the operator's order: row, column, channel."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    rows = [padded[:, r : r + SIZE, c : c + SIZE] for r in range(KERNEL) for c in range(KERNEL)]
    return np.concatenate(rows, axis=-1)


def test_a_thresholding_node_as_rtl() -> None:
    from finn.core.onnx_exec import execute_onnx
    from finn.transformation.fpgadataflow.prepare_rtlsim import PrepareRTLSim
    from finn.transformation.fpgadataflow.set_exec_mode import SetExecMode

    shape, values = [1, SIZE, SIZE, CHANNELS], thresholds(1)
    model = model_of([thresholding("x", "y", shape[:3], 0)], shape, shape, {}, values)
    model = ready_to_simulate(model).transform(SetExecMode("rtlsim")).transform(PrepareRTLSim())
    x = picture()
    np.testing.assert_array_equal(execute_onnx(model, {"x": x})["y"], passed(x, values))
    cycles = getCustomOp(model.graph.node[0]).get_nodeattr("cycles_rtlsim")
    assert SIZE * SIZE * CHANNELS <= cycles <= SIZE * SIZE * CHANNELS + 15


def stitched() -> Any:
    """FIFO, padding, sliding window, FIFO; beside the data path's end, thresholds that can be written."""
    from finn.transformation.fpgadataflow.create_stitched_ip import CreateStitchedIP

    shape, padded = [1, SIZE, SIZE, CHANNELS], [1, PADDED, PADDED, CHANNELS]
    fold = [1, SIZE, SIZE, CHANNELS, 1]
    fifo = {"impl_style": "rtl", "dataType": INPUT.name, "depth": 40}
    nodes = [
        node("StreamingFIFO_rtl", ["x"], "a", folded_shape=fold, normal_shape=shape, **fifo),
        thresholding("a", "b", shape[:3], 1),
        node(
            "FMPadding_rtl",
            ["b"],
            "c",
            ImgDim=[SIZE, SIZE],
            Padding=[1, 1, 1, 1],
            NumChannels=CHANNELS,
            inputDataType=OUTPUT.name,
            numInputVectors=1,
            SIMD=1,
        ),
        node(
            "ConvolutionInputGenerator_rtl",
            ["c"],
            "y",
            ConvKernelDim=[KERNEL, KERNEL],
            IFMChannels=CHANNELS,
            IFMDim=[PADDED, PADDED],
            OFMDim=[SIZE, SIZE],
            SIMD=1,
            M=1,
            parallel_window=0,
            Stride=[1, 1],
            Dilation=[1, 1],
            inputDataType=OUTPUT.name,
            outputDataType=OUTPUT.name,
            depthwise=0,
        ),
    ]
    last = [1, SIZE, SIZE, KERNEL * KERNEL * CHANNELS]
    model = model_of(nodes, shape, last, {"a": shape, "b": shape, "c": padded}, thresholds(1))
    for name in ("b", "c"):
        model.set_tensor_datatype(name, OUTPUT)
    model = ready_to_simulate(model).transform(CreateStitchedIP(PART, CLOCK_NS))
    model.set_metadata_prop("exec_mode", "rtlsim")
    return model


def words(model: Any, values: np.ndarray, folder: Path) -> list[int]:
    """The thresholds as FINN lays them out for AXI-lite."""
    file = folder / "weights.dat"
    getCustomOp(model.graph.node[1]).make_weight_file(values, "decoupled_runtime", str(file))
    return [int(word, 16) for word in file.read_text().split()]


def test_a_stitched_design_with_thresholds_by_axi_lite(tmp_path: Path) -> None:
    from finn.core.rtlsim_exec import rtlsim_exec
    from finn.xsi import reset_rtlsim

    model, x = stitched(), picture()
    old, new = thresholds(1), thresholds(2)
    found: list[list[int]] = []

    def read(sim: Any) -> None:
        addresses = [4 * i for i in range(len(words(model, old, tmp_path)))]
        replies = sim.read_axilite("s_axilite_0", iter(addresses))
        assert sim.run() == []
        found.append([int(replies[address], 16) for address in addresses])

    def write(sim: Any) -> None:
        sim.write_axilite("s_axilite_0", ((4 * i, f"{w:x}") for i, w in enumerate(words(model, new, tmp_path))))
        assert sim.run() == []
        reset_rtlsim(sim)

    context = {"x": x}
    rtlsim_exec(model, context, pre_hook=read)
    np.testing.assert_array_equal(context["y"], windows(passed(x, old)))
    rtlsim_exec(model, context, pre_hook=write, post_hook=read)
    np.testing.assert_array_equal(context["y"], windows(passed(x, new)))
    assert found == [words(model, old, tmp_path), words(model, new, tmp_path)]
    assert found[0] != found[1]


def test_a_stream_that_never_comes_is_a_timeout(tmp_path: Path) -> None:
    from finn.util.exception import FINNUserError
    from finn.xsi import close_rtlsim, load_sim_obj, reset_rtlsim, rtlsim_multi_io

    from hw_flows.finn_verilator.compile import compile_sim_obj

    source = tmp_path / "deaf.v"
    source.write_text(
        "module deaf(input ap_clk, input ap_rst_n, input [7:0] in0_V_TDATA, input in0_V_TVALID, output in0_V_TREADY,\n"
        "  output [7:0] out0_V_TDATA, output out0_V_TVALID, input out0_V_TREADY);\n"
        "  assign in0_V_TREADY = 0, out0_V_TVALID = 0, out0_V_TDATA = 0;\nendmodule\n"
    )
    sim = load_sim_obj(*compile_sim_obj("deaf", [str(source)], tmp_path))
    reset_rtlsim(sim)
    with pytest.raises(FINNUserError, match="timed out after 50 cycles"):
        rtlsim_multi_io(sim, {"inputs": {"in0": [1]}, "outputs": {"out0": []}}, 1, "_V", liveness_threshold=50)
    close_rtlsim(sim)
