# SPDX-License-Identifier: BSD-3-Clause
"""Floating-point scales and biases move towards the thresholds and vanish in them (arXiv:1709.04060).

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
from onnx import helper
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

from hw_flows.graph_surgery import EXACT_IN_FLOAT32, new_tensor, rewire_readers
from hw_flows.network.branches import whole_multiples
from hw_flows.network.round_thresholds import RoundAndClipThresholds
from hw_flows.network.transform import RemoveExactIdentities, transform_until_stable, transformed
from hw_flows.operators import front_ends
from hw_flows.operators.matrix_vector.network import is_depthwise


def step_streamline(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """FINN-ONNX with floating-point arithmetic to FINN-ONNX that is integer between first and last threshold.

    `supported.check_supported` has made sure that the scales that meet in a convolution can be made one.
    """
    _to_double(model)
    model = transformed(
        model, ConvertSubToAdd(), ConvertDivToMul(), BatchNormToAffine(), RemoveExactIdentities(), InferDataTypes()
    )
    model = transform_until_stable(model, _moves())
    model = transformed(
        model,
        RemoveExactIdentities(),
        GiveUniqueNodeNames(),
        GiveReadableTensorNames(),
        InferDataTypes(),
        InferDataLayouts(),
        RoundAndClipThresholds(),
    )
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
    """Back to float32. A threshold on floats is rounded up, so that no float32 input changes side; those on integers that
    float32 does not hold stay as they are."""
    thresholds = {node.input[1] for node in model.get_nodes_by_op_type("MultiThreshold")}
    for name in [i.name for i in model.graph.initializer]:
        value = model.get_initializer(name)
        if value.dtype == np.float64:
            single = np.asarray(value, np.float32)
            if name in thresholds:
                if np.abs(value, where=np.isfinite(value), out=np.zeros_like(value)).max() > EXACT_IN_FLOAT32 / 2:
                    continue
                single = np.where(np.float64(single) < value, np.nextafter(single, np.float32(np.inf)), single)
            model.set_initializer(name, single)


def _moves() -> list[Transformation]:
    return [
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
        AbsorbReluIntoMultiThreshold(),
        AbsorbSignIntoWeights(),
        *(move for front_end in front_ends() for move in front_end.moves()),
    ]


class AbsorbReluIntoMultiThreshold(Transformation):
    """Relu, MultiThreshold: what the Relu would give 0 for passes the thresholds up to 0, whatever it is; between the two
    there may be a Mul by signs, which moves before them. Other readers of the Relu keep it.

    A threshold that is always passed is -inf, one that is never passed inf, until they are clipped to the input's type.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.get_nodes_by_op_type("MultiThreshold"):
            mul = model.find_producer(node.input[0])
            sign = np.ones(1)
            if mul is not None and mul.op_type == "Mul" and not model.is_fork_node(mul):
                if model.get_tensor_datatype(mul.input[1]) != DataType["BIPOLAR"]:
                    continue
                sign = np.ravel(model.get_initializer(mul.input[1]))
            else:
                mul = None
            relu = model.find_producer((node if mul is None else mul).input[0])
            if relu is None or relu.op_type != "Relu":
                continue
            thresholds = model.get_initializer(node.input[1])
            rising = np.where(thresholds <= 0, -np.inf, thresholds)
            falling = np.where(thresholds > 0, np.inf, thresholds)
            model.set_initializer(node.input[1], np.where(sign.reshape(-1, 1) > 0, rising, falling))
            (node if mul is None else mul).input[0] = relu.input[0]
            if not model.find_consumers(relu.output[0]):
                model.graph.node.remove(relu)
            return model, True
        return model, False


