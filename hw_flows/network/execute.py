# SPDX-License-Identifier: BSD-3-Clause
"""Runs a model on one frame: what a build step is checked with, and what the streams of the hardware must carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.graph_surgery import EXACT_IN_FLOAT32, as_container
from hw_flows.machine.errors import UserError
from hw_flows.network.large_constants import LeanModel
from hw_flows.network.onnx_operator import MOVES, move, run_operator
from hw_flows.network.whole_steps import Step, compute_whole
from hw_flows.operators import register

_PARTITION = "StreamingDataflowPartition"
#: What makes integers of weights and counts them, exactly: their results are no floats of 32 bits.
_QUANTIZED = ("Quant", "BipolarQuant", "DequantizeLinear")

Context = dict[str, np.ndarray]


def execute_network(model: ModelWrapper, parent: ModelWrapper | None, x: np.ndarray) -> np.ndarray:
    """Network output (1, classes, H, W) in float64 for one float32 frame (1, C, H, W).

    `model` is the whole network after any step, or, given its `parent`, the dataflow model that the partition step
    split off. Floating-point operators compute in float64 (see `arithmetic`), so that networks that are equal
    give equal integers; their logits agree to the rounding of the last scale and bias (relative 1e-6).
    Raises UserError where `x` has another shape than the network's input.
    """
    whole, steps = model if parent is None else parent, dict[str, Step]()

    def run(node: Any, context: Context) -> None:
        if node.op_type == _PARTITION:
            streams = execute_dataflow(model, context[node.input[0]])
            context[node.output[0]] = np.asarray(streams[model.graph.output[0].name], np.float64)
        else:
            _run(node, whole, context, steps)

    context = _run_all(whole, _start(whole, x), run)
    return np.asarray(context[whole.graph.output[0].name])


def execute_file(model: ModelWrapper, feeds: Mapping[str, np.ndarray]) -> Context:
    """All outputs of an ONNX network as its file has it, by name, for its inputs `feeds`, by name.

    Whole numbers and truth values keep the types that ONNX gives them; floats compute in float64 where
    `arithmetic` has the operator, else in float32 by ONNX Runtime, and so do constants that are computed from
    constants, which is how every tool folds them. Raises UserError naming an operator that cannot be executed.
    """
    given = {name: _as_double(np.asarray(value, np.float32)) for name, value in feeds.items()}
    fixed = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type not in _QUANTIZED and fixed.issuperset(filter(None, node.input)):
            fixed.update(node.output)
    steps: dict[str, Step] = {}

    def run(node: Any, context: Context) -> None:
        try:
            if node.output[0] in fixed:
                _run_by_onnx(node, model, context)
            else:
                _run(node, model, context, steps, node.input[0] in fixed)
        except (UserError, MemoryError):
            raise
        except Exception as error:  # NumPy, QONNX and ONNX Runtime have errors of many types
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
            raise UserError(
                f"the operator {node.op_type} cannot be executed: {reason}",
                f"node {node.name}, which makes {', '.join(node.output)}",
                "export the network again with Brevitas' export_qonnx, so that ONNX Runtime can run it",
            ) from error

    context = _run_all(model, {**_initializers(model), **given}, run)
    return {value.name: context[value.name] for value in model.graph.output}


def _run_all(model: ModelWrapper, context: Context, run: Callable[[Any, Context], None]) -> Context:
    """What is left of `context` once all nodes have run: the outputs."""
    graph = model.graph
    outputs = {value.name for value in graph.output}
    last_use = {name: index for index, node in enumerate(graph.node) for name in node.input}
    for index, node in enumerate(graph.node):
        run(node, context)
        for name in {*node.input, *node.output}:  # a large image would not fit into memory after every operator
            if last_use.get(name, -1) <= index and name not in outputs:
                context.pop(name, None)
    return context


def host_input(parent: ModelWrapper, x: np.ndarray) -> np.ndarray:
    """What the host sends to the accelerator for one float32 frame (1, C, H, W): integers (1, H, W, C) as float32."""
    context = _start(parent, x)
    for node in parent.graph.node:
        if node.op_type == _PARTITION:
            return np.asarray(context[node.input[0]], np.float32)
        _run(node, parent, context, {})
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
            _run(node, parent, context, {})
    return np.asarray(context[parent.graph.output[0].name])


def execute_dataflow(child: ModelWrapper, integer_input: np.ndarray) -> dict[str, np.ndarray]:
    """All tensors of a dataflow model that depend on its input, by name; NHWC, whole numbers in float32, or in float64 where
    that holds them and float32 does not.

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
        _run_custom_operator(node, child, context)
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


