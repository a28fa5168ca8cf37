"""Applies graph transformations of QONNX and FINN in rounds."""

from __future__ import annotations

from collections.abc import Sequence

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

_MAX_ROUNDS = 50


def transform_until_stable(model: ModelWrapper, moves: Sequence[Transformation]) -> ModelWrapper:
    """Apply all `moves` in order, again and again, until a round changes no node. Changes `model` in place.

    Types and names are not inferred between the moves, which is what makes FINN's own rounds slow.
    """
    before: list[tuple[str, ...]] = []
    for _ in range(_MAX_ROUNDS):
        for move in moves:
            model = model.transform(move, make_deepcopy=False, cleanup=False)
        model.cleanup()
        now = [(node.op_type, *node.input, *node.output) for node in model.graph.node]
        if now == before:
            return model
        before = now
    raise AssertionError(f"{[type(m).__name__ for m in moves]} undo each other")
