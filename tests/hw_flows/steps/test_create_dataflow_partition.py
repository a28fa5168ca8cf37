# SPDX-License-Identifier: BSD-3-Clause
"""The accelerator's part becomes a model of its own; the host's part keeps a place for it."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from finn.core.onnx_exec import execute_onnx
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.network.execute import host_input
from hw_flows.network.verification import logits_agree, parent_model
from hw_flows.operators import HW_DOMAIN
from hw_flows.steps.create_dataflow_partition import step_create_dataflow_partition
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import after, exported

PARTITION = "StreamingDataflowPartition"


@pytest.mark.parametrize(
    ("net", "host"),
    [
        (ForeignNet(), ["MultiThreshold", "Transpose", PARTITION, "Transpose", "Mul", "Add"]),
        (ForeignNet(input_quantizer=False), ["Transpose", PARTITION, "Transpose", "Mul", "Add"]),
        (
            ForeignNet(quantized_output=True, classes=4, seed=4),
            ["MultiThreshold", "Transpose", PARTITION, "Transpose", "Mul"],
        ),
        (
            ForeignNet(sigmoid_output=True),
            ["MultiThreshold", "Transpose", PARTITION, "Transpose", "Mul", "Add", "Sigmoid"],
        ),
    ],
)
def test_what_stays_on_the_host(net: ForeignNet, host: list[str]) -> None:
    built = after(net, "step_create_dataflow_partition")
    assert built.parent is not None
    assert [node.op_type for node in built.parent.graph.node] == host
    assert all(node.domain == HW_DOMAIN for node in built.model.graph.node)


def test_the_child_takes_and_gives_nhwc_integers() -> None:
    net = ForeignNet(in_channels=3, classes=4, image=(8, 16))
    built = after(net, "step_create_dataflow_partition")
    assert built.parent is not None
    source, sink = built.model.graph.input[0].name, built.model.graph.output[0].name
    assert built.model.get_tensor_shape(source) == [1, 8, 16, 3]
    assert built.model.get_tensor_shape(sink) == [1, 8, 16, 4]
    assert built.model.get_tensor_datatype(source).name == "UINT8"
    sent = host_input(built.parent, exported(net).frames[:1])
    assert sent.shape == (1, 8, 16, 3)
    assert np.array_equal(sent, np.round(sent)) and sent.max() <= 255


def test_parent_and_child_are_written_to_the_build(tmp_path) -> None:
    model = after(ForeignNet(), "step_convert_to_hw").model
    child = step_create_dataflow_partition(model, SimpleNamespace(output_dir=tmp_path))
    parent = ModelWrapper(str(tmp_path / "intermediate_models" / "dataflow_parent.onnx"))
    (node,) = parent.get_nodes_by_op_type(PARTITION)
    assert getCustomOp(node).get_nodeattr("model") == "partition_0.onnx"
    (saved,) = (p for p in (tmp_path / "intermediate_models").glob("*.onnx") if p.name != "dataflow_parent.onnx")
    assert len(ModelWrapper(str(saved)).graph.node) == len(child.graph.node)


def test_finn_itself_executes_the_parent_wherever_the_build_lies(tmp_path, monkeypatch) -> None:
    net = ForeignNet()
    step_create_dataflow_partition(after(net, "step_convert_to_hw").model, SimpleNamespace(output_dir=tmp_path / "old"))
    (tmp_path / "old").rename(tmp_path / "new")
    monkeypatch.chdir(tmp_path)
    parent = parent_model(Path("new"))
    frame, expected = exported(net).frames[:1], exported(net).outputs[:1]
    answer = execute_onnx(parent, {parent.graph.input[0].name: frame})[parent.graph.output[0].name]
    assert logits_agree(answer, expected)
