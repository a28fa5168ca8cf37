# SPDX-License-Identifier: BSD-3-Clause
"""QONNX files: damaged bytes, and graphs that are wrong in every way a graph can be."""

from __future__ import annotations

import copy
import itertools
import os
import random
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from trust.hostile_input.case import BadInput
from trust.hostile_input.kinds import network_parts
from trust.hostile_input.mutate import damaged
from trust.hostile_input.payloads import CANARY_MODULE, NAMES, pickles, write_canary_module
from trust.hostile_input.seeds import Seeds

BYTES, GRAPH, NAMED = "QONNX file, bytes", "QONNX file, graph", "QONNX file, names"
_COMMAND = (
    "--model",
    "in/network.onnx",
    "--output",
    "out/build",
    "--flow",
    "none",
    "--frames",
    "1",
    "--batch",
    "--stop-step",
)
Change = Callable[[Any], object]


def cases(seeds: Seeds) -> list[BadInput]:
    sound = seeds.network.read_bytes()
    found = [_case(BYTES, name, data) for name, data in damaged(sound, 64, "network")]
    found += [_case(BYTES, f"pickle: {name}", data) for name, data in list(pickles().items())[:3]]
    found += [_case(BYTES, name, data) for name, data in {"empty": b"", "text": b"ir_version: 8"}.items()]
    model = onnx.load_model_from_string(sound)
    for index, (name, change) in enumerate(list(_changes(model).items())[::5]):
        # most end in the first step, and so do builds of those that do not
        stop = "step_specialize_layers" if index % 12 == 0 else "step_qonnx_cleanup"
        found.append(_changed(GRAPH, name, model, change, stop))
    found.append(_changed(GRAPH, "the largest image", model, partial(_set_shape_of, "input", [1, 1, 2048, 2048])))
    for name, change in network_parts.harmful().items():
        found.append(_changed(GRAPH, name, model, change))
    for index, (name, payload) in enumerate(NAMES.items()):
        for what in ("tensors", "nodes") if index % 2 else ("a refused operator", "data types"):
            rename = _RENAMES[what]
            found.append(_changed(NAMED, f"{what}: {name}", model, rename(payload), "step_qonnx_cleanup"))
    found += [_odd(seeds, name, make) for name, make in _ODD.items()]
    found += [_changed(NAMED, f"modules: {n}", model, _name_modules(p)) for n, p in list(NAMES.items())[::4]]
    return [*found, *(_evaluated(seeds, case) for case in found[::4]), *(_checked(case) for case in found[1::6])]


def _checked(case: BadInput) -> BadInput:
    """The same network, of which nothing is to be built."""
    arguments = ("--check", "in/network.onnx", "--flow", "none")
    return BadInput(case.kind, f"checked: {case.name}", "qu-build", arguments, case.write, attacked="--check")


def _evaluated(seeds: Seeds, case: BadInput) -> BadInput:
    """The same network, to be measured in place of its checkpoint."""

    def write(folder: Path) -> None:
        case.write(folder)
        shutil.copytree(seeds.checkpoint, folder / "checkpoint")
        shutil.copytree(seeds.data, folder / "data")

    arguments = ("in/checkpoint", "--data", "in/data", "--onnx", "in/network.onnx", "--json", "out/figures.json")
    return BadInput(case.kind, f"measured: {case.name}", "qu-eval", arguments, write, attacked="--onnx")


def _case(kind: str, name: str, content: bytes, stop: str = "step_qonnx_cleanup") -> BadInput:
    def write(folder: Path) -> None:
        (folder / "network.onnx").write_bytes(content)
        write_canary_module(folder)

    return BadInput(kind, name, "qu-build", (*_COMMAND, stop), write, attacked="--model")


def _changed(kind: str, name: str, model: Any, change: Change, stop: str = "step_qonnx_cleanup") -> BadInput:
    def write(folder: Path) -> None:
        other = copy.deepcopy(model)
        change(other)
        (folder / "network.onnx").write_bytes(other.SerializeToString())
        write_canary_module(folder)

    return BadInput(kind, name, "qu-build", (*_COMMAND, stop), write, attacked="--model")


def _changes(model: Any) -> dict[str, Change]:
    return {
        **_nodes(model),
        **_attributes(model),
        **_initializers(model),
        **_interfaces(),
        **_versions(),
    }


