# SPDX-License-Identifier: BSD-3-Clause
"""ONNX's elementwise functions of one activation in float64: activation functions, clipping, what exporters spell them by.

In front of a quantizer any of them vanishes in thresholds (`normal_form.chain`, `network.thresholds`). Other inputs, such as
the slopes of PRelu and the bounds of Clip, are constants. Source of the definitions: ONNX operator specification, opset 21.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erf

from hw_flows.operators.front_end import Reference


def _sigmoid(x: np.ndarray) -> np.ndarray:
    positive = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, positive) / (1 + positive)


def _clip(a: dict[str, Any], inputs: list[Any]) -> np.ndarray:
    low, high = ([*inputs[1:], None, None])[:2]
    low = a.get("min", -np.inf) if low is None else low
    return np.minimum(np.maximum(inputs[0], low), a.get("max", np.inf) if high is None else high)


def _elu(a: dict[str, Any], inputs: list[Any]) -> np.ndarray:
    return np.where(inputs[0] < 0, a.get("alpha", 1.0) * np.expm1(np.minimum(inputs[0], 0)), inputs[0])


def _celu(a: dict[str, Any], inputs: list[Any]) -> np.ndarray:
    alpha = a.get("alpha", 1.0)
    return np.maximum(inputs[0], 0) + alpha * np.expm1(np.minimum(inputs[0], 0) / alpha)


def _selu(a: dict[str, Any], inputs: list[Any]) -> np.ndarray:
    alpha, gamma = a.get("alpha", 1.67326319217681884765625), a.get("gamma", 1.05070102214813232421875)
    return gamma * np.where(inputs[0] <= 0, alpha * np.expm1(np.minimum(inputs[0], 0)), inputs[0])


def _hard_sigmoid(a: dict[str, Any], inputs: list[Any]) -> np.ndarray:
    return np.clip(a.get("alpha", 0.2) * inputs[0] + a.get("beta", 0.5), 0, 1)


def _gelu(a: dict[str, Any], inputs: list[Any]) -> np.ndarray:
    x = inputs[0]
    if a.get("approximate", b"none") == b"tanh":
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + erf(x / np.sqrt(2)))


def _softplus(a: dict[str, Any], inputs: list[Any]) -> np.ndarray:
    return np.logaddexp(0, inputs[0])


def _where(a: dict[str, Any], inputs: list[Any]) -> np.ndarray:
    chosen: np.ndarray = np.where(np.asarray(inputs[0], bool), inputs[1], inputs[2])
    return chosen


#: Operator type -> (attributes, inputs in float64, None where an optional one is absent) -> output. Of the inputs the first is
#: the activation.
FUNCTIONS: dict[str, Reference] = {
    "Abs": lambda a, i: np.abs(i[0]),
    "Celu": _celu,
    "Clip": _clip,
    "Elu": _elu,
    "Erf": lambda a, i: np.asarray(erf(i[0])),
    "Exp": lambda a, i: np.exp(i[0]),
    "Gelu": _gelu,
    "Greater": lambda a, i: i[0] > i[1],
    "GreaterOrEqual": lambda a, i: i[0] >= i[1],
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": lambda a, i: i[0] * np.clip(i[0] / 6 + 0.5, 0, 1),
    "LeakyRelu": lambda a, i: np.where(i[0] < 0, a.get("alpha", 0.01) * i[0], i[0]),
    "Less": lambda a, i: i[0] < i[1],
    "LessOrEqual": lambda a, i: i[0] <= i[1],
    "Max": lambda a, i: np.maximum(i[0], i[1]) if len(i) == 2 else None,
    "Min": lambda a, i: np.minimum(i[0], i[1]) if len(i) == 2 else None,
    "Mish": lambda a, i: i[0] * np.tanh(np.logaddexp(0, i[0])),
    "Neg": lambda a, i: -i[0],
    "PRelu": lambda a, i: np.where(i[0] < 0, i[1] * i[0], i[0]),
    "Pow": lambda a, i: np.power(i[0], i[1]),
    "Selu": _selu,
    "Sigmoid": lambda a, i: _sigmoid(i[0]),
    "Softplus": _softplus,
    "Softsign": lambda a, i: i[0] / (1 + np.abs(i[0])),
    "Tanh": lambda a, i: np.tanh(i[0]),
    "ThresholdedRelu": lambda a, i: np.where(i[0] > a.get("alpha", 1.0), i[0], 0),
    "Where": _where,
}
#: Functions of several activations, which are functions of the same one: SiLU is x * sigmoid(x).
JOINS = ("Add", "Sub", "Mul", "Div", "Min", "Max", "Where", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
