"""Runs a model on one frame: what a build step is checked with, and what the streams of the hardware must carry."""

from __future__ import annotations

from typing import Any

import numpy as np
import qonnx.core.onnx_exec as onnx_exec
from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.double_precision import compute, quantize_weights
from hw_flows.errors import UserError
from hw_flows.operators import register

_PARTITION = "StreamingDataflowPartition"
#: float32, in which FINN's operators compute, holds every integer up to this magnitude.
_EXACT_IN_FLOAT32 = 2**24

Context = dict[str, np.ndarray]


def execute_network(model: ModelWrapper, parent: ModelWrapper | None, x: np.ndarray) -> np.ndarray:
    """Network output (1, classes, H, W) in float64 for one float32 frame (1, C, H, W).

    `model` is the whole network after any step, or, given its `parent`, the dataflow model that the partition step
    split off. Floating-point operators compute in float64 (see `double_precision`), so that networks that are equal
    give equal integers; their logits agree to the rounding of the last scale and bias (relative 1e-6).
    Raises UserError where `x` has another shape than the network's input.
    """
    whole = model if parent is None else parent
    graph = whole.graph
    context = _start(whole, x)
    last_use = {name: index for index, node in enumerate(graph.node) for name in node.input}
    for index, node in enumerate(graph.node):
        if node.op_type == _PARTITION:
            streams = execute_dataflow(model, context[node.input[0]])
            context[node.output[0]] = np.asarray(streams[model.graph.output[0].name], np.float64)
        else:
            _run(node, whole, context)
        for name in {*node.input, *node.output}:  # a large image would not fit into memory after every operator
            if last_use.get(name, -1) <= index and name != graph.output[0].name:
                context.pop(name, None)
    return context[graph.output[0].name]


def host_input(parent: ModelWrapper, x: np.ndarray) -> np.ndarray:
    """What the host sends to the accelerator for one float32 frame (1, C, H, W): integers (1, H, W, C) as float32."""
    context = _start(parent, x)
    for node in parent.graph.node:
        if node.op_type == _PARTITION:
            return np.asarray(context[node.input[0]], np.float32)
        _run(node, parent, context)
    raise AssertionError("the parent model has no dataflow partition")


def host_output(parent: ModelWrapper, integers: np.ndarray) -> np.ndarray:
    """Network output (1, classes, H, W) in float64 for the integers (1, H, W, classes) that the accelerator gave."""
    register()
    context = _initializers(parent)
    behind = False
    for node in parent.graph.node:
        if node.op_type == _PARTITION:
            context[node.output[0]] = np.asarray(integers, np.float64)
            behind = True
        elif behind:
            _run(node, parent, context)
    return np.asarray(context[parent.graph.output[0].name])


def execute_dataflow(child: ModelWrapper, integer_input: np.ndarray) -> dict[str, np.ndarray]:
    """All tensors of a dataflow model that depend on its input, by name; NHWC, whole numbers in float32.

    `integer_input` is (1, H, W, C) in the range of the input's data type. Every tensor is checked to hold whole
    numbers in the range of its data type, so what is returned is what the streams of the hardware carry.
    """
    register()
    (source,) = [i.name for i in child.graph.input if child.get_initializer(i.name) is None]
    assert integer_input.shape == tuple(child.get_tensor_shape(source)), (integer_input.shape, source)
    context = _initializers(child)
    context[source] = np.asarray(integer_input, np.float32)
    streams = [source]
    _check_integer(child, source, context[source])
    for node in child.graph.node:
        _run_hardware_operator(node, child, context)
        for name in node.output:
            _check_integer(child, name, context[name])
            streams.append(name)
    return {name: context[name] for name in streams}


def _initializers(model: ModelWrapper) -> Context:
    return {i.name: model.get_initializer(i.name) for i in model.graph.initializer}


def _start(model: ModelWrapper, x: np.ndarray) -> Context:
    source = model.graph.input[0].name
    expected = tuple(model.get_tensor_shape(source))
    if x.shape != expected:
        raise UserError(
            f"a frame has shape {x.shape}, the network takes {expected}",
            f"input {source}",
            "bring frames as float32 (N, C, H, W) of the size the network was exported for",
        )
    register()
    return {**_initializers(model), source: x.astype(np.float32).astype(np.float64)}


def _run(node: Any, model: ModelWrapper, context: Context) -> None:
    if node.domain.startswith("finn."):
        _run_hardware_operator(node, model, context)
        return
    inputs = [np.asarray(context[name], np.float64) if name else None for name in node.input]
    if node.op_type == "Quant" and model.get_initializer(node.input[0]) is not None:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        output: np.ndarray | None = quantize_weights(attributes, [i for i in inputs if i is not None])
    else:
        output = compute(node, inputs)
    if output is None:
        _run_in_float32(node, model, context)
    else:
        context[node.output[0]] = output


def _run_in_float32(node: Any, model: ModelWrapper, context: Context) -> None:
    """QONNX's own executor, for operators that only stand behind the last integer (a final sigmoid, for example)."""
    single = {name: np.asarray(context[name], np.float32) for name in node.input if name}
    for name in node.output:
        single[name] = np.zeros(model.get_tensor_shape(name), np.float32)
    onnx_exec.execute_node(node, single, model.graph, model.get_opset_imports().get(node.domain, 1))
    context.update({name: single[name] for name in node.output})


def _run_hardware_operator(node: Any, model: ModelWrapper, context: Context) -> None:
    for name in node.input:
        context[name] = np.asarray(context[name], np.float32)
    for name in node.output:
        context[name] = np.zeros(model.get_tensor_shape(name), np.float32)
    getCustomOp(node).execute_node(context, model.graph)


def _check_integer(model: ModelWrapper, name: str, values: np.ndarray) -> None:
    datatype = model.get_tensor_datatype(name)
    low, high = values.min(), values.max()
    if low < datatype.min() or high > datatype.max() or not np.array_equal(values, np.rint(values)):
        raise AssertionError(f"tensor {name} holds {low} to {high}, or fractions, which is not {datatype.name}")
    if max(-low, high) > _EXACT_IN_FLOAT32:
        raise AssertionError(f"tensor {name} holds {low} to {high}, beyond what float32 counts")
