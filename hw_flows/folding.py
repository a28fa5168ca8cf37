"""Folding: how much of each operator is unrolled in space.

For a target of T cycles per frame every operator gets the least parallelism that meets T on its own; since all work at
once, the slowest one sets the pace. Without a target the least T whose predicted cost fits the board is searched by
bisection. Where an operator may choose, it takes its neighbour's number of lanes, which saves a width converter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.errors import UserError

#: Share of a board that the prediction may use: routing needs air, and the width converters and FIFOs between the
#: operators, which do not exist yet when the folding is chosen, take theirs.
FILL = 0.6


@dataclass(frozen=True)
class FoldingResult:
    """Target and predicted cycles per frame, the slowest operator, and the predicted cost."""

    target_cycles: int
    cycles: int
    bottleneck: str
    cost: dict[str, float]


def divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def fold_for_cycles(model: ModelWrapper, target: int) -> FoldingResult:
    """Set PE and SIMD of every operator for at most `target` cycles per frame where it can; returns what came out."""
    nodes = list(model.graph.node)
    consumers = {tensor: node for node in nodes for tensor in node.input}
    for node in nodes:
        if _kind(node) == "MVAU":
            _fold_matrix(getCustomOp(node), target)
    # Against the stream, so that what feeds a matrix can follow its SIMD; then thresholds and movers along it.
    for node in reversed(nodes):
        if _kind(node) in ("ConvolutionInputGenerator", "FMPadding"):
            follower = consumers.get(node.output[0])
            wanted = _lanes_wanted(follower) if follower is not None else 1
            _fold_channels(getCustomOp(node), "SIMD", _channels(node), target, wanted)
    producers = {tensor: node for node in nodes for tensor in node.output}
    for node in nodes:
        kind = _kind(node)
        if kind in ("MVAU", "ConvolutionInputGenerator", "FMPadding"):
            continue
        producer = producers.get(node.input[0])
        wanted = int(getCustomOp(producer).get_folded_output_shape()[-1]) if producer is not None else 1
        attribute = "PE" if kind in ("Thresholding", "StreamingMaxPool", "DuplicateStreams") else "SIMD"
        _fold_channels(getCustomOp(node), attribute, _channels(node), target, wanted)
    return predict(model, target)


def predict(model: ModelWrapper, target: int = 0) -> FoldingResult:
    """Cycles and cost of the folding that `model` has now."""
    cycles, bottleneck = 0, ""
    cost = dict.fromkeys(("lut", "ff", "lutram", "bram36", "dsp"), 0.0)
    for node in model.graph.node:
        operator = getCustomOp(node)
        own = int(operator.get_exp_cycles())
        if own > cycles:
            cycles, bottleneck = own, node.name
        predicted = operator.cost()
        for key in cost:
            cost[key] += getattr(predicted, key)
    return FoldingResult(target, cycles, bottleneck, cost)


def fold_for_budget(model: ModelWrapper, budget: Mapping[str, float]) -> FoldingResult:
    """The fastest folding whose predicted cost stays within FILL of `budget` (keys of `Cost`).

    Raises UserError naming the resource where not even the smallest folding fits.
    """
    low, high = 1, sum(int(getCustomOp(n).get_exp_cycles()) for n in model.graph.node) + 1
    slowest = fold_for_cycles(model, high)
    over = _over(slowest.cost, budget, 1.0)
    if over:
        raise UserError(
            f"the network does not fit: even with the least parallelism it needs {over}",
            "folding",
            "train with fewer channels or bits, or choose a larger board",
        )
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        if _over(fold_for_cycles(model, middle).cost, budget, FILL):
            low = middle
        else:
            high = middle
    return fold_for_cycles(model, high)


def _over(cost: dict[str, float], budget: Mapping[str, float], fill: float) -> str:
    parts = [
        f"{_used(cost, key):.0f} {key.upper()} of {budget[key]:.0f}"
        for key in budget
        if key in cost and _used(cost, key) > fill * budget[key]
    ]
    return ", ".join(parts)


def _used(cost: dict[str, float], key: str) -> float:
    """A board counts LUTs used as memory among its LUTs; `Cost` keeps them apart."""
    return cost["lut"] + cost["lutram"] if key == "lut" else cost[key]


def _kind(node: Any) -> str:
    return str(node.op_type).removeprefix("Open").removesuffix("_rtl")


def _channels(node: Any) -> int:
    operator = getCustomOp(node)
    kind = _kind(node)
    if kind == "ConvolutionInputGenerator":
        return int(operator.get_nodeattr("IFMChannels"))
    if kind == "StreamingConcat":
        first, second = operator.get_nodeattr("ChannelsPerStream")
        return _common(int(first), int(second))
    return int(operator.get_nodeattr("NumChannels"))


def _common(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _lanes_wanted(node: Any) -> int:
    return int(getCustomOp(node).get_folded_input_shape()[-1])


def _fold_matrix(operator: Any, target: int) -> None:
    """The fewest products per cycle that meet the target; among equals the one with fewer rows at once.

    A wide SIMD shares one accumulator and one output word, so it costs less than a wide PE.
    """
    rows, columns = int(operator.get_nodeattr("MH")), int(operator.get_nodeattr("MW"))
    vectors = 1
    for extent in operator.get_nodeattr("numInputVectors"):
        vectors *= int(extent)
    best: tuple[int, int, int] | None = None
    for simd in divisors(columns):
        for pe in divisors(rows):
            cycles = vectors * (columns // simd) * (rows // pe)
            if cycles <= target and (best is None or (pe * simd, pe) < best[:2]):
                best = (pe * simd, pe, simd)
    if best is None:
        best = (rows * columns, rows, columns)
    operator.set_nodeattr("PE", best[1])
    operator.set_nodeattr("SIMD", best[2])


def _fold_channels(operator: Any, attribute: str, channels: int, target: int, wanted: int) -> None:
    """The number of lanes nearest to what the neighbour has, among those that meet the target."""

    def cycles(lanes: int) -> int:
        operator.set_nodeattr(attribute, lanes)
        return int(operator.get_exp_cycles())

    choices = [d for d in divisors(channels) if cycles(d) <= target] or [channels]
    operator.set_nodeattr(attribute, _nearest(choices, wanted))


def _nearest(choices: list[int], wanted: int) -> int:
    """`wanted` if it may be had; else the least larger choice that it divides or that divides it; else the least."""
    fitting: Callable[[int], bool] = lambda d: d % wanted == 0 or wanted % d == 0  # noqa: E731
    return next((d for d in choices if d == wanted), next((d for d in choices if fitting(d)), choices[0]))
