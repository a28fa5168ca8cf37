# SPDX-License-Identifier: BSD-3-Clause
"""Random small configurations of every operator that no test knows.

A mutant that is the original's design in every tested configuration is equivalent only if it also is in these: otherwise the
tests lack a configuration.
"""

from __future__ import annotations

import random
from typing import Any

from hw_flows.operators.case import Case

COUNT = 16


def probes(operator: str, cases: Any) -> list[Case]:
    """The same configurations at every call; `cases`: the module of that name in the operator's folder."""
    draw = random.Random(operator)
    return [cases.draw_case(draw) for _ in range(COUNT)]
