# SPDX-License-Identifier: BSD-3-Clause
"""Where output pixels lie among input pixels, in whole numbers, for each of ONNX' ways to say it."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np


@dataclass(frozen=True)
class InterpolatedAxis:
    """Output pixel o lies at (o * step - before) / parts input pixels, held at the first and the last one."""

    into: int
    out: int
    step: int
    parts: int
    before: int

    def sources(self) -> tuple[np.ndarray, np.ndarray]:
        """For each output pixel the input pixel at or before it, and how many `parts` of the way to the next it lies."""
        place = np.clip(np.arange(self.out) * self.step - self.before, 0, (self.into - 1) * self.parts)
        return place // self.parts, place % self.parts

    def blend(self, x: np.ndarray, axis: int) -> np.ndarray:
        """`parts` times what linear interpolation along `axis` gives."""
        first, fraction = self.sources()
        second = np.minimum(first + 1, self.into - 1)
        shape = [1] * x.ndim
        shape[axis] = self.out
        weight = fraction.reshape(shape)
        return np.take(x, first, axis) * (self.parts - weight) + np.take(x, second, axis) * weight


def find_axis(into: int, out: int, transformation: str) -> InterpolatedAxis | None:
    """The axis for ONNX' `coordinate_transformation_mode`, scaled by out / into; None where it is none of those that
    have hardware, or makes the image smaller."""
    if out < into:
        return None
    if into == 1 or out == into:
        return InterpolatedAxis(into, out, 1, 1, 0)
    if transformation in ("half_pixel", "pytorch_half_pixel"):
        step, parts, before = 2 * into, 2 * out, out - into
    elif transformation == "align_corners":
        step, parts, before = into - 1, out - 1, 0
    elif transformation == "asymmetric":
        step, parts, before = into, out, 0
    else:
        return None
    common = gcd(step, parts, before)
    return InterpolatedAxis(into, out, step // common, parts // common, before // common)