def _nodes(model: Any) -> dict[str, Change]:
    source = random.Random("nodes")
    found: dict[str, Change] = {}
    count = len(model.graph.node)

    def edit(name: str, index: int, change: Callable[[Any, Any], object]) -> None:
        node = model.graph.node[index]
        found[f"{node.op_type} {index}: {name}"] = partial(_edit_node, index, change)

    kinds = [
        "If",
        "Loop",
        "Scan",
        "Reshape",
        "Softmax",
        "Einsum",
        "GRU",
        "Cast",
        "Transpose",
        "Conv",
        "Quant",
        "Split",
        "MaxPool",
        "Concat",
        "BatchNormalization",
        "NoSuchOperator",
        "",
        "\0",
        "TopK",
        "NonZero",
    ]
    domains = [
        "os",
        "antigravity",
        CANARY_MODULE,
        "finn.custom_op.fpgadataflow",
        "qonnx.custom_op.channels_last",
        "qonnx.custom_op.general",
        "ai.onnx.ml",
        "com.microsoft",
        "..",
        "",
        "a" * 5000,
    ]
    for kind in kinds:
        index = source.randrange(count)
        edit(f"becomes {kind or 'nothing'}", index, partial(_set_on_node, "op_type", kind))
    for domain in domains:
        index = source.randrange(count)
        edit(f"of domain {domain[:40] or 'none'}", index, partial(_set_on_node, "domain", domain))
    for _ in range(10):
        edit("removed", source.randrange(count), lambda m, n: m.graph.node.remove(n))
        edit("twice", source.randrange(count), lambda m, n: m.graph.node.add().CopyFrom(n))
        edit("moved to the front", source.randrange(1, count), _move_to_front)
        edit("reads what is not there", source.randrange(count), lambda m, n: n.input.__setitem__(0, "nowhere"))
        edit("reads nothing", source.randrange(count), lambda m, n: n.ClearField("input"))
        edit("writes nothing", source.randrange(count), lambda m, n: n.ClearField("output"))
        edit("reads its own output", source.randrange(count), lambda m, n: n.input.__setitem__(0, n.output[0]))
        edit("inputs reversed", source.randrange(count), _reverse_inputs)
        edit("100 inputs more", source.randrange(count), lambda m, n: n.input.extend([n.input[0]] * 100))
        edit("last input missing", source.randrange(count), lambda m, n: n.input.pop())
        edit("first input blank", source.randrange(count), lambda m, n: n.input.__setitem__(0, ""))
        edit("second output", source.randrange(count), lambda m, n: n.output.append("another"))
        edit("output of another", source.randrange(1, count), _takes_over_an_output)
    found["a thousand times the same"] = lambda m: [m.graph.node.add().CopyFrom(m.graph.node[0]) for _ in range(1000)]
    found["a chain of 3,000 Relu"] = _chain
    found["no node"] = lambda m: m.graph.ClearField("node")
    return found


def _edit_node(index: int, change: Callable[[Any, Any], object], model: Any) -> None:
    change(model, model.graph.node[index])


def _set_on_node(field: str, value: str, model: Any, node: Any) -> None:
    setattr(node, field, value)


def _move_to_front(model: Any, node: Any) -> None:
    moved = copy.deepcopy(node)
    model.graph.node.remove(node)
    model.graph.node.insert(0, moved)


def _reverse_inputs(model: Any, node: Any) -> None:
    names = list(node.input)[::-1]
    node.ClearField("input")
    node.input.extend(names)


def _takes_over_an_output(model: Any, node: Any) -> None:
    node.output[0] = model.graph.node[0].output[0]


def _chain(model: Any) -> None:
    end = model.graph.output[0].name
    names = [end, *(f"r{i}" for i in range(3000))]
    for before, after in itertools.pairwise(names):
        model.graph.node.append(helper.make_node("Relu", [before], [after]))
    model.graph.output[0].name = names[-1]


