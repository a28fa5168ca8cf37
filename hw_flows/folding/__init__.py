# SPDX-License-Identifier: BSD-3-Clause
"""Folding: how much of each operator is unrolled in space, chosen for all operators together.

network.py   graph -> tables: the options of every operator, with its own cycles and cost
skips.py     how long skip connections wait, for the memory of their FIFOs
problem.py   the tables: operators, options, links, amounts of resources
prune.py     options that cannot be part of a best choice
solve.py     the mixed-integer program
choose.py    fastest within a budget, or cheapest for a target; bound and what limits it
from_memory.py  the same where weights may come from the board's memory
report.py    budget of a board, `report/folding.json`, and what to say where nothing fits
"""

from hw_flows.folding.choose import Folding, Shortage, cheapest_for, fastest, frame_cycles
from hw_flows.folding.from_memory import fold_from_memory
from hw_flows.folding.network import apply, current_folding, folding_problem
from hw_flows.folding.report import budget_of, folding_report, shortage_error, shortage_report

__all__ = [
    "Folding",
    "Shortage",
    "apply",
    "budget_of",
    "cheapest_for",
    "current_folding",
    "fastest",
    "fold_from_memory",
    "folding_problem",
    "folding_report",
    "frame_cycles",
    "shortage_error",
    "shortage_report",
]
