# SPDX-License-Identifier: BSD-3-Clause
"""Graph transformations that several steps use."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from onnx import ModelProto
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation
from qonnx.transformation.remove import remove_node_and_rewire

from hw_flows.layer_names import KEY as LAYER
from hw_flows.layer_names import Layers

_MAX_ROUNDS = 50


def transformed(model: ModelWrapper, *transformations: Transformation) -> ModelWrapper:
    """`model` after all `transformations`, in order; what they make of a layer of the network belongs to that layer."""
    for transformation in transformations:
        before = Layers(model)
        model = model.transform(transformation)
        before.inherit(model)
    return model


def transform_until_stable(model: ModelWrapper, moves: Sequence[Transformation]) -> ModelWrapper:
    """Apply all `moves` in order, again and again, until a round changes no node. Changes `model` in place.

    Types and names are not inferred between the moves, which is what makes FINN's own rounds slow.
    """
    before: list[tuple[str, ...]] = []
    for _ in range(_MAX_ROUNDS):
        for move in moves:
            layers = Layers(model)
            model = model.transform(move, make_deepcopy=False, cleanup=False)
            layers.inherit(model)
        model.cleanup()
        now = [(node.op_type, *node.input, *node.output) for node in model.graph.node]
        if now == before:
            return model
        before = now
    raise AssertionError(f"{[type(m).__name__ for m in moves]} undo each other")


@contextmanager
def repeatable_names(seed: str) -> Iterator[None]:
    """New tensors get the same names in every run: QONNX draws them from Python's shared generator, which is seeded here
    and is left as it was found."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)


def strip_provenance(proto: ModelProto) -> None:
    """Exporters write stack traces and paths of their machine into the file. Changes `proto` in place; layers keep their
    names."""
    graph = proto.graph
    proto.doc_string = ""
    del proto.metadata_props[:], proto.training_info[:]
    for item in (graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        item.doc_string = ""
        kept = [entry for entry in item.metadata_props if entry.key == LAYER]
        del item.metadata_props[:]
        item.metadata_props.extend(kept)


class RemoveExactIdentities(Transformation):
    """Removes additions of 0 and multiplications by 1.

    QONNX's RemoveIdentityOps, which FINN runs again and again, takes whatever is within 1e-5 of 0 or 1 for it, and so
    drops small biases and scales near 1: that changes the network.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        neutral = {"Add": 0, "Sub": 0, "Mul": 1, "Div": 1}
        for node in model.graph.node:
            if node.op_type in neutral:
                value = model.get_initializer(node.input[1])
                if value is not None and np.all(value == neutral[node.op_type]):
                    remove_node_and_rewire(model, node)
                    return model, True
        return model, False
