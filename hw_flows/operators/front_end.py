# SPDX-License-Identifier: BSD-3-Clause
"""How a network's graph comes to have an operator: what an operator's folder declares for the steps before hardware.

A folder's `network.py` has a `FRONT_END` of this type; an operator that the steps insert themselves (FIFOs, width
converters) has none. Graphs are clean QONNX in NCHW up to `step_lower`, then FINN-ONNX in NHWC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import NodeProto
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation

from hw_flows.graph_surgery import attributes_of
from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.operators.alternatives import Alternative

#: Raises UserError (`unsupported`) for a node that has no hardware.
Check = Callable[[ModelWrapper, Any], None]
#: (attributes, inputs in float64, None where an optional one is absent) -> output, or None for attributes that it does not know.
Reference = Callable[[dict[str, Any], list[Any]], np.ndarray | None]

#: Of a node in a message.
_MOST_NEIGHBOURS = 6


#: (model, node, "Mul" or "Add", constant of one value or one for each channel read) -> the constant behind the node, of one
#: value or one for each channel given; None where there is none.
Constants = Callable[[ModelWrapper, NodeProto, str, np.ndarray], np.ndarray | None]


@dataclass(frozen=True)
class Passing:
    """An ONNX operator that only passes on, chooses or repeats values, so that their quantization outlives it."""

    commutes: Callable[[ModelWrapper, NodeProto, bool], bool]
    """(model, node, falls): whether a monotone function of each value may as well be applied to what the node reads;
    `falls`: in some channel that function falls."""
    joins: bool = False
    """Whether it reads activations on every input, not on the first alone."""
    inserts_zeros: Callable[[ModelWrapper, NodeProto], bool] = lambda model, node: False
    """Whether it also gives zeros of its own: what commutes with it must leave a zero as it is."""
    channels: Callable[[ModelWrapper, NodeProto], np.ndarray] | None = None
    """For each channel that it reads, the one that it gives; None: the same."""
    parts: Callable[[ModelWrapper, NodeProto], int] = lambda model, node: 1
    """What it gives are whole multiples of the step of what it reads, divided by this."""


@dataclass(frozen=True, eq=False)
class FrontEnd:
    """Every field may be left out. Keys are ONNX operator types."""

    hardware: str = ""
    """What a reader calls it, such as "max pool"; by default the folder's name."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    """What becomes this operator, each with the check of what it supports. Called on the graph in normal form."""
    products: frozenset[str] = frozenset()
    """Those that add up products of weights and activations: both must be quantized, with scales that can be made one."""
    averages: Mapping[str, Callable[[ModelWrapper, NodeProto], int]] = field(default_factory=dict)
    """Those that average activations, each with (model, node) -> of how many: what they read must be quantized, and a sum of
    few bits may go on without a quantizer."""
    sums: frozenset[str] = frozenset()
    """Those that add two branches of activations, and may as well add a constant: each branch must be quantized, and their
    scales have a common measure or a quantizer behind the sum (`network/sums.py`)."""
    multiplies: frozenset[str] = frozenset()
    """Those that multiply two branches of activations, and may as well multiply by a constant: each branch must be quantized
    (`network/branches.py`)."""
    passing: Mapping[str, Passing] = field(default_factory=dict)
    reference: Mapping[str, Reference] = field(default_factory=dict)
    """The arithmetic that defines them, in float64."""
    moves: Callable[[], Sequence[Transformation]] = tuple
    """How scales and biases move past them in `step_streamline`; applied again and again."""
    lower: Callable[[], Sequence[Transformation]] = tuple
    """What `step_lower` does before the graph becomes NHWC."""
    turns: Mapping[str, Callable[[ModelWrapper, Any], None]] = field(default_factory=dict)
    """Makes a node from integers to integers work in NHWC; the transposes around it are added by the caller."""
    convert: Callable[[], Sequence[Transformation]] = tuple
    """FINN-ONNX in NHWC to hardware operators (`step_convert_to_hw`)."""
    order: int = 50
    """Conversions run in rising order, equal ones in that of the folders' names."""
    settle: Callable[[], Sequence[Transformation]] = tuple
    """What is left to do once all operators are there and their types are known."""
    alternatives: Callable[[ModelWrapper], Sequence[Alternative]] = lambda model: ()
    """What may stand in the place of RTL operators of the graph, where its weights come from the board's memory."""


class Unsupported(UserError):
    """A layer of the user's network has no hardware."""

    def __init__(self, layer: str, what: str, where: str, fix: str) -> None:
        self.layer = layer
        super().__init__(what, where, fix)


def unsupported(model: ModelWrapper, node: Any, what: str, fix: str) -> Unsupported:
    """An error about a node of the user's network."""
    layer = layer_of(model, node)
    return Unsupported(layer, f"{layer} ({node.op_type}): {what}", describe_place(model, node), fix)


def describe_place(model: ModelWrapper, node: Any) -> str:
    """Layer, type and neighbours of a node, for messages."""
    before, after = (
        [f"{layer_of(model, n)} ({n.op_type})" for n in (near or [])[:_MOST_NEIGHBOURS]]
        for near in (model.find_direct_predecessors(node), model.find_direct_successors(node))
    )
    return (
        f"node {layer_of(model, node)} ({node.op_type}), between {', '.join(before) or 'the input'} "
        f"and {', '.join(after) or 'the output'}"
    )


def check_numbers(model: ModelWrapper, node: Any, wanted: Mapping[str, tuple[int, int]]) -> None:
    """Attributes are lists of so many whole numbers, none less than so much. Raises UserError."""
    for name, (count, least) in wanted.items():
        values = attributes_of(node).get(name)
        if values is not None and (len(values) != count or min(values) < least):
            raise unsupported(
                model,
                node,
                f"{name} are {list(values)[:8]}",
                f"give {count} numbers of at least {least}, or leave them out",
            )


def has_hardware(model: ModelWrapper, node: Any) -> None:
    """The check of what is supported, or vanishes, whatever its attributes."""
