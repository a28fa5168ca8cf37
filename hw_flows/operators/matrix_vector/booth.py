# SPDX-License-Identifier: BSD-3-Clause
"""Products in LUTs: chains of adders over the Booth digits of weights (`qu_booth_chain.sv`)."""

from __future__ import annotations

from math import ceil

import numpy as np


def booth_error(weights: np.ndarray, bits: int, leads: np.ndarray | bool) -> np.ndarray:
    """By how much `qu_booth_chain.sv` is off data * weight, whatever the data.

    Digit k of a weight (its bits 2k+1, 2k, 2k-1) makes 4**k too much where it is positive; digit 0 of a weight that leads its
    chain makes 1 too little where it is negative, instead. Weights and leads: arrays of one shape.
    """
    total = np.zeros_like(weights)
    for k in range((bits + 1) // 2):
        digit = (weights * 2 >> 2 * k) & 7
        positive, negative = (digit >= 1) & (digit <= 3), (digit >= 4) & (digit <= 6)
        if k == 0:
            total += np.where(leads, -1 * negative, 1 * positive)
        else:
            total += 4**k * positive
    return total


def chain_length(products: int, weight_bits: int) -> int:
    """Products in one chain of adders: chains of equal length, of at most four rows unless one product has more.

    Longer ones save no LUTs and cost registers for the operands that wait.
    """
    digits = (weight_bits + 1) // 2
    chains = ceil(products / max(1, 4 // digits))
    return ceil(products / chains)
