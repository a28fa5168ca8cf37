# SPDX-License-Identifier: BSD-3-Clause
"""Parts of a graph that would do harm: that read other files, name code, loop without end or take all memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from trust.hostile_input.payloads import CANARY, CANARY_MODULE

Change = Callable[[Any], object]


def text(payload: str) -> str:
    """As a protobuf string can hold it."""
    return payload.encode("utf-8", "replace").decode()


def harmful() -> dict[str, Change]:
    """Changes of a model, by what they try."""
    found: dict[str, Change] = {}
    for name, location in _LOCATIONS.items():
        found[f"weights in another file: {name}"] = _external(location)
    found["weights in another file: offset beyond its end"] = _external("secret.bin", offset=str(2**60), length="4")
    found["weights in another file: 2^60 bytes of it"] = _external("/dev/zero", length=str(2**60))
    found["weights in another file: numbers that are none"] = _external("secret.bin", offset="x", length="-1")
    for name, node in _custom().items():
        found[name] = _in_front(node)
    found["a constant without end"] = _constant_loop(2**62)
    found["a loop in the network"] = _loop_on_the_way
    found["a million nested branches"] = _nested
    found["a function that calls itself"] = _recursive_function
    for name, nodes in _huge().items():
        found[f"a constant of 2^40 values: {name}"] = _constants(nodes)
    return found


_LOCATIONS = {
    "up": "../secret",
    "up, twice": "../../secret",
    "absolute": "/etc/passwd",
    "device": "/dev/zero",
    "through a folder": "x/../../secret",
    "backslashes": "..\\secret",
    "home": "~/secret",
    "variable": "$HOME/secret",
    "pipe": "|touch canary",
    "address": "http://127.0.0.1:9/secret",
    "NUL": "secret\0.bin",
    "nothing": "",
    "itself": "network.onnx",
    "10,000 characters": "a" * 10_000,
    "folder": ".",
}


def _external(location: str, **more: str) -> Change:
    def change(model: Any) -> None:
        tensor = max(model.graph.initializer, key=lambda t: len(t.raw_data))
        size = len(tensor.raw_data)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {"location": location, "offset": "0", "length": str(min(size, 32)), **more}.items():
            tensor.external_data.add(key=key, value=value)

    return change


def _custom() -> dict[str, Any]:
    """Operators whose class is found, or whose work is done, by names in the file."""
    program = {"exec_mode": "cppsim", "executable_path": f"touch {CANARY}", "code_gen_dir_cppsim": "/bin"}
    stream = {"NumChannels": 1, "PE": 1, "numInputVectors": [1], "inputDataType": "UINT8", "backend": "fpgadataflow"}
    nodes = {
        "a module beside the file": ("Any", CANARY_MODULE, {}),
        "a module of Python": ("system", "os", {}),
        "a module with effects": ("fly", "antigravity", {}),
        "a private module": ("x", "quantunet.cli", {}),
        "a relative module": ("x", "..os", {}),
        "a program of FINN": ("Thresholding_hls", "finn.custom_op.fpgadataflow.hls", program | stream),
        "a program of FINN, another": ("MVAU_hls", "finn.custom_op.fpgadataflow.hls", program | stream),
        "a simulation of FINN": ("Thresholding_rtl", "finn.custom_op.fpgadataflow.rtl", {"exec_mode": "rtlsim"}),
        "a partition in another file": ("GenericPartition", "qonnx.custom_op.general", {"model": "../secret"}),
        "a partition of dataflow": (
            "StreamingDataflowPartition",
            "finn.custom_op.fpgadataflow",
            {"model": "/etc/passwd"},
        ),
        "a partition that is the file": ("GenericPartition", "qonnx.custom_op.general", {"model": "in/network.onnx"}),
        "a debugger": ("DebugMarker", "qonnx.custom_op.general", {"export_debug_name": "../../x"}),
        "an operator of Microsoft's": ("Gelu", "com.microsoft", {}),
        "PyTorch's own": ("aten", "org.pytorch.aten", {"operator": "system"}),
    }
    return nodes


def _in_front(parts: tuple[str, str, dict[str, Any]]) -> Change:
    op_type, domain, attributes = parts

    def change(model: Any) -> None:
        name = model.graph.input[0].name
        for node in model.graph.node:
            node.input[:] = ["behind" if i == name else i for i in node.input]
        model.graph.node.insert(0, helper.make_node(op_type, [name], ["behind"], domain=domain, **attributes))
        model.opset_import.append(helper.make_opsetid(domain, 1))

    return change


def _body(name: str) -> Any:
    """A loop's: goes on and adds one."""
    return helper.make_graph(
        [
            helper.make_node("Identity", [f"{name}_c"], [f"{name}_co"]),
            helper.make_node("Add", [f"{name}_x", f"{name}_x"], [f"{name}_y"]),
        ],
        name,
        [
            helper.make_tensor_value_info(f"{name}_i", TensorProto.INT64, []),
            helper.make_tensor_value_info(f"{name}_c", TensorProto.BOOL, []),
            helper.make_tensor_value_info(f"{name}_x", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info(f"{name}_co", TensorProto.BOOL, []),
            helper.make_tensor_value_info(f"{name}_y", TensorProto.FLOAT, None),
        ],
    )


def _constant_loop(times: int) -> Change:
    """What folds constants runs it."""

    def change(model: Any) -> None:
        graph = model.graph
        graph.initializer.append(numpy_helper.from_array(np.array(times, np.int64), "times"))
        graph.initializer.append(numpy_helper.from_array(np.array(True), "on"))
        graph.initializer.append(numpy_helper.from_array(np.zeros(1, np.float32), "start"))
        graph.node.insert(0, helper.make_node("Loop", ["times", "on", "start"], ["looped"], body=_body("loop")))
        _add_to_the_output(graph, "looped")

    return change


def _loop_on_the_way(model: Any) -> None:
    graph = model.graph
    graph.initializer.append(numpy_helper.from_array(np.array(2**62, np.int64), "times"))
    graph.initializer.append(numpy_helper.from_array(np.array(True), "on"))
    name = graph.output[0].name
    graph.node.append(helper.make_node("Loop", ["times", "on", name], ["looped"], body=_body("loop")))
    graph.output[0].name = "looped"


def _nested(model: Any) -> None:
    inner = helper.make_graph([], "inner", [], [helper.make_tensor_value_info("on", TensorProto.BOOL, [])])
    for level in range(40):
        node = helper.make_node("If", ["on"], [f"n{level}"], then_branch=inner, else_branch=inner)
        inner = helper.make_graph([node], f"g{level}", [], [helper.make_tensor_value_info(f"n{level}", 9, [])])
        if inner.ByteSize() > 2**20:
            break
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "on"))
    model.graph.node.insert(0, helper.make_node("If", ["on"], ["nested"], then_branch=inner, else_branch=inner))


