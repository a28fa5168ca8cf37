"""Step 3: floating-point scales and biases move towards the thresholds and vanish in them (arXiv:1709.04060).

The single moves are FINN's. `finn.transformation.streamline.Streamline` infers names, types and layouts again after
each of them and does not move scales past forks, joins and transposed convolutions, so a U-Net needs several rounds
of it; here one round holds every move a U-Net needs and rounds are repeated until nothing changes. Scales are float64
meanwhile: a threshold that float32 rounds past an integer is a wrong threshold.
"""

from __future__ import annotations

from typing import Any

import finn.transformation.streamline.absorb as absorb
import finn.transformation.streamline.reorder as reorder
import numpy as np
from finn.transformation.streamline.collapse_repeated import CollapseRepeatedAdd, CollapseRepeatedMul
from finn.transformation.streamline.round_thresholds import RoundAndClipThresholds
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation
from qonnx.transformation.batchnorm_to_affine import BatchNormToAffine
from qonnx.transformation.general import (
    ConvertDivToMul,
    ConvertSubToAdd,
    GiveReadableTensorNames,
    GiveUniqueNodeNames,
)
from qonnx.transformation.infer_data_layouts import InferDataLayouts
from qonnx.transformation.infer_datatypes import InferDataTypes

from hw_flows.errors import UserError
from hw_flows.transform import RemoveExactIdentities, transform_until_stable


