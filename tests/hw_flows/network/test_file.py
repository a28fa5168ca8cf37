# SPDX-License-Identifier: BSD-3-Clause
"""QONNX files of unknown origin: what would be imported, evaluated, computed without end or of any size is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.machine.errors import UserError
from hw_flows.network.file import load_network

SHAPE = [1, 1, 4, 4]


def network() -> Any:
    """A quantizer and a Relu."""
    constants = [
        numpy_helper.from_array(np.array(value, np.float32), name)
        for name, value in (("scale", 0.5), ("zero", 0.0), ("bits", 4.0))
    ]
    graph = helper.make_graph(
        [
            helper.make_node(
                "Quant",
                ["x", "scale", "zero", "bits"],
                ["q"],
                name="quantizer",
                domain="qonnx.custom_op.general",
                signed=0,
                narrow=0,
                rounding_mode="ROUND",
            ),
            helper.make_node("Relu", ["q"], ["y"], name="relu"),
        ],
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, SHAPE)],
        constants,
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("qonnx.custom_op.general", 2)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def load(path: Path, change: Callable[[Any], object] = lambda model: None) -> Any:
    model = network()
    change(model)
    onnx.save(model, str(path / "network.onnx"))
    return load_network(path / "network.onnx")


def annotate(model: Any, key: str, value: str) -> None:
    note = model.graph.quantization_annotation.add(tensor_name="x")
    note.quant_parameter_tensor_names.add(key=key, value=value)


def insert(model: Any, *nodes: Any) -> None:
    for node in reversed(nodes):
        model.graph.node.insert(0, node)


def large_constant(model: Any) -> None:
    shape = numpy_helper.from_array(np.array([2**20, 2**20]))
    insert(
        model,
        helper.make_node("Constant", [], ["shape"], value=shape),
        helper.make_node("ConstantOfShape", ["shape"], ["huge"]),
    )


def loop(model: Any) -> None:
    on = helper.make_tensor_value_info("on", TensorProto.BOOL, [])
    body = helper.make_graph([], "body", [helper.make_tensor_value_info("i", TensorProto.INT64, []), on], [on])
    insert(model, helper.make_node("Loop", ["", ""], [], body=body))


def fill(model: Any, value: float) -> None:
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.array(value, np.float32), "scale"))


def test_a_sound_network_comes_through(tmp_path: Path) -> None:
    model = load(tmp_path, lambda model: annotate(model, "finn_datatype", "UINT8"))
    assert [node.op_type for node in model.graph.node] == ["Quant", "Relu"]
    assert ModelWrapper(model).get_tensor_datatype("x").name == "UINT8"


@pytest.mark.parametrize("key", ["tensor_layout", "tensor_sparsity"])
def test_annotations_that_qonnx_would_evaluate_are_taken_out(tmp_path: Path, key: str) -> None:
    victim = tmp_path / "was here"
    model = load(tmp_path, lambda model: annotate(model, key, f"open({str(victim)!r}, 'w')"))
    wrapper = ModelWrapper(model)
    assert wrapper.get_tensor_layout("x") is None and wrapper.get_tensor_sparsity("x") is None
    assert not victim.exists()


def test_notes_of_the_exporter_are_taken_out(tmp_path: Path) -> None:
    def note(model: Any) -> None:
        model.metadata_props.add(key="vivado_stitch_ifnames", value="exit()")
        model.graph.node[0].doc_string = "/home/someone"

    model = load(tmp_path, note)
    assert not model.metadata_props and not model.graph.node[0].doc_string


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: setattr(m.graph.node[1], "domain", "antigravity"), "Relu of domain 'antigravity' is not known"),
        (lambda m: setattr(m.graph.node[1], "domain", "finn.custom_op.fpgadataflow.hls"), "is not known here"),
        (lambda m: setattr(m.graph.node[0], "op_type", "GenericPartition"), "GenericPartition.*is not known here"),
        (loop, "a graph of its own"),
        (lambda m: m.functions.add(), "functions of its own"),
        (large_constant, "huge would have 1,099,511,627,776 elements"),
        (lambda m: insert(m, helper.make_node("RandomNormal", [], ["r"], shape=[2**40])), "r would have"),
        (lambda m: insert(m, helper.make_node("Tile", ["x", "scale"], ["r"])), "rules of ONNX|shapes|not known before"),
        (
            lambda m: m.graph.node.append(helper.make_node("NonZero", ["y"], ["r"])),
            "size of what NonZero gives is not known",
        ),
        (
            lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[2], "dim_param", "H"),
            r"no fixed size: \(1, 1, H, 4\)",
        ),
        (lambda m: annotate(m, "finn_datatype", "__import__('os')"), "no data type"),
        (lambda m: fill(m, float("nan")), "not finite"),
        (lambda m: m.graph.initializer[1].dims.extend([2**40]), "has the shape"),
        (lambda m: setattr(m.graph.initializer[1], "name", "scale"), "name or that of another"),
        (lambda m: setattr(m.opset_import[0], "version", 999), "operator set 999"),
        (lambda m: setattr(m.graph.node[1], "op_type", "NoSuch"), "rules of ONNX"),
        (lambda m: m.graph.node[0].input.__setitem__(0, "y"), "rules of ONNX"),
        (lambda m: m.graph.ClearField("node"), "no nodes"),
        (
            lambda m: m.graph.value_info.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, [9])),
            "described twice",
        ),
        (lambda m: m.graph.output[0].CopyFrom(m.graph.input[0]), "an input or output twice"),
        (
            lambda m: m.graph.node[1].attribute.append(helper.make_attribute("strides", [0, 0])),
            "strides of the operator",
        ),
    ],
)
def test_what_could_do_harm_is_refused(tmp_path: Path, change: Callable[[Any], object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        load(tmp_path, change)


def test_weights_in_files_elsewhere_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(4))
    model = network()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "network.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(UserError, match="not a readable ONNX model"):
        load_network(tmp_path / "in" / "network.onnx")


@pytest.mark.parametrize("name", [b"quantizer", b"scale", b"Quant", b"rounding_mode", b"qonnx.custom_op.general"])
def test_names_that_are_no_text_are_refused(tmp_path: Path, name: bytes) -> None:
    content = network().SerializeToString()
    assert name in content
    (tmp_path / "network.onnx").write_bytes(content.replace(name, b"\xff" * len(name)))
    with pytest.raises(UserError, match="no text"):
        load_network(tmp_path / "network.onnx")


@pytest.mark.parametrize("content", [b"", b"text", b"\x08\x0a\xff\xff\xff"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "network.onnx").write_bytes(content)
    with pytest.raises(UserError, match="ONNX"):
        load_network(tmp_path / "network.onnx")
