# SPDX-License-Identifier: BSD-3-Clause
"""Quantizers that a file spells in ONNX's own operators become QONNX's Quant, with scale and zero point: Brevitas'
export_onnx_qcdq, ONNX Runtime's quantize_static in the QDQ format, exports of networks that PyTorch has quantized."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import layer_name, set_layer
from hw_flows.machine.errors import UserError
from hw_flows.network.dialects import QUANTIZER_DOMAIN
from hw_flows.network.quantizer import HALF_ODD

#: Zero points, of which there is one a channel.
_MOST_OF_SHAPE = 2**16


def convert_qcdq(model: ModelWrapper, unsound: dict[str, UserError] | None = None) -> None:
    """Replace QuantizeLinear, Clip and DequantizeLinear in a row, and DequantizeLinear of constants, by Quant. In place.

    Chains that are no uniform quantizer are left as they are. Raises UserError for ranges that no width has; with `unsound`
    these errors are kept there, by layer, and such quantizers get the width next to it.
    """
    graph = model.graph
    ends = [node for node in graph.node if node.op_type == "DequantizeLinear"]
    for node in ends:
        _convert(model, node, unsound)
    if ends and all(entry.domain != QUANTIZER_DOMAIN for entry in model.model.opset_import):
        model.model.opset_import.append(helper.make_opsetid(QUANTIZER_DOMAIN, 1))


def _convert(model: ModelWrapper, end: Any, unsound: dict[str, UserError] | None) -> None:
    scale, zero_point = _parameters(model, end)
    if scale is None or zero_point is None or not scale.size or not zero_point.size:
        return
    chain, source = [end], end.input[0]
    producer = model.find_producer(source)
    bounds: list[np.ndarray | None] = [None, None]
    while producer is not None and producer.op_type in ("Clip", "Cast", "Identity"):
        if producer.op_type == "Clip":
            if bounds != [None, None]:
                return
            bounds = [_constant(model, name) if name else None for name in [*producer.input[1:], "", ""][:2]]
        elif producer.op_type == "Cast" and _type_of_cast(producer) != zero_point.dtype:
            return
        chain.append(producer)
        source = producer.input[0]
        producer = model.find_producer(source)
    integers = _constant(model, source)
    if integers is None:
        if producer is None or producer.op_type != "QuantizeLinear":
            return
        first_scale, first_zero = _parameters(model, producer)
        if first_scale is None or first_zero is None or _numbers(producer).get("output_dtype", 0):
            return
        if not (np.array_equal(first_scale, scale) and np.array_equal(first_zero, zero_point)):
            return
        chain.append(producer)
        source, kind = producer.input[0], first_zero.dtype
        shape = model.get_tensor_shape(source)
        rank = 4 if shape is None else len(shape)
    else:
        rank, kind = integers.ndim, integers.dtype
    if kind.kind not in "iu":
        return
    low, high = int(np.iinfo(kind).min), int(np.iinfo(kind).max)
    low = low if bounds[0] is None else max(low, int(bounds[0]))
    high = high if bounds[1] is None else min(high, int(bounds[1]))
    axes = [1] * rank
    if max(scale.size, zero_point.size) > 1:
        axis = _numbers(end).get("axis", 1)
        if max(scale.ndim, zero_point.ndim) != 1 or not -rank <= axis < rank or _numbers(end).get("block_size", 0):
            return
        axes[axis] = -1
    scale, zero_point = (
        scale.reshape(axes if scale.size > 1 else ()),
        zero_point.reshape(axes if zero_point.size > 1 else ()),
    )
    if np.all(zero_point == zero_point.ravel()[0]):
        zero_point = zero_point.ravel()[0]  # FINN takes one for all
    if integers is not None:
        source = f"{end.output[0]}_of_constant"
        centred = np.clip(integers, low, high).astype(np.float64) - zero_point
        _set(model, source, centred * scale.astype(np.float64))
    try:
        width = _width(end, low, high)
    except UserError as error:
        if unsound is None:
            raise
        unsound.setdefault(layer_name(end), error)
        width = max(high.bit_length(), (-low - 1).bit_length()) + (low < 0), int(low < 0), 0
    rounding = HALF_ODD if integers is None and zero_point.size == 1 and zero_point % 2 else "ROUND"
    _replace(model, chain, source, scale, zero_point, width, rounding)


def _numbers(node: Any) -> dict[str, int]:
    return {a.name: a.i for a in node.attribute}


def _parameters(model: ModelWrapper, node: Any) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Scale and zero point; the zero point's type is that of the integers."""
    scale = _constant(model, node.input[1])
    if len(node.input) < 3 or not node.input[2]:
        return scale, None if scale is None else np.zeros(scale.shape, np.uint8)
    return scale, _constant(model, node.input[2])


