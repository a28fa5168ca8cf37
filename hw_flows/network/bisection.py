# SPDX-License-Identifier: BSD-3-Clause
"""Bisection over all float64 numbers: between two neighbours there is none, so what it finds is exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def least_that_holds(
    holds: Callable[[NDArray[np.float64]], NDArray[np.bool_]], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The least float64 above `low` for which `holds`, which holds from there up to `high`, element by element."""
    below, above = _key(low), _key(high)
    while (above > below + 1).any():
        middle = (below >> 1) + (above >> 1) + (below & above & 1)  # their difference may be too large for 64 bits
        reached = holds(_value(middle))
        below, above = np.where(reached, below, middle), np.where(reached, middle, above)
    return _value(above)


def _key(x: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers in the order of float64 values, neighbours for neighbours."""
    bits = np.ascontiguousarray(x).view(np.int64)
    return np.where(bits >= 0, bits, np.int64(-(2**63)) - bits)


def _value(key: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.ascontiguousarray(np.where(key >= 0, key, np.int64(-(2**63)) - key)).view(np.float64)
