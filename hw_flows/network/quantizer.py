# SPDX-License-Identifier: BSD-3-Clause
"""What a QONNX quantizer of activations does, as hardware counts it: at which values the integer rises by one.

Source: QONNX's Quant and BipolarQuant (qonnx.custom_op.general.intquant), which say `round(clip(x / scale + zero_point))`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qonnx.core.datatype import BaseDataType, DataType
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of, set_attributes
from hw_flows.operators.front_end import unsupported

#: Fraction of a quantization step between a tie and its threshold. Ties are common with power-of-two scales, so thresholds
#: stand a little beside the tie: far enough to survive float64 arithmetic and far nearer than any other value.
_BESIDE_TIE = 2.0**-36
#: Of ours, beside QONNX's: a tie belongs to the odd one of its neighbours. ONNX's QuantizeLinear rounds before it adds its zero
#: point, which makes an odd number of an even one.
HALF_ODD = "HALF_ODD"
#: QONNX's rounding modes: where, below n, values begin that round to n or more, and whether that value itself does, for n
#: above zero and for n up to zero. A tie of HALF_EVEN belongs to the even one of its neighbours.
ROUNDING_MODES: dict[str, tuple[tuple[float, bool | None], tuple[float, bool | None]]] = {
    "ROUND": ((0.5, None), (0.5, None)),
    "HALF_EVEN": ((0.5, None), (0.5, None)),
    HALF_ODD: ((0.5, None), (0.5, None)),
    "HALF_UP": ((0.5, True), (0.5, False)),
    "HALF_DOWN": ((0.5, False), (0.5, True)),
    "CEIL": ((1.0, False), (1.0, False)),
    "FLOOR": ((0.0, True), (0.0, True)),
    "UP": ((1.0, False), (0.0, True)),
    "DOWN": ((0.0, True), (1.0, False)),
}


@dataclass(frozen=True)
class ActivationQuantizer:
    """Values x become integers, `low` plus the number of `bounds` that x / scale reaches, that stand for integer * scale."""

    scale: NDArray[np.float64]
    """One value, or one for each channel; above zero."""
    low: int
    bounds: NDArray[np.float64]
    """Ascending, in steps of the quantizer."""

    @property
    def high(self) -> int:
        return self.low + len(self.bounds)

    @property
    def datatype(self) -> BaseDataType:
        """The narrowest type of the integers."""
        return DataType.get_smallest_possible(self.high if self.low >= 0 else min(self.low, -self.high - 1))

    def levels(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Integers for values (1, C, H, W)."""
        steps = values / self.scale.reshape(1, -1, 1, 1)
        return self.low + np.searchsorted(self.bounds, steps, side="right")


def check_quantizer(model: ModelWrapper, node: Any) -> None:
    """Raises UserError where `node`, a Quant or BipolarQuant, is no uniform quantizer whose integers are known."""
    parameters = [model.get_initializer(name) for name in node.input[1:4]]
    if any(value is None for value in parameters):
        raise unsupported(model, node, "the quantizer's scale or width is computed at run time", "freeze it first")
    scale = parameters[0]
    if not np.all(np.isfinite(scale)) or np.any(scale <= 0):
        raise unsupported(
            model,
            node,
            "the quantizer has a scale that is not positive",
            "export the network again with Brevitas' export_qonnx",
        )
    if node.op_type == "BipolarQuant":
        return
    zero_point, bits = (np.ravel(value).astype(np.float64) for value in parameters[1:])
    width = float(bits[0])
    if bits.size != 1 or width != round(width) or not 1 <= width <= 32:
        raise unsupported(
            model,
            node,
            f"the bit width {bits[:4].tolist()} is not one whole number of 1 to 32",
            "freeze learned bit widths to whole numbers before the export",
        )
    if not np.array_equal(zero_point, np.rint(zero_point)) or np.abs(zero_point).max() > 2.0**width:
        raise unsupported(
            model,
            node,
            f"the quantizer's zero point {zero_point[:4].tolist()} is none of its integers",
            "quantize with a zero point that is an integer of the quantizer (quantize_zero_point=True), or without one",
        )
    if rounding_mode(node) not in ROUNDING_MODES:
        raise unsupported(
            model,
            node,
            f"rounding mode {rounding_mode(node)} has no hardware",
            f"use one of {', '.join(ROUNDING_MODES)}; Brevitas' default is ROUND",
        )


def make_sound(model: ModelWrapper, node: Any) -> None:
    """Give `node`, which `check_quantizer` refuses, parameters that it accepts: what follows can then be looked at, too."""
    shape = model.get_tensor_shape(node.input[1])
    scale = model.get_initializer(node.input[1])
    scale = np.ones(shape or ()) if scale is None else np.where(np.isfinite(scale) & (scale > 0), scale, 1.0)
    parameters = [scale]
    if node.op_type == "Quant":
        bits = model.get_initializer(node.input[3])
        width = 8.0 if bits is None or not np.isfinite(bits).all() else float(np.clip(np.rint(np.ravel(bits)[0]), 1, 8))
        parameters += [np.zeros(()), np.asarray(width)]
        set_attributes(node, rounding_mode="ROUND")
    for place, value in enumerate(parameters, start=1):
        node.input[place] = str(model.make_new_valueinfo_name())
        model.set_initializer(node.input[place], np.asarray(value, np.float32))


def rounding_mode(node: Any) -> str:
    """The rounding mode of a Quant, in capitals."""
    return str(attributes_of(node).get("rounding_mode", b"ROUND").decode().upper())


def activation_quantizer(model: ModelWrapper, node: Any) -> ActivationQuantizer:
    """Of a Quant or BipolarQuant with constant parameters, a whole width and a whole zero point, one for the tensor."""
    scale = np.ravel(np.asarray(model.get_initializer(node.input[1]), np.float64))
    if node.op_type == "BipolarQuant":
        return ActivationQuantizer(scale, -1, np.full(2, -_BESIDE_TIE))
    attributes = attributes_of(node)
    signed, narrow = bool(attributes.get("signed", 1)), bool(attributes.get("narrow", 0))
    zero_point, bits = (int(np.ravel(model.get_initializer(name))[0]) for name in node.input[2:4])
    if signed and bits == 1:
        return ActivationQuantizer(scale, -1, np.full(2, -zero_point - _BESIDE_TIE))  # as QONNX has it: -1 and 1
    low, high = (-(2 ** (bits - 1)) + narrow, 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1 - narrow)
    n = np.arange(low + 1, high + 1, dtype=np.float64)
    above, up_to = ROUNDING_MODES[rounding_mode(node)]
    bounds = np.where(n > 0, n - above[0], n - up_to[0])
    own = n % 2 == (rounding_mode(node) == HALF_ODD)
    reached = np.where(n > 0, *(own if mode[1] is None else mode[1] for mode in (above, up_to)))
    bounds += np.where(reached, -_BESIDE_TIE, _BESIDE_TIE)
    return ActivationQuantizer(scale, low - zero_point, bounds - zero_point)