class AbsorbSignIntoWeights(Transformation):
    """Conv or ConvTranspose, Mul by channelwise signs: the signs go into the weights (FINN does Conv only).

    Where others read the convolution too, those with other signs, or none, get a convolution of their own.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for node in model.graph.node:
            if node.op_type not in ("Conv", "ConvTranspose"):
                continue
            readers = model.find_consumers(node.output[0])
            signs = [_signs_of(model, reader) for reader in readers]
            sign = next((s for s in signs if s is not None), None)
            if sign is None:
                continue
            equal = [s is not None and np.array_equal(np.ravel(s), np.ravel(sign)) for s in signs]
            signed = [reader for reader, same in zip(readers, equal, strict=True) if same]
            own = node
            if not all(equal) or node.output[0] in {o.name for o in model.graph.output}:
                own = _second_convolution(model, node)
            output_channels_first = (-1, 1, 1, 1) if node.op_type == "Conv" else (1, -1, 1, 1)
            weights = model.get_initializer(own.input[1])
            _set_weights(model, own, weights * sign.reshape(output_channels_first))
            own.output[0] = signed[0].output[0]
            for mul in signed:
                rewire_readers(model, mul.output[0], own.output[0])
                model.graph.node.remove(mul)
            return model, True
        return model, False


def _signs_of(model: ModelWrapper, mul: Any) -> np.ndarray | None:
    if mul.op_type != "Mul" or model.get_tensor_datatype(mul.input[1]) != DataType["BIPOLAR"]:
        return None
    return model.get_initializer(mul.input[1])


def _second_convolution(model: ModelWrapper, conv: Any) -> Any:
    """A copy of `conv`, its output yet to be named."""
    index = list(model.graph.node).index(conv)
    model.graph.node.insert(index, conv)
    copy = model.graph.node[index]
    copy.name = f"{conv.name}_signed"
    copy.output[0] = ""
    return copy


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
                if mul is None or mul.op_type != "Mul" or not _is_scale(model, mul):
                    mul = _insert_mul(model, node, index)
                mul.input[1] = model.make_new_valueinfo_name()
                model.set_initializer(mul.input[1], spread)
            return model, True
        return model, False


class FoldChannelScalesIntoConv(Transformation):
    """Mul by channelwise scales, Conv or ConvTranspose: where all scales are whole multiples of one, the multiples go into
    the weights and one scalar stays before the Conv. So branches with power-of-two scales may meet in a Concat."""

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        for mul in model.graph.node:
            scale = model.get_initializer(mul.input[1]) if mul.op_type == "Mul" else None
            conv = model.find_consumer(mul.output[0])
            if scale is None or scale.size == 1 or model.is_fork_node(mul):
                continue
            if conv is None or not _adds_up_channels(model, conv):
                continue
            found = whole_multiples(scale)
            if found is None:
                continue
            measure, multiples = found
            weights = model.get_initializer(conv.input[1])
            if conv.op_type == "Conv":
                groups, inputs = multiples.size // weights.shape[1], weights.shape[1]
                grouped = weights.reshape(groups, -1, *weights.shape[1:]) * multiples.reshape(groups, 1, inputs, 1, 1)
                _set_weights(model, conv, grouped.reshape(weights.shape))
            else:
                _set_weights(model, conv, weights * multiples.reshape(-1, 1, 1, 1))
            name = model.make_new_valueinfo_name()
            model.set_initializer(name, np.asarray(measure))
            mul.input[1] = name
            return model, True
        return model, False


def _adds_up_channels(model: ModelWrapper, conv: Any) -> bool:
    """A convolution or transposed convolution that reads as many channels as there are, and is not depthwise."""
    if conv.op_type not in ("Conv", "ConvTranspose") or is_depthwise(model, conv):
        return False
    groups = next((a.i for a in conv.attribute if a.name == "group"), 1)
    weights = model.get_tensor_shape(conv.input[1])
    read = weights[1] * groups if conv.op_type == "Conv" else weights[0]
    return bool(read == model.get_tensor_shape(conv.input[0])[1])


def _set_weights(model: ModelWrapper, conv: Any, weights: np.ndarray) -> None:
    """Weights of `conv` alone: others may share those that it has."""
    datatype = model.get_tensor_datatype(conv.input[1])
    conv.input[1] = name = model.make_new_valueinfo_name()
    model.set_initializer(name, np.float32(weights))
    model.set_tensor_datatype(name, datatype)
    reach = float(max(-weights.min(), weights.max() + 1))
    if not datatype.allowed(weights.min()) or not datatype.allowed(weights.max()):
        model.set_tensor_datatype(name, DataType.get_smallest_possible(-reach))


def _scales_before(model: ModelWrapper, concat: Any) -> list[np.ndarray]:
    """The constant factor on each input of `concat`, 1 where there is none; empty where no input has one, and where one
    is yet to be moved past a fork."""
    producers = [model.find_producer(name) for name in concat.input]
    muls = [p if p is not None and p.op_type == "Mul" and _is_scale(model, p) else None for p in producers]
    if all(m is None for m in muls) or any(m is not None and model.is_fork_node(m) for m in muls):
        return []
    return [np.ones(1) if m is None else np.asarray(model.get_initializer(m.input[1])) for m in muls]


def _is_scale(model: ModelWrapper, mul: Any) -> bool:
    """It multiplies by a constant, and is not the product of two branches."""
    return model.get_initializer(mul.input[1]) is not None


def _insert_mul(model: ModelWrapper, node: Any, index: int) -> Any:
    """A Mul, its factor yet to be set, before input `index` of `node`."""
    source = node.input[index]
    product = new_tensor(model, model.get_tensor_shape(source))
    model.graph.node.insert(list(model.graph.node).index(node), helper.make_node("Mul", [source, ""], [product]))
    node.input[index] = product
    return model.find_producer(product)