def _recursive_function(model: Any) -> None:
    call = helper.make_node("Again", ["a"], ["b"], domain="own")
    model.functions.append(helper.make_function("own", "Again", ["a"], ["b"], [call], [helper.make_opsetid("own", 1)]))
    model.opset_import.append(helper.make_opsetid("own", 1))
    name = model.graph.output[0].name
    model.graph.node.append(helper.make_node("Again", [name], ["again"], domain="own"))
    model.graph.output[0].name = "again"


def _huge() -> dict[str, list[Any]]:
    def constant(name: str, values: Any, kind: Any = np.int64) -> Any:
        return helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(values, kind)))

    shape = constant("shape", [2**20, 2**20])
    one = constant("one", [1.0], np.float32)
    return {
        "ConstantOfShape": [shape, helper.make_node("ConstantOfShape", ["shape"], ["huge"])],
        "Expand": [shape, one, helper.make_node("Expand", ["one", "shape"], ["huge"])],
        "Tile": [constant("shape", [2**40]), one, helper.make_node("Tile", ["one", "shape"], ["huge"])],
        "Range": [
            constant("zero", 0.0, np.float32),
            constant("end", 2.0**40, np.float32),
            constant("step", 1.0, np.float32),
            helper.make_node("Range", ["zero", "end", "step"], ["huge"]),
        ],
        "RandomNormal": [helper.make_node("RandomNormal", [], ["huge"], shape=[2**20, 2**20])],
        "Pad": [constant("shape", [0, 2**40]), one, helper.make_node("Pad", ["one", "shape"], ["huge"])],
        "EyeLike": [
            shape,
            helper.make_node("ConstantOfShape", ["shape"], ["other"]),
            helper.make_node("EyeLike", ["other"], ["huge"]),
        ],
        "OneHot": [
            constant("index", [0]),
            constant("shape", 2**40),
            constant("pair", [0.0, 1.0], np.float32),
            helper.make_node("OneHot", ["index", "shape", "pair"], ["huge"]),
        ],
        "squared, again and again": [
            constant("s0", [[2.0] * 64] * 64, np.float32),
            *(helper.make_node("Concat", [f"s{i}"] * 8, [f"s{i + 1}"], axis=0) for i in range(12)),
            helper.make_node("Identity", ["s12"], ["huge"]),
        ],
    }


def _constants(nodes: list[Any]) -> Change:
    def change(model: Any) -> None:
        for node in reversed(nodes):
            model.graph.node.insert(0, node)
        _add_to_the_output(model.graph, "huge")

    return change


def _add_to_the_output(graph: Any, constant: str) -> None:
    """Use a constant, of whatever size: its sum over all axes is added to the logits."""
    name = graph.output[0].name
    graph.node.append(helper.make_node("ReduceSum", [constant], ["summed"], keepdims=0))
    graph.node.append(helper.make_node("Add", [name, "summed"], ["with_constant"]))
    graph.output[0].name = "with_constant"