def _attributes(model: Any) -> dict[str, Change]:
    strange: list[Any] = [
        -1,
        0,
        2**62,
        10**6,
        1e38,
        float("nan"),
        "text",
        b"\xff\xfe",
        [],
        [0],
        [0, 0],
        [-1, -1],
        [2**62, 2**62],
        [1000, 1000],
        [1, 2, 3, 4, 5, 6, 7],
        [0.5],
        ["a", "b"],
        "../../x",
    ]
    source = random.Random("attributes")
    every = [(i, a.name) for i, node in enumerate(model.graph.node) for a in node.attribute]
    kinds = sorted({(model.graph.node[i].op_type, name) for i, name in every})
    found: dict[str, Change] = {}
    for op_type, name in kinds:
        index = source.choice([i for i, n in every if n == name and model.graph.node[i].op_type == op_type])
        found[f"{op_type}: without {name}"] = partial(_on_node, index, _without_attribute, name)
        for value in source.sample(strange, 8):
            found[f"{op_type}: {name} = {str(value)[:30]}"] = partial(_on_node, index, _set_attribute, name, value)
    found["an attribute twice"] = lambda m: [n.attribute.extend(list(n.attribute)) for n in m.graph.node]
    found["attributes without type"] = lambda m: [a.ClearField("type") for n in m.graph.node for a in n.attribute]
    found["attributes that refer"] = partial(
        _set_all, lambda m: [a for n in m.graph.node for a in n.attribute], "ref_attr_name", "x"
    )
    return found


def _on_node(index: int, change: Callable[..., None], *arguments: Any) -> None:
    """`arguments` end with the model."""
    change(arguments[-1].graph.node[index], *arguments[:-1])


def _on_initializer(index: int, change: Callable[..., None], *arguments: Any) -> None:
    """`arguments` end with the model."""
    change(arguments[-1].graph.initializer[index], *arguments[:-1])


def _set_all(select: Callable[[Any], Iterable[Any]], field: str, value: Any, model: Any) -> None:
    for item in select(model):
        setattr(item, field, value)


def _without_attribute(node: Any, name: str) -> None:
    kept = [a for a in node.attribute if a.name != name]
    node.ClearField("attribute")
    node.attribute.extend(kept)


def _set_attribute(node: Any, name: str, value: Any) -> None:
    _without_attribute(node, name)
    if value == []:
        node.attribute.add(name=name, type=onnx.AttributeProto.INTS)
    else:
        node.attribute.append(helper.make_attribute(name, value))


def _initializers(model: Any) -> dict[str, Change]:
    found: dict[str, Change] = {}
    source = random.Random("initializers")
    count = len(model.graph.initializer)
    constants = [float("nan"), float("inf"), -float("inf"), 0.0, -1.0, 1e-45, 3e38, 2.5, 1e9, -128.0]
    roles = _roles(model)
    for role, indices in roles.items():
        for value in constants:
            index = source.choice(indices)
            found[f"{role} = {value}"] = partial(_on_initializer, index, _fill, value)
        index = source.choice(indices)
        found[f"{role} removed"] = partial(_remove_initializer, index)
        found[f"{role} of int64"] = partial(_on_initializer, index, _as_type, np.int64)
        found[f"{role} of float64"] = partial(_on_initializer, index, _as_type, np.float64)
        found[f"{role} of bool"] = partial(_on_initializer, index, _as_type, np.bool_)
        found[f"{role} of five values"] = partial(_on_initializer, index, _replace, np.ones(5, np.float32))
        found[f"{role} of none"] = partial(_on_initializer, index, _replace, np.ones((0, 3), np.float32))
    for dims in ([], [0], [-1], [2**40], [2**62, 2**62], [2**20, 2**20], [1] * 70):
        index = source.randrange(count)
        found[f"dimensions {str(dims)[:30]}"] = partial(_on_initializer, index, _set_dims, dims)
    for kind in (0, 8, 9, 14, 16, 17, 22, 99, -1, 2**31 - 1):
        index = source.randrange(count)
        found[f"tensor of type {kind}"] = partial(_on_initializer, index, _set_type, kind)
    found["data cut"] = partial(_set_all, lambda m: m.graph.initializer, "raw_data", b"abc")
    found["no data"] = lambda m: [t.ClearField("raw_data") for t in m.graph.initializer]
    found["names twice"] = lambda m: m.graph.initializer.extend(list(m.graph.initializer))
    found["no names"] = partial(_set_all, lambda m: m.graph.initializer, "name", "")
    found["constants are inputs too"] = lambda m: m.graph.input.extend(
        helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in m.graph.initializer
    )
    found["text as weights"] = lambda m: m.graph.initializer[0].CopyFrom(
        helper.make_tensor(m.graph.initializer[0].name, TensorProto.STRING, [1], [b"a"])
    )
    found["sparse"] = lambda m: m.graph.sparse_initializer.add().dims.extend([2**40, 2**40])
    return found


