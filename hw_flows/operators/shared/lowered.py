# SPDX-License-Identifier: BSD-3-Clause
"""A node on NCHW becomes hardware operators on NHWC, and how constant factors and addends move past it before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import TO_NCHW, TO_NHWC, new_tensor
from hw_flows.operators import HW_DOMAIN
from hw_flows.operators.front_end import Constants


@dataclass(frozen=True)
class Stage:
    """One hardware operator with one stream in and one out."""

    op_type: str
    shape: tuple[int, int, int, int]
    """Of its output, (1, H, W, C)."""
    attributes: dict[str, Any]


class LowerToStages(Transformation):
    """Every node of some types becomes the stages that `stages(model, node)` gives (None: it stays), between transposes."""

    def __init__(
        self, op_types: Sequence[str], stages: Callable[[ModelWrapper, NodeProto], Sequence[Stage] | None]
    ) -> None:
        super().__init__()
        self._op_types, self._stages = op_types, stages

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in [n for n in model.graph.node if n.op_type in self._op_types and n.domain == ""]:
            stages = self._stages(model, node)
            if stages is not None:
                _replace(model, node, stages)
        return model, False


def _replace(model: ModelWrapper, node: NodeProto, stages: Sequence[Stage]) -> None:
    _, c, h, w = model.get_tensor_shape(node.input[0])
    position = list(model.graph.node).index(node)
    tensor = new_tensor(model, [1, h, w, c])
    model.set_tensor_datatype(tensor, model.get_tensor_datatype(node.input[0]))
    new = [helper.make_node("Transpose", [node.input[0]], [tensor], perm=TO_NHWC)]
    for number, stage in enumerate(stages):
        result = new_tensor(model, list(stage.shape))
        hardware = helper.make_node(
            stage.op_type,
            [tensor],
            [result],
            domain=HW_DOMAIN,
            backend="fpgadataflow",
            name=f"{stage.op_type}_{number}_{node.name}",
            **stage.attributes,
        )
        getCustomOp(hardware).infer_node_datatype(model)
        new.append(hardware)
        tensor = result
    model.set_tensor_datatype(node.output[0], model.get_tensor_datatype(tensor))
    new.append(helper.make_node("Transpose", [tensor], [node.output[0]], perm=TO_NCHW))
    for offset, made in enumerate(new):
        model.graph.node.insert(position + offset, made)
    model.graph.node.remove(node)


class MoveConstantsPast(Transformation):
    """Mul or Add by a constant, then a node of one type: the constant comes behind, as `constants` says."""

    def __init__(self, op_type: str, constants: Constants) -> None:
        super().__init__()
        self._op_type, self._constants = op_type, constants

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.get_nodes_by_op_type(self._op_type):
            linear = model.find_producer(node.input[0])
            if linear is None or linear.op_type not in ("Mul", "Add") or model.is_fork_node(linear):
                continue
            value = model.get_initializer(linear.input[1])
            if value is None or linear.output[0] in {o.name for o in model.graph.output}:
                continue
            channels = model.get_tensor_shape(node.input[0])[1]
            if value.size not in (1, channels):
                continue
            moved = self._constants(model, node, linear.op_type, np.ravel(value))
            if moved is not None:
                _move(model, node, linear, moved if moved.size == 1 else moved.reshape(1, -1, 1, 1))
                return model, True
        return model, False


def _move(model: ModelWrapper, node: NodeProto, linear: NodeProto, value: np.ndarray) -> None:
    between, result = new_tensor(model, model.get_tensor_shape(node.output[0])), node.output[0]
    constant = str(model.make_new_valueinfo_name())
    model.set_initializer(constant, value.reshape(()) if value.size == 1 else value)
    node.input[0], node.output[0] = linear.input[0], between
    behind = helper.make_node(linear.op_type, [between, constant], [result])
    position = list(model.graph.node).index(node)
    model.graph.node.insert(position + 1, behind)
    model.graph.node.remove(linear)
