# SPDX-License-Identifier: BSD-3-Clause
"""Activations as whole numbers of steps, on which sums are exact, so that no noise of floating point decides a tie.

A quantizer with a boundary at zero (BipolarQuant, or rounding up or down) asks for the sign of what it reads, and a
convolution without bias often gives exactly zero: weights and activations are whole numbers of their scales, and those
cancel. The same products added up as floats leave some 1e-17 of either sign, another one in PyTorch, in ONNX Runtime and
here, and for each order of addition; chance then decides on which side of its boundary such a value falls. So whole numbers
define the answer: where it is known of which step (scale) a tensor holds whole numbers, operators compute with these, of
which float64 holds all up to 2^53, and multiply the result by its step, once. A value that lies on a tie in exact arithmetic of
the file's own integers and scales then does so in float64, too: a tie is a number of few digits times the quantizer's scale, so
that neither the product nor the quotient by that scale is rounded, if the step, the product of two float32 scales, is not.
What PyTorch answers in floats may differ, where its noise decides.

What a bias, batch normalization or another function with digits of its own makes is float64, until the next quantizer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from hw_flows.graph_surgery import attributes_of
from hw_flows.network.arithmetic import along_axis, compute
from hw_flows.network.declared import averages, products
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import Passing

_IMAGE = 4
#: Of steps that meet, how many times the part that they have in common each may be.
_MOST_PARTS = 2**16
#: Steps of channels that a convolution adds up one after the other.
_MOST_STEPS = 8
_QUANTIZERS = ("Quant", "BipolarQuant", "DequantizeLinear")
#: What leaves whole numbers in their channels, or sets zeros there.
_WITHIN_CHANNELS = ("MaxPool", "Resize", "Upsample")


@dataclass(frozen=True)
class Step:
    """Values are whole numbers times `scale` / `parts`."""

    scale: np.ndarray
    """float64, not 0: one value, or one for each channel of images (1, C, 1, 1) or of weights (four axes)."""
    parts: int = 1

    @property
    def single(self) -> bool:
        """One step for all values."""
        return self.scale.size == 1

    def whole(self, values: np.ndarray) -> np.ndarray:
        """How many steps `values` are."""
        return np.asarray(np.rint(values / self.scale * self.parts))

    def values(self, whole: np.ndarray) -> np.ndarray:
        """`whole` steps: one rounding by the product, and one by the quotient where there is one."""
        product = whole * self.scale
        return product if self.parts == 1 else product / self.parts

    def fraction(self) -> Fraction:
        """A single step, exactly."""
        return Fraction(float(self.scale.reshape(()))) / self.parts


Steps = Mapping[str, Step]
"""By tensor."""
Found = tuple[np.ndarray, Step | None]
"""Values, and the step of which they are whole numbers, where it is known."""
_Known = Sequence[Step | None]
_Rule = Callable[[Any, list[Any], _Known], Found | None]


def compute_whole(node: Any, inputs: Sequence[np.ndarray | None], fixed: bool, steps: Steps) -> Found | None:
    """Output of `node` as `arithmetic.compute` has it, but with exact sums where `steps` knows the inputs' steps; None where
    `compute` has none."""
    known = [steps.get(name) for name in node.input]
    if any(step is not None for step in known):
        rule = _rule(node)
        found = None if rule is None else rule(node, list(inputs), known)
        if found is not None:
            return found
    output = compute(node, inputs, fixed)
    return None if output is None else (output, _quantized(node, inputs, output))


def _quantized(node: Any, inputs: Sequence[np.ndarray | None], output: np.ndarray) -> Step | None:
    """The step of what a quantizer gives."""
    if node.op_type not in _QUANTIZERS:
        return None
    doubles = [None if i is None else np.asarray(i, np.float64) for i in inputs]
    zero_point = doubles[2] if len(doubles) > 2 else None
    if zero_point is not None and not np.array_equal(zero_point, np.rint(zero_point)):
        return None
    scale = along_axis(attributes_of(node), doubles)[1] if node.op_type == "DequantizeLinear" else doubles[1]
    return None if scale is None else _step(scale, output)


def _step(scale: np.ndarray, output: np.ndarray, parts: int = 1) -> Step | None:
    """For `output`; None where `scale` is no step, or differs along no axis of its own."""
    if not np.all(np.isfinite(scale)) or not np.all(scale):
        return None
    if np.all(scale == scale.flat[0]):
        return Step(scale.ravel()[0].reshape(()), parts)
    return Step(scale, parts) if scale.ndim == output.ndim == _IMAGE else None


def _rule(node: Any) -> _Rule | None:
    if node.op_type in products():
        return _convolved
    if node.op_type in averages():
        return _averaged
    kind = _passing(node)
    if kind is not None:
        return _joined if kind.joins else _passed
    return _RULES.get(node.op_type)


def _passing(node: Any) -> Passing | None:
    return next((f.passing[node.op_type] for f in front_ends() if node.op_type in f.passing), None)


def _convolved(node: Any, inputs: list[Any], known: _Known) -> Found | None:
    """Where branches of several steps have been joined, the whole numbers of each by themselves."""
    read, kernel = known[:2]
    if kernel is None or inputs[0].ndim != _IMAGE:
        return None
    factor = kernel.scale.reshape(1, -1, 1, 1)
    given = 0 if node.op_type == "Conv" else 1
    if not kernel.single and (kernel.scale.shape[given] != factor.size or factor.size != inputs[1].shape[given]):
        return None
    weights = kernel.whole(inputs[1])
    scales = np.ones(1) if read is None else np.unique(read.scale)
    found: list[np.ndarray] = []
    if read is None or len(scales) > _MOST_STEPS:
        step, terms = None, [(inputs[0], Step(factor))]
    elif read.single or attributes_of(node).get("group", 1) == inputs[0].shape[1]:
        repeated = np.repeat(read.scale.reshape(1, -1, 1, 1), 1 if read.single else len(weights) // read.scale.size, 1)
        step = Step(factor * repeated, read.parts)
        terms = [(read.whole(inputs[0]), step)]
    else:
        step, whole = None, read.whole(inputs[0])
        terms = [(np.where(read.scale == scale, whole, 0.0), Step(factor * scale, read.parts)) for scale in scales]
    for values, own in terms:
        sums = compute(node, [values, weights])
        if sums is None:
            return None
        found.append(own.values(sums))
    output = sum(found[1:], found[0])
    bias = inputs[2] if len(inputs) > 2 else None
    if bias is None or not np.any(bias):
        return output, step
    return output + np.asarray(bias, np.float64).reshape(1, -1, 1, 1), None


def _averaged(node: Any, inputs: list[Any], known: _Known) -> Found | None:
    return _on_whole_numbers(node, inputs, known[0], averages()[node.op_type])


def _passed(node: Any, inputs: list[Any], known: _Known) -> Found | None:
    """Values that are chosen, repeated or blended."""
    step, kind = known[0], _passing(node)
    adds = node.op_type == "Pad" and len(inputs) > 2 and inputs[2] is not None and bool(np.any(inputs[2]))
    if step is None or kind is None or adds or not (step.single or node.op_type in _WITHIN_CHANNELS):
        return None
    output = compute(node, inputs)
    if output is None or kind.parts(_Shapes(node, [*inputs, output]), node) == 1:
        return None if output is None else (output, step)
    return _on_whole_numbers(node, inputs, step, kind.parts)


def _on_whole_numbers(
    node: Any, inputs: list[Any], step: Step | None, parts: Callable[[Any, Any], int]
) -> Found | None:
    """What is linear, and gives whole numbers divided by `parts` of whole numbers."""
    whole = None if step is None else compute(node, [step.whole(inputs[0]), *inputs[1:]])
    if step is None or whole is None:
        return None
    finer = parts(_Shapes(node, [*inputs, whole]), node)
    new = Step(step.scale, step.parts * finer)
    return new.values(np.rint(whole * finer)), new


def _kept(node: Any, inputs: list[Any], known: _Known) -> Found | None:
    output = compute(node, inputs)
    return None if output is None else (output, known[0])


def _transposed(node: Any, inputs: list[Any], known: _Known) -> Found | None:
    output, step = compute(node, inputs), known[0]
    if output is None or step is None or step.single:
        return None if output is None else (output, step)
    return output, Step(step.scale.transpose(attributes_of(node).get("perm")), step.parts)


def _joined(node: Any, inputs: list[Any], known: _Known) -> Found | None:
    output, steps = compute(node, inputs), [step for step in known if step is not None]
    if output is None or len(steps) < len(inputs):
        return None
    common = _common(steps)
    if common is not None:
        return output, common
    parts = lcm(*(step.parts for step in steps))
    if output.ndim != _IMAGE or attributes_of(node).get("axis") not in (1, 1 - _IMAGE) or parts != steps[0].parts:
        return None
    if any(step.parts != parts for step in steps):
        return None
    channels = [(1, value.shape[1], 1, 1) for value in inputs]
    scales = [np.broadcast_to(s.scale.reshape(1, -1, 1, 1), c) for s, c in zip(steps, channels, strict=True)]
    return output, Step(np.concatenate(scales, axis=1), parts)


def _added(node: Any, inputs: list[Any], known: _Known) -> Found | None:
    steps = [step for step in known if step is not None]
    common = _common(steps) if len(steps) == len(inputs) else None
    whole = None if common is None else compute(node, [common.whole(value) for value in inputs])
    return None if common is None or whole is None else (common.values(whole), common)


def _common(steps: Sequence[Step]) -> Step | None:
    """One of which all `steps` are whole multiples, exactly."""
    first = steps[0]
    if not all(step.single for step in steps):
        same = all(step.parts == first.parts and np.array_equal(step.scale, first.scale) for step in steps)
        return first if same else None
    ratios = [step.fraction() / first.fraction() for step in steps]
    finer = lcm(*(ratio.denominator for ratio in ratios))
    if finer * max(abs(ratio) for ratio in ratios) > _MOST_PARTS:
        return None
    return Step(first.scale, first.parts * finer)


def _multiplied(node: Any, inputs: list[Any], known: _Known) -> Found | None:
    """Whole numbers by whole numbers; or by others that are one number, or one for each channel, and so become part of the step."""
    if len(inputs) != 2:
        return None
    first, second = known
    if first is not None and second is not None and first.single and second.single:
        step = Step(np.asarray(first.scale.reshape(()) * second.scale.reshape(())), first.parts * second.parts)
        whole = compute(node, [first.whole(inputs[0]), second.whole(inputs[1])])
        return None if whole is None else (step.values(whole), step)
    if first is None:
        (second, first), inputs = (first, second), inputs[::-1]
    return None if second is not None or first is None else _scaled(node, inputs, first)


def _divided(node: Any, inputs: list[Any], known: _Known) -> Found | None:
    return None if known[0] is None else _scaled(node, inputs, known[0])


def _scaled(node: Any, inputs: list[Any], step: Step) -> Found | None:
    output = compute(node, inputs)
    if output is None or output.shape != inputs[0].shape or not np.all(inputs[1]):
        return None
    factor = (
        inputs[1] if inputs[1].size == 1 else inputs[1].reshape((1,) * (output.ndim - inputs[1].ndim) + inputs[1].shape)
    )
    if factor.size > 1 and (factor.ndim != _IMAGE or factor.size != factor.shape[1]):
        return None
    new = _step(np.asarray(step.scale * factor if node.op_type == "Mul" else step.scale / factor), output, step.parts)
    return output, new


_RULES: dict[str, _Rule] = {
    **dict.fromkeys(("Relu", "Identity", "Neg", "Abs"), _kept),
    **dict.fromkeys(("Add", "Sub"), _added),
    "Transpose": _transposed,
    "Mul": _multiplied,
    "Div": _divided,
}


class _Shapes:
    """The shapes of the tensors of one node, for what asks a model."""

    def __init__(self, node: Any, values: Sequence[np.ndarray | None]) -> None:
        self._values = dict(zip([*node.input, node.output[0]], values, strict=True))

    def get_tensor_shape(self, name: str) -> list[int] | None:
        value = self._values.get(name)
        return None if value is None else list(value.shape)
