# SPDX-License-Identifier: BSD-3-Clause
"""What the operators' folders declare, asked for in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.operators import front_ends

MAX_ACTIVATION_BITS = 8
#: What float32 counts exactly: FINN's Python models compute in it.
MAX_INTEGER_BITS = 24


def products() -> set[str]:
    """Operators that add up products of weights and activations."""
    return {op_type for front_end in front_ends() for op_type in front_end.products}


def averages() -> dict[str, Callable[[ModelWrapper, Any], int]]:
    """Operators that average activations, with how many."""
    return {op_type: count for front_end in front_ends() for op_type, count in front_end.averages.items()}