def _roles(model: Any) -> dict[str, list[int]]:
    """What constants are for: the operator that reads them and at which input."""
    place = {t.name: i for i, t in enumerate(model.graph.initializer)}
    roles: dict[str, list[int]] = {}
    for node in model.graph.node:
        for position, name in enumerate(node.input):
            if name in place:
                roles.setdefault(f"{node.op_type} input {position}", []).append(place[name])
    return roles


def _remove_initializer(index: int, model: Any) -> None:
    model.graph.initializer.pop(index)


def _set_type(tensor: Any, kind: int) -> None:
    tensor.data_type = kind


def _fill(tensor: Any, value: float) -> None:
    _replace(tensor, np.full(list(tensor.dims), value, np.float32))


def _as_type(tensor: Any, kind: Any) -> None:
    _replace(tensor, numpy_helper.to_array(tensor).astype(kind))


def _replace(tensor: Any, values: np.ndarray) -> None:
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def _set_dims(tensor: Any, dims: list[int]) -> None:
    tensor.ClearField("dims")
    tensor.dims.extend(dims)


def _interfaces() -> dict[str, Change]:
    found: dict[str, Change] = {}
    shapes: list[list[Any]] = [
        [],
        [1],
        [1, 1, 8],
        [1, 1, 8, 8, 8],
        [0, 1, 8, 8],
        [1, 0, 8, 8],
        [-1, 1, 8, 8],
        [2, 1, 8, 8],
        [1, 1, 7, 9],
        [1, 1, 8, 2**40],
        [1, 1, 2**31, 2**31],
        [1, 1, 65536, 65536],
        [1, 1, 4096, 4096],
        [1, 1, 2**62, 4],
        ["N", 1, "H", "W"],
        [1, 2, 8, 8],
        [1, 1, 1, 1],
        [1, 1, 10, 10],
        [1] * 60,
    ]
    for shape in shapes:
        for end in ("input", "output"):
            found[f"{end} of shape {str(shape)[:30]}"] = partial(_set_shape_of, end, shape)
    for kind in (0, 7, 8, 10, 11, 14, 99):
        found[f"input of type {kind}"] = partial(
            _set_all, lambda m: [m.graph.input[0].type.tensor_type], "elem_type", kind
        )
    found["no input"] = lambda m: m.graph.ClearField("input")
    found["no output"] = lambda m: m.graph.ClearField("output")
    found["two inputs"] = lambda m: m.graph.input.append(helper.make_tensor_value_info("more", 1, [1, 1, 8, 8]))
    found["two outputs"] = lambda m: m.graph.output.append(m.graph.input[0])
    found["the input is the output"] = lambda m: m.graph.output[0].CopyFrom(m.graph.input[0])
    found["the output is nowhere"] = lambda m: setattr(m.graph.output[0], "name", "nowhere")
    found["the output is a constant"] = lambda m: setattr(m.graph.output[0], "name", m.graph.initializer[0].name)
    found["input without type"] = lambda m: m.graph.input[0].ClearField("type")
    found["input is a sequence"] = lambda m: m.graph.input[0].type.sequence_type.elem_type.tensor_type.SetInParent()
    found["shapes that contradict"] = lambda m: m.graph.value_info.extend(
        helper.make_tensor_value_info(n.output[0], 1, [3, 3]) for n in m.graph.node
    )
    found["shapes of 2^40"] = lambda m: m.graph.value_info.extend(
        helper.make_tensor_value_info(n.output[0], 1, [1, 1, 2**20, 2**20]) for n in m.graph.node
    )
    return found


def _set_shape_of(end: str, shape: list[Any], model: Any) -> None:
    _set_shape(getattr(model.graph, end)[0], shape)


def _set_shape(value: Any, shape: list[Any]) -> None:
    value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, shape))