def step_streamline(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """FINN-ONNX with floating-point arithmetic to FINN-ONNX that is integer between first and last threshold.

    Raises UserError where the branches of a Concat have scales that cannot be made one.
    """
    _to_double(model)
    for t in (ConvertSubToAdd(), ConvertDivToMul(), BatchNormToAffine(), RemoveExactIdentities(), InferDataTypes()):
        model = model.transform(t)
    model = transform_until_stable(model, _moves())
    for t in (
        RemoveExactIdentities(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
        InferDataTypes(),
        InferDataLayouts(),
        RoundAndClipThresholds(),
    ):
        model = model.transform(t)
    _check_concats(model)
    _to_single(model)
    return model


def _to_double(model: ModelWrapper) -> None:
    """Scales, biases and batch-norm parameters in float64; they are the float32 of the file, exactly."""
    for node in model.graph.node:
        if node.op_type in ("Mul", "Add", "Sub", "Div", "BatchNormalization"):
            for name in node.input[1:]:
                value = model.get_initializer(name)
                if value is not None and value.dtype == np.float32:
                    model.set_initializer(name, np.float64(value))


def _to_single(model: ModelWrapper) -> None:
    """Back to float32. A threshold on floats is rounded up, so that no float32 input changes side."""
    thresholds = {node.input[1] for node in model.get_nodes_by_op_type("MultiThreshold")}
    for name in [i.name for i in model.graph.initializer]:
        value = model.get_initializer(name)
        if value.dtype == np.float64:
            single = np.asarray(value, np.float32)
            if name in thresholds:
                single = np.where(np.float64(single) < value, np.nextafter(single, np.float32(np.inf)), single)
            model.set_initializer(name, single)


def _moves() -> list[Transformation]:
    return [
        absorb.AbsorbScalarBiasIntoMultiThreshold(),
        reorder.MoveLinearPastFork(),
        reorder.MoveMulPastMaxPool(),
        reorder.MoveScalarLinearPastInvariants(),
        SpreadUnequalScalesOverChannels(),
        reorder.MoveMulPastJoinConcat(),
        FoldChannelScalesIntoConv(),
        reorder.MoveAddPastMul(),
        reorder.MoveScalarMulPastConv(),
        reorder.MoveScalarMulPastConvTranspose(),
        CollapseRepeatedAdd(),
        CollapseRepeatedMul(),
        absorb.AbsorbAddIntoMultiThreshold(),
        absorb.FactorOutMulSignMagnitude(),
        absorb.AbsorbMulIntoMultiThreshold(),
        AbsorbSignIntoWeights(),
    ]


class AbsorbSignIntoWeights(Transformation):
    """Conv or ConvTranspose, Mul by channelwise signs: the signs go into the weights (FINN does Conv only)."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.graph.node:
            if node.op_type not in ("Conv", "ConvTranspose") or model.is_fork_node(node):
                continue
            mul = model.find_consumer(node.output[0])
            if mul is None or mul.op_type != "Mul":
                continue
            sign = model.get_initializer(mul.input[1])
            if sign is None or model.get_tensor_datatype(mul.input[1]) != DataType["BIPOLAR"]:
                continue
            output_channels_first = (-1, 1, 1, 1) if node.op_type == "Conv" else (1, -1, 1, 1)
            weights = model.get_initializer(node.input[1])
            _set_weights(model, node.input[1], weights * sign.reshape(output_channels_first))
            node.output[0] = mul.output[0]
            model.graph.node.remove(mul)
            return model, True
        return model, False


class SpreadUnequalScalesOverChannels(Transformation):
    """Concat of branches with scalar scales that differ: each scale is repeated over its branch's channels.

    FINN then moves the scales past the Concat as one channelwise factor, where thresholds or weights may take it.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.graph.node:
            scales = _scales_before(model, node) if node.op_type == "Concat" else []
            if len({float(v) for scale in scales for v in np.unique(scale)}) <= 1:
                continue
            channels = [model.get_tensor_shape(name)[1] for name in node.input]
            if [scale.size for scale in scales] == channels:
                continue
            for index, (scale, count) in enumerate(zip(scales, channels, strict=True)):
                spread = np.array(np.broadcast_to(scale.reshape(1, -1, 1, 1), (1, count, 1, 1)))
                mul = model.find_producer(node.input[index])
                if mul is None or mul.op_type != "Mul":
                    mul = _insert_mul(model, node, index)
                mul.input[1] = model.make_new_valueinfo_name()
                model.set_initializer(mul.input[1], spread)
            return model, True
        return model, False


class FoldChannelScalesIntoConv(Transformation):
    """Mul by channelwise scales, Conv: where all scales are whole multiples of the smallest, the multiples go into
    the weights and one scalar stays before the Conv. So branches with power-of-two scales may meet in a Concat."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for mul in model.graph.node:
            scale = model.get_initializer(mul.input[1]) if mul.op_type == "Mul" else None
            conv = model.find_consumer(mul.output[0])
            if scale is None or scale.size == 1 or model.is_fork_node(mul):
                continue
            if conv is None or conv.op_type != "Conv" or not _is_dense(model, conv):
                continue
            smallest = np.abs(scale).min()
            multiples = scale.reshape(1, -1, 1, 1) / smallest
            if smallest == 0 or not np.array_equal(multiples, np.round(multiples)) or abs(multiples).max() > 256:
                continue
            _set_weights(model, conv.input[1], model.get_initializer(conv.input[1]) * multiples)
            name = model.make_new_valueinfo_name()
            model.set_initializer(name, np.asarray(smallest))
            mul.input[1] = name
            return model, True
        return model, False


def _is_dense(model: ModelWrapper, conv: Any) -> bool:
    return model.get_tensor_shape(conv.input[1])[1] == model.get_tensor_shape(conv.input[0])[1]


def _set_weights(model: ModelWrapper, name: str, weights: np.ndarray) -> None:
    model.set_initializer(name, np.float32(weights))
    datatype = model.get_tensor_datatype(name)
    reach = float(max(-weights.min(), weights.max() + 1))
    if not datatype.allowed(weights.min()) or not datatype.allowed(weights.max()):
        model.set_tensor_datatype(name, DataType.get_smallest_possible(-reach))


def _scales_before(model: ModelWrapper, concat: Any) -> list[np.ndarray]:
    """The constant factor on each input of `concat`, 1 where there is none; empty where no input has one."""
    producers = [model.find_producer(name) for name in concat.input]
    factors = [
        model.get_initializer(p.input[1])
        if p is not None and p.op_type == "Mul" and not model.is_fork_node(p)
        else None
        for p in producers
    ]
    if all(f is None for f in factors):
        return []
    return [np.ones(1) if f is None else np.asarray(f) for f in factors]


def _insert_mul(model: ModelWrapper, node: Any, index: int) -> Any:
    """A Mul, its factor yet to be set, before input `index` of `node`."""
    source = node.input[index]
    info = helper.make_tensor_value_info(
        model.make_new_valueinfo_name(), TensorProto.FLOAT, model.get_tensor_shape(source)
    )
    model.graph.value_info.append(info)
    mul = helper.make_node("Mul", [source, ""], [info.name])
    model.graph.node.insert(list(model.graph.node).index(node), mul)
    node.input[index] = info.name
    return model.find_producer(info.name)


def _check_concats(model: ModelWrapper) -> None:
    """No scale may be left before a Concat, nor one for each channel behind it."""
    for concat in model.get_nodes_by_op_type("Concat"):
        scales = np.concatenate([s.ravel() for s in _scales_before(model, concat)] or [np.empty(0)])
        for consumer in model.find_consumers(concat.output[0]):
            behind = model.get_initializer(consumer.input[1]) if consumer.op_type == "Mul" else None
            if behind is not None and behind.size > 1:
                scales = np.append(scales, behind)
        if scales.size:
            values = ", ".join(f"{v:.6g}" for v in dict.fromkeys(scales.tolist()))
            raise UserError(
                f"the branches that {concat.name} joins have different scales: {values}",
                f"node {concat.name} (Concat), between {' and '.join(concat.input)}",
                "re-train with one quantizer shared by both branches of the Concat (or scales that are whole "
                "multiples of each other, such as powers of two), or quantize again behind the Concat",
            )