def _run(node: Any, model: ModelWrapper, context: Context, steps: dict[str, Step], fixed: bool | None = None) -> None:
    """`steps`: of which tensors hold whole numbers, where that is known; those of the node's results are added. `fixed`: the first
    input is computed from constants alone; by default, where it is a constant."""
    if node.domain.startswith("finn."):
        _run_custom_operator(node, model, context)
        return
    inputs = [context[name] if name else None for name in node.input]
    found = None
    if _computes_floats(node, inputs):
        if fixed is None:
            fixed = node.op_type == "Quant" and model.get_initializer(node.input[0]) is not None
        found = compute_whole(node, inputs, fixed, steps)
    if found is not None:
        context[node.output[0]], step = found
        if step is not None:
            steps[node.output[0]] = step
    elif node.op_type in MOVES and node.domain in ("", "ai.onnx"):
        _move(node, model, context, steps)
    elif node.domain in ("", "ai.onnx"):
        _run_by_onnx(node, model, context)
    else:
        _run_custom_operator(node, model, context)


def _computes_floats(node: Any, inputs: list[np.ndarray | None]) -> bool:
    if node.op_type == "DequantizeLinear":
        return True
    deciding = inputs[1:2] if node.op_type == "Where" else inputs[:1]
    return bool(deciding) and deciding[0] is not None and deciding[0].dtype.kind == "f"


def _run_by_onnx(node: Any, model: ModelWrapper, context: Context) -> None:
    """For operators that only stand behind the last integer (a final softmax, for example), and for constants."""
    inputs = [context[name] if name else None for name in node.input]
    for name, value in zip(node.output, run_operator(node, inputs, model.model.opset_import), strict=True):
        if name:
            context[name] = _as_double(value)


def _move(node: Any, model: ModelWrapper, context: Context, steps: dict[str, Step]) -> None:
    inputs = [context[name] if name else None for name in node.input]
    step = steps.get(node.input[0])
    for name, value in zip(node.output, move(node, inputs, model.model.opset_import), strict=True):
        if name:
            context[name] = value
            if step is not None and step.single:
                steps[name] = step


def _as_double(value: np.ndarray) -> np.ndarray:
    return np.asarray(value, np.float64) if value.dtype.kind == "f" else value


def _run_custom_operator(node: Any, model: ModelWrapper, context: Context) -> None:
    for name in node.input:
        context[name] = as_container(context[name])
    for name in node.output:
        shape = model.get_tensor_shape(name)
        if shape is not None:  # of an operator of hardware, which writes into its place
            context[name] = np.zeros(shape, np.float32)
    getCustomOp(node).execute_node(context, _graph_for(node, model))


def _graph_for(node: Any, model: ModelWrapper) -> Any:
    """FINN's VVAU reads its weights from the graph, whatever its context holds."""
    if isinstance(model, LeanModel) and "VVAU" in node.op_type and model.is_outside(node.input[1]):
        return model.whole().graph
    return model.graph


def _check_integer(model: ModelWrapper, name: str, values: np.ndarray) -> None:
    datatype = model.get_tensor_datatype(name)
    low, high = values.min(), values.max()
    if low < datatype.min() or high > datatype.max() or not np.array_equal(values, np.rint(values)):
        raise AssertionError(f"tensor {name} holds {low} to {high}, or fractions, which is not {datatype.name}")
    if values.dtype == np.float32 and max(-low, high) > EXACT_IN_FLOAT32:
        raise UserError(
            f"a sum of products reaches {max(-low, high):,.0f}, beyond the {EXACT_IN_FLOAT32:,} that FINN's float32 counts",
            f"tensor {name}",
            "quantize the image or the weights of that layer to fewer bits",
        )