def _versions() -> dict[str, Change]:
    found: dict[str, Change] = {}
    for version in (-1, 0, 1, 6, 10, 999, 2**62):
        found[f"opset {version}"] = partial(_set_all, lambda m: m.opset_import, "version", version)
        found[f"ir version {version}"] = partial(_set_all, lambda m: [m], "ir_version", version)
    found["no opset"] = lambda m: m.ClearField("opset_import")
    found["opsets twice"] = lambda m: m.opset_import.extend(list(m.opset_import))
    found["custom opset first"] = lambda m: m.opset_import.insert(0, helper.make_opsetid("onnx.brevitas", 1))
    found["no graph"] = lambda m: m.ClearField("graph")
    found["training"] = lambda m: m.training_info.add().algorithm.CopyFrom(m.graph)
    return found


def _rename_all(payload: str) -> Change:
    """Every tensor is called so, with a number behind where names would collide."""

    def change(model: Any) -> None:
        graph = model.graph
        new: dict[str, str] = {"": ""}
        for name in (
            *(v.name for v in graph.input),
            *(t.name for t in graph.initializer),
            *(name for node in graph.node for name in (*node.input, *node.output)),
        ):
            new.setdefault(name, network_parts.text(payload) + str(len(new)))
        for node in graph.node:
            node.input[:] = [new[name] for name in node.input]
            node.output[:] = [new[name] for name in node.output]
        for item in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
            item.name = new[item.name]
        for note in graph.quantization_annotation:
            note.tensor_name = new[note.tensor_name]

    return change


def _rename_nodes(payload: str) -> Change:
    def change(model: Any) -> None:
        for node in model.graph.node:
            node.name = node.doc_string = network_parts.text(payload)
        model.graph.name = model.doc_string = model.producer_name = network_parts.text(payload)
        model.metadata_props.add(key=network_parts.text(payload), value=network_parts.text(payload))

    return change


def _rename_in_a_refused_network(payload: str) -> Change:
    """So that a name comes into a message."""

    def change(model: Any) -> None:
        _rename_all(payload)(model)
        _rename_nodes(payload)(model)
        model.graph.node[len(model.graph.node) // 2].op_type = network_parts.text(payload) or "Blank"

    return change


def _annotate(payload: str) -> Change:
    """QONNX keeps data types and layouts as text beside the graph."""

    def change(model: Any) -> None:
        for node in model.graph.node:
            note = model.graph.quantization_annotation.add(tensor_name=node.output[0])
            note.quant_parameter_tensor_names.add(key="finn_datatype", value=network_parts.text(payload))
            note.quant_parameter_tensor_names.add(key="tensor_layout", value=network_parts.text(payload))

    return change


def _name_modules(payload: str) -> Change:
    """What exporters of PyTorch say about the modules of nodes; every third list is none."""

    payload = network_parts.text(payload)

    def change(model: Any) -> None:
        for number, node in enumerate(model.graph.node):
            paths = repr(["", payload, "x"]) if number % 3 else f"[{payload}"
            node.metadata_props.add(key="pkg.torch.onnx.name_scopes", value=paths)
            node.metadata_props.add(key="qu_layer", value=payload if number % 2 else "")

    return change


_RENAMES: dict[str, Callable[[str], Change]] = {
    "tensors": _rename_all,
    "nodes": _rename_nodes,
    "a refused operator": _rename_in_a_refused_network,
    "data types": _annotate,
}


def _odd(seeds: Seeds, name: str, make: Callable[[Path, Path], object]) -> BadInput:
    def write(folder: Path) -> None:
        make(seeds.network, folder / "network.onnx")

    return BadInput(BYTES, name, "qu-build", (*_COMMAND, "step_qonnx_cleanup"), write, attacked="--model")


def _linked(sound: Path, path: Path) -> None:
    shutil.copy(sound, path.with_name("a"))
    path.symlink_to("a")


def _sparse(sound: Path, path: Path) -> None:
    path.touch()
    os.truncate(path, 3 * 2**30)


_ODD: dict[str, Callable[[Path, Path], object]] = {
    "a named pipe": lambda sound, path: os.mkfifo(path),
    "a link to /dev/zero": lambda sound, path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda sound, path: path.symlink_to(path.name),
    "a folder": lambda sound, path: path.mkdir(),
    "a link to the file": _linked,
    "3 GiB of nothing": _sparse,
}
