# SPDX-License-Identifier: BSD-3-Clause
"""Concat of channels: two streams at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper
from qonnx.core.datatype import BaseDataType, DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation
from qonnx.transformation.infer_datatypes import InferDataTypes

from hw_flows.accelerator import Role
from hw_flows.graph_surgery import attributes_of, set_attributes
from hw_flows.layer_names import maker_of
from hw_flows.operators import HW_DOMAIN, rtl_operators
from hw_flows.operators.front_end import FrontEnd, Passing, unsupported


def _check_concat(model: ModelWrapper, node: Any) -> None:
    if attributes_of(node)["axis"] not in (1, -3):
        raise unsupported(
            model,
            node,
            "joining along an axis other than the channels has no hardware",
            "join channels, torch.cat(..., dim=1); leave out what joins rows or columns (torch.roll)",
        )
    repeated = next((name for place, name in enumerate(node.input) if name in node.input[:place]), None)
    if repeated is not None:
        raise unsupported(
            model,
            node,
            f"it joins {maker_of(model, repeated)} with itself, which has no hardware",
            "join it once: a convolution of half as many input channels can compute the same",
        )


def _joins_channels(model: ModelWrapper, node: NodeProto, falls: bool) -> bool:
    return attributes_of(node)["axis"] in (1, -3)


def _turn_concat(model: ModelWrapper, node: Any) -> None:
    set_attributes(node, axis=3)


#: Their results are as wide as their sums need.
_PRODUCTS = ("MVAU", "VVAU", "GroupedVVAU")


class SplitConcat(Transformation):
    """A Concat of n inputs becomes a chain of n - 1 of two, which is what the hardware operator takes."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for index, node in enumerate(model.graph.node):
            if node.op_type != "Concat" or len(node.input) <= 2:
                continue
            first, second, *rest = node.input
            shape = list(model.get_tensor_shape(first))
            axis = next(a.i for a in node.attribute if a.name == "axis")
            shape[axis] += model.get_tensor_shape(second)[axis]
            joined = helper.make_tensor_value_info(model.make_new_valueinfo_name(), TensorProto.FLOAT, shape)
            model.graph.value_info.append(joined)
            datatypes = [model.get_tensor_datatype(name) for name in (first, second)]
            model.set_tensor_datatype(joined.name, common_datatype(datatypes))
            layout = model.get_tensor_layout(first)
            if layout is not None:
                model.set_tensor_layout(joined.name, layout)
            model.graph.node.insert(index, helper.make_node("Concat", [first, second], [joined.name], axis=axis))
            node.input[:] = [joined.name, *rest]
            return model, True
        return model, False


class UnifyConcatDatatypes(Transformation):
    """Where the inputs of a StreamingConcat differ in type, the thresholds before it say the wider type: the values
    are the same, and no operator has to extend them on the way. Not in networks with sums of activations (average pools), which
    would grow with the thresholds that they are of."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        if any(getCustomOp(n).get_nodeattr("Function") != "max" for n in model.get_nodes_by_op_type("StreamingPool")):
            return model, False
        changed = False
        for node in model.get_nodes_by_op_type("StreamingConcat"):
            datatypes = [model.get_tensor_datatype(name) for name in node.input]
            if len({d.name for d in datatypes}) > 1 and all(_keeps_integers(model, name) for name in node.input):
                common = common_datatype(datatypes)
                changed |= _widen(model, node, common)
        return model.transform(InferDataTypes()), changed


def common_datatype(datatypes: list[BaseDataType]) -> BaseDataType:
    """The narrowest integer type that holds all values of all `datatypes`."""
    low, high = min(d.min() for d in datatypes), max(d.max() for d in datatypes)
    return DataType.get_smallest_possible(high if low >= 0 else min(low, -high - 1))


def _keeps_integers(model: ModelWrapper, tensor: str) -> bool:
    """No operator of hardware between the thresholds before `tensor` and it makes other integers of theirs: bits that one
    adds would be added again."""
    node = model.find_producer(tensor)
    if node is None or node.domain != HW_DOMAIN or node.op_type in ("MVAU", "Thresholding"):
        return True
    same = model.get_tensor_datatype(node.input[0]) == model.get_tensor_datatype(tensor)
    return (same or node.op_type == "StreamingConcat") and all(_keeps_integers(model, name) for name in node.input)


def _widen(model: ModelWrapper, reader: Any, datatype: BaseDataType) -> bool:
    """Let the thresholds that the inputs of `reader` come from say `datatype`; whether any said another before."""
    changed = False
    computes = {op_type for op_type, rtl in rtl_operators().items() if rtl.role in (Role.MATRIX, Role.ADD)}
    for tensor in reader.input:
        node = model.find_producer(tensor)
        if node is None or node.domain != HW_DOMAIN or node.op_type in computes:
            continue
        if node.op_type != "Thresholding":
            changed |= _widen(model, node, datatype)
        elif (inst := getCustomOp(node)).get_nodeattr("outputDataType") != datatype.name:
            inst.set_nodeattr("outputDataType", datatype.name)
            changed = True
    return changed


def _convert() -> Sequence[Transformation]:
    from finn.transformation.fpgadataflow.convert_to_hw.concat import InferConcatLayer

    return SplitConcat(), InferConcatLayer()


FRONT_END = FrontEnd(
    checks={"Concat": _check_concat},
    passing={"Concat": Passing(_joins_channels, joins=True)},
    reference={"Concat": lambda a, i: np.concatenate(i, axis=a["axis"])},
    turns={"Concat": _turn_concat},
    convert=_convert,
    settle=lambda: (UnifyConcatDatatypes(),),
)