def _constant(model: ModelWrapper, tensor: str) -> np.ndarray | None:
    """The value of a tensor that is constant, also one that an exporter passes on or makes of a shape."""
    found, node = model.get_initializer(tensor), model.find_producer(tensor)
    if found is not None or node is None:
        return found
    if (
        node.op_type not in ("Identity", "Cast", "ConstantOfShape")
        or (source := _constant(model, node.input[0])) is None
    ):
        return None
    if node.op_type == "Identity":
        return source
    if node.op_type == "Cast":
        kind = _type_of_cast(node)
        return None if kind is None else source.astype(kind)
    value = next((numpy_helper.to_array(a.t) for a in node.attribute if a.name == "value"), np.zeros(1, np.float32))
    small = source.ndim <= 1 and 0 <= int(np.prod(source)) <= _MOST_OF_SHAPE
    return np.full(source.astype(int).tolist(), value.ravel()[0]) if small else None


def _type_of_cast(node: Any) -> np.dtype | None:
    try:
        return np.dtype(helper.tensor_dtype_to_np_dtype(_numbers(node).get("to", 0)))
    except (KeyError, TypeError):
        return None


def _width(node: Any, low: int, high: int) -> tuple[int, int, int]:
    """Bits, signed, narrow of the integers from `low` to `high`."""
    signed = int(low < 0)
    bits = high.bit_length() + signed
    lowest = -(2 ** (bits - 1)) if signed else 0
    narrow = int(signed and low == lowest + 1)
    if high != 2 ** (bits - signed) - 1 or low != lowest + narrow:
        raise UserError(
            f"the quantizer's integers reach from {low} to {high}, which no width has",
            f"node {layer_name(node)} ({node.op_type})",
            "quantize to all integers of a width, such as 0 to 15, -8 to 7 or -7 to 7",
        )
    return bits, signed, narrow


def _replace(
    model: ModelWrapper,
    chain: list[Any],
    source: str,
    scale: np.ndarray,
    zero: np.ndarray,
    width: tuple[int, int, int],
    rounding: str,
) -> None:
    """A Quant in the place of the last of the quantizer's operators, `chain`, which stands first in it."""
    end, graph = chain[0], model.graph
    bits, signed, narrow = width
    parameters = [f"{end.output[0]}_{name}" for name in ("scale", "zero_point", "bits")]
    for name, values in zip(parameters, (scale, zero, np.array(bits)), strict=True):
        _set(model, name, values)
    quantizer = helper.make_node(
        "Quant",
        [source, *parameters],
        [end.output[0]],
        name=end.name,
        domain=QUANTIZER_DOMAIN,
        signed=signed,
        narrow=narrow,
        rounding_mode=rounding,
    )
    set_layer(quantizer, layer_name(end))
    graph.node.insert(list(graph.node).index(end), quantizer)
    graph.node.remove(end)
    outputs = {value.name for value in graph.output}
    for node in chain[1:]:  # where nothing else reads it
        if node.output[0] not in outputs and not model.find_consumers(node.output[0]):
            graph.node.remove(node)


def _set(model: ModelWrapper, name: str, values: np.ndarray) -> None:
    model.set_initializer(name, np.asarray(values, np.float32))
    value = model.get_tensor_valueinfo(name)
    assert value is None or value.type.tensor_type.elem_type == TensorProto.FLOAT
