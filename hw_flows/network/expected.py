# SPDX-License-Identifier: BSD-3-Clause
"""Does what the user expects of a network agree with what its file computes?"""

from __future__ import annotations

import numpy as np

from hw_flows.network.answers import Answers, apply_head
from hw_flows.network.head import SplitNetwork
from hw_flows.network.verification import LOGIT_TOLERANCE

#: Where no more of the values differ, float32 may have rounded a value to the other side of a quantizer's boundary.
_FEW = 0.05
_MOST_CLASSES = 64


def disagreement(expected: np.ndarray, answers: Answers, network: SplitNetwork | None) -> str | None:
    """What to say where `expected` (N, ...) is not what the network answers, up to the rounding of its logits to float32.

    `expected` may be the network's output or, in their shape, its logits. A mask may differ in the pixels whose classes
    tie within that rounding, and only there. None where it agrees.
    """
    candidates = [a for a in (answers.output, answers.logits) if a.shape == expected.shape]
    differing = [_differing(expected, answer) for answer in candidates]
    if not all(d.any() for d in differing):
        return None
    if network is not None and network.head is not None and candidates[0] is answers.output:
        differing[0] &= _outside(expected, answers.logits, network)
        if not differing[0].any():
            return None
    return _words(expected, candidates[0], differing[0], answers.logits)


def _tolerance(values: np.ndarray) -> float:
    return LOGIT_TOLERANCE * max(1e-30, float(np.abs(values).max())) if values.dtype.kind == "f" else 0.0


def _differing(expected: np.ndarray, answer: np.ndarray) -> np.ndarray:
    return np.abs(expected.astype(np.float64) - answer.astype(np.float64)) > _tolerance(answer)


def _outside(expected: np.ndarray, logits: np.ndarray, network: SplitNetwork) -> np.ndarray:
    """Where `expected` is not between what the head makes of logits that are moved by their rounding, towards each class
    and away from it."""
    step = _tolerance(logits)
    low, high = np.full(expected.shape, np.inf), np.full(expected.shape, -np.inf)
    classes = min(logits.shape[1], _MOST_CLASSES)
    slack = 0.0
    for chosen in range(classes):
        for direction in (1, -1):
            moved = logits - direction * step
            moved[:, chosen] += 2 * direction * step
            output = apply_head(network, moved)
            slack = _tolerance(output)
            low, high = np.minimum(low, output), np.maximum(high, output)
    return (expected < low - slack) | (expected > high + slack)


def _words(expected: np.ndarray, answer: np.ndarray, differing: np.ndarray, logits: np.ndarray) -> str:
    frames = int(differing.reshape(len(differing), -1).any(axis=1).sum())
    count = int(differing.sum())
    largest = np.abs(expected.astype(np.float64) - answer.astype(np.float64)).max()
    share = differing.mean()
    what = (
        f"the network does not answer what --verify-expected says: {count:,} of {differing.size:,} values "
        f"{'differs' if count == 1 else 'differ'}, in {frames} of {len(differing)} frames, by up to {largest:.3g} where the largest is "
        f"{np.abs(answer.astype(np.float64)).max():.3g}. This is the file itself, executed in float64 before anything "
        "was changed in it"
    )
    if share <= _FEW:
        return what + (
            ". So few may be values that float32 rounds to the other side of a quantizer's boundary: compute the "
            "expected output in float64, or leave --verify-expected out"
        )
    return what + (
        ". Is it the output for --verify-input, in the same order and range of values (0 to 1, or 0 to 255?), of the "
        "network as exported (model.eval())? Without --verify-expected the file's own answer is the reference"
    )
