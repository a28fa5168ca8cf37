# SPDX-License-Identifier: BSD-3-Clause
"""Folding where weights may come from the board's memory: the choice that needs less of the device, and more of its memory's time."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.accelerator import Role
from hw_flows.folding.choose import Folding, Shortage, cheapest_for, fastest
from hw_flows.folding.network import apply, trial_with
from hw_flows.folding.problem import Amounts, Option
from hw_flows.folding.skips import waits
from hw_flows.operators.alternatives import Alternative

#: The problem is solved again as long as skip connections wait this much longer than it was told, and so many times.
_LONGER, _ROUNDS = 1.05, 4
#: Where a rate cannot be had: slower ones that are tried, in times its cycles.
_SLOWER = (2, 4, 8, 16)


def fold_from_memory(
    model: ModelWrapper,
    alternatives: Sequence[Alternative],
    budget: Amounts,
    target: int | None,
    fixed: Amounts,
    forced: bool = False,
) -> Folding | Shortage:
    """The cheapest folding of at most `target` cycles, or the fastest, with the alternatives that pay; `forced`: with all.

    `fixed`: what reading the memory costs.

    Units that work on blocks of rows give results later, so skip connections wait longer, by how much depends on the choice.
    The problem is solved again with what its own solution makes them wait.
    """
    found = _fold(model, alternatives, budget, target, fixed, forced)
    if isinstance(found, Folding) or target is None:
        return found
    for times in _SLOWER:
        slower = _fold(model, alternatives, budget, times * target, fixed, forced)
        if isinstance(slower, Folding):
            return replace(found, fastest=slower, options=())
    return found


def _fold(
    model: ModelWrapper,
    alternatives: Sequence[Alternative],
    budget: Amounts,
    target: int | None,
    fixed: Amounts,
    forced: bool,
) -> Folding | Shortage:
    trial = trial_with(model, alternatives, target)
    waiting = _waiting(model, alternatives, None)
    for _ in range(_ROUNDS):
        problem = replace(trial.problem(waiting), fixed=fixed)
        problem = problem.with_second() if forced else problem
        folding = fastest(problem, budget) if target is None else cheapest_for(problem, budget, target)
        if isinstance(folding, Shortage):
            break
        longer = _waiting(model, alternatives, folding.options)
        if all(frames <= _LONGER * waiting.get(name, 0.0) for name, frames in longer.items()):
            break
        waiting = longer
    return folding


def _waiting(
    model: ModelWrapper, alternatives: Sequence[Alternative], options: tuple[Option, ...] | None
) -> Mapping[str, float]:
    """Frames that tensors wait where `options` are chosen, else with all alternatives as they come."""
    trial = copy.deepcopy(model)
    if options is None:
        for alternative in alternatives:
            alternative.take(trial, [()] * len(alternative.nodes))
    else:
        apply(trial, options, alternatives)
    operators = [(node, getCustomOp(node)) for node in trial.graph.node]
    cycles = {node.name: int(operator.get_exp_cycles()) for node, operator in operators}
    frame = max(cycles.values())
    busy = {node.name: cycles[node.name] / frame for node, operator in operators if operator.role is Role.MATRIX}
    return waits(trial, busy)
