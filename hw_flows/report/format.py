# SPDX-License-Identifier: BSD-3-Clause
"""Numbers and names as people read them."""

from __future__ import annotations


def quantity(value: float | int | None) -> str:
    """1234567 as 1,234,567; fractions with at most three significant digits after it matters."""
    if value is None:
        return "–"
    if float(value) == int(value):
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}".rstrip("0").rstrip(".")


def percent(share: float | None) -> str:
    """A share of 1 in percent, with a decimal below 10 %."""
    if share is None:
        return "–"
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 10 else f"{value:.0f} %"


def short_type(op_type: str) -> str:
    """FINN's name of an operator without what all of ours have in common: OpenMVAU_rtl is MVAU."""
    return op_type.removeprefix("Open").removesuffix("_rtl")
