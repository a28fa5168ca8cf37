# SPDX-License-Identifier: BSD-3-Clause
"""All that passes between convolutions becomes NHWC, as streams carry it.

Every operator is turned by itself, between two transposes, and transposes that undo each other vanish. So it makes no
difference who reads what: FINN's moves of transposes past single operators (AbsorbTransposeIntoResize, MakeMaxPoolNHWC,
MoveTransposePastJoinConcat) change the first input of a Concat whichever they come from, and need a MaxPool to have one
reader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import TO_NCHW, TO_NHWC, new_tensor, remove_unread, rewire_readers
from hw_flows.operators import front_ends


def channels_last(model: ModelWrapper) -> None:
    """Turn every operator on integers from NCHW to NHWC; transposes are left at input and output. Changes `model`.

    Convolutions have become matrix products in NHWC, between transposes, before.
    """
    turns = {op_type: turn for front_end in front_ends() for op_type, turn in front_end.turns.items()}
    for node in list(model.graph.node):
        turn = turns.get(node.op_type)
        if turn is not None and all(model.get_tensor_datatype(t).is_integer() for t in (node.input[0], node.output[0])):
            _turn(model, node, turn)
    _cancel_transposes(model)
    _merge_equal_transposes(model)
    remove_unread(model)


def _turn(model: ModelWrapper, node: Any, turn: Callable[[ModelWrapper, Any], None]) -> None:
    index = list(model.graph.node).index(node)
    activations = [i for i, name in enumerate(node.input) if name and model.get_initializer(name) is None]
    turn(model, node)
    for position in activations:
        source = node.input[position]
        turned = _like(model, source, TO_NHWC)
        model.graph.node.insert(index, helper.make_node("Transpose", [source], [turned], perm=TO_NHWC))
        index += 1
        node.input[position] = turned
    result = node.output[0]
    node.output[0] = _like(model, result, TO_NHWC)
    model.graph.node.insert(index + 1, helper.make_node("Transpose", [node.output[0]], [result], perm=TO_NCHW))


def _like(model: ModelWrapper, tensor: str, order: list[int]) -> str:
    """A new tensor for `tensor` in another order."""
    shape = model.get_tensor_shape(tensor)
    turned = new_tensor(model, [shape[axis] for axis in order])
    model.set_tensor_datatype(turned, model.get_tensor_datatype(tensor))
    return turned


def _perm(node: Any) -> list[int]:
    return list(node.attribute[0].ints)


def _cancel_transposes(model: ModelWrapper) -> None:
    """Who reads a transpose of a transpose that undoes it reads what the latter reads."""
    outputs = {o.name for o in model.graph.output}
    for node in model.get_nodes_by_op_type("Transpose"):
        before = model.find_producer(node.input[0])
        if before is None or before.op_type != "Transpose" or node.output[0] in outputs:
            continue
        if [_perm(before)[axis] for axis in _perm(node)] == [0, 1, 2, 3]:
            rewire_readers(model, node.output[0], before.input[0])


def _merge_equal_transposes(model: ModelWrapper) -> None:
    """Equal transposes of one tensor become one, so that a fork of the network's input is a fork of the stream."""
    first: dict[tuple[str, tuple[int, ...]], str] = {}
    outputs = {o.name for o in model.graph.output}
    for node in model.get_nodes_by_op_type("Transpose"):
        kept = first.setdefault((node.input[0], tuple(_perm(node))), node.output[0])
        if kept != node.output[0] and node.output[0] not in outputs:
            rewire_readers(model, node.output[0], kept)
