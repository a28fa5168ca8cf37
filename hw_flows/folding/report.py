# SPDX-License-Identifier: BSD-3-Clause
"""The budget that a board leaves, what folding says in `report/folding.json`, and what it says where nothing fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hw_flows.boards import Board
from hw_flows.families import find_family
from hw_flows.folding.choose import Folding, Shortage
from hw_flows.folding.problem import DRAM, RESOURCES, Amounts, dram_of
from hw_flows.machine.errors import CheckFailed

#: Part of each resource that a prediction may use: routing needs air, and FIFOs get their depths later.
FILL = {"LUT": 0.8, "FF": 0.8, "LUTRAM": 0.8, "BRAM36": 0.9, "DSP": 0.9}


def budget_of(board: Board, clock_mhz: float | None = None) -> Amounts:
    """What a prediction may use of a board, in the resources of the cost models. `clock_mhz`: the accelerator's, without which
    nothing may be read of the memory."""
    scale = find_family(board.family).cost_scale
    of_the_device = (share * getattr(board.budget, name) / scale.get(name, 1.0) for name, share in FILL.items())
    return (*of_the_device, (board.dram_mb_s or 0.0) / clock_mhz if clock_mhz else 0.0)


def folding_report(
    folding: Folding, clock_mhz: float, cycles: int, used: Amounts, from_memory: Sequence[str] = ()
) -> dict[str, Any]:
    """Fields of `report/folding.json`. `cycles` and `used` are of the graph as it is, a user's own changes included.

    `from_memory`: layers whose weights come from the board's memory.
    """
    return {
        "target_cycles": folding.target_cycles,
        "cycles_per_frame": cycles,
        "fps": round(clock_mhz * 1e6 / cycles, 2),
        "bound_cycles": folding.bound_cycles,
        "gap": round(folding.gap, 4),
        "limited_by": list(folding.limited_by),
        "bottleneck": folding.bottleneck,
        "predicted": _rounded(used),
        "budget": _rounded(folding.budget),
        "fill": FILL,
        **_memory(used, folding.budget, clock_mhz),
        **({"weights_from_memory": list(from_memory)} if from_memory else {}),
    }


def largest_layers(shortage: Shortage, layers: Sequence[str]) -> list[tuple[str, float]]:
    """The layers by their share of what the cheapest folding needs of the scarcest resource, largest first.

    `layers`: for each operator the layer that it works for. Empty where they or that folding are not known.
    """
    shares: dict[str, float] = {}
    place = _scarcest(shortage)
    for layer, option in zip(layers, shortage.options, strict=False):
        shares[layer] = shares.get(layer, 0.0) + option.cost[place] / shortage.used[place]
    return sorted(shares.items(), key=lambda item: -item[1])


def _scarcest(shortage: Shortage) -> int:
    """Position in RESOURCES of what exceeds its budget most."""
    return max(
        (place for place, used in enumerate(shortage.used) if used > shortage.budget[place]),
        key=lambda place: shortage.used[place] / max(shortage.budget[place], 1e-3),
        default=0,
    )


def shortage_report(
    shortage: Shortage, clock_mhz: float, target_cycles: int | None, layers: Sequence[str] = ()
) -> dict[str, Any]:
    """The same file where no folding fits. `smallest`: the cheapest one, where nothing fits at any rate."""
    best = shortage.fastest
    cycles = max((option.cycles for option in shortage.options), default=0)
    smallest = (
        {
            "cycles_per_frame": cycles,
            "fps": round(clock_mhz * 1e6 / cycles, 2),
            "scarcest": RESOURCES[_scarcest(shortage)],
            "shares": {layer: round(share, 4) for layer, share in largest_layers(shortage, layers)},
        }
        if shortage.options
        else None
    )
    return {
        "smallest": smallest,
        "target_cycles": target_cycles,
        "cycles_per_frame": None,
        "largest_fps": None if best is None else round(clock_mhz * 1e6 / best.cycles, 2),
        "bound_cycles": None if best is None else best.bound_cycles,
        "limited_by": list(shortage.too_slow) or list(shortage.over),
        "predicted": _rounded(shortage.used),
        "budget": _rounded(shortage.budget),
        "fill": FILL,
        **_memory(shortage.used, shortage.budget, clock_mhz),
    }


def shortage_error(
    shortage: Shortage,
    board: Board,
    clock_mhz: float,
    target_fps: float | None,
    layers: Mapping[str, str] | None = None,
) -> CheckFailed:
    """Which resource does not suffice, by how much, what uses most of it, and the largest frame rate that there is.

    `layers`: what the network's author calls the layer that a node works for, by the node's name, in the nodes' order.
    """
    missing = ", ".join(
        f"{needed * clock_mhz:,.0f} MB/s of the board's memory, which gives {available * clock_mhz:,.0f}"
        if name == DRAM
        else f"{needed:,.0f} {name} of {available:,.0f} ({FILL[name]:.0%} of the board's "
        f"{getattr(board.budget, name):,}), {needed / available - 1:.0%} too many"
        for name, (needed, available) in shortage.over.items()
    )
    if shortage.fastest is None:
        needed, available = max(shortage.over.values(), key=lambda pair: pair[0] / pair[1])
        largest_of = [f"{n} {share:.0%}" for n, share in largest_layers(shortage, list((layers or {}).values()))[:3]]
        most = f". Of {RESOURCES[_scarcest(shortage)]} most are for {', '.join(largest_of)}" if largest_of else ""
        return CheckFailed(
            f"the network does not fit {board.title} at any frame rate: it needs at least {missing}{most}",
            "step_apply_folding",
            f"train with fewer channels or bits, so that it needs {1 - available / needed:.0%} less, or choose a "
            "larger board",
        )
    largest = clock_mhz * 1e6 / shortage.fastest.cycles
    slow = list(dict.fromkeys((layers or {}).get(name, name) for name in shortage.too_slow))
    too_slow = f"no parallelism makes {', '.join(slow[:3])} that fast"
    reason = too_slow if shortage.too_slow else f"it needs at least {missing}"
    return CheckFailed(
        f"{target_fps:g} frames/s at {clock_mhz:g} MHz cannot be reached: {reason}. The largest frame rate on "
        f"{board.title} is {largest:.1f} frames/s",
        "step_apply_folding",
        f"give --target-fps {int(largest)} or less (without it the fastest that fits is built), train with fewer "
        "channels or bits, or choose a larger board",
    )


def _rounded(values: Amounts) -> dict[str, float]:
    return {name: round(value, 1) for name, value in zip(RESOURCES, values, strict=True) if name != DRAM}


def _memory(used: Amounts, budget: Amounts, clock_mhz: float) -> dict[str, Any]:
    """What is read of the board's memory, where something is."""
    if not dram_of(used):
        return {}
    return {"dram_mb_s": round(dram_of(used) * clock_mhz, 1), "dram_budget_mb_s": round(dram_of(budget) * clock_mhz, 1)}
