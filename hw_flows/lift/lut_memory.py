# SPDX-License-Identifier: BSD-3-Clause
"""LUTs of a SLICEM as memory or shift register (UG474, "Distributed RAM" and "Shift Registers")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hw_flows.lift.netlist import Net

if TYPE_CHECKING:
    from hw_flows.lift.slices import Slice


def memory_mode(site: Slice, column: str) -> str | None:
    """RAM or SRL; None: plain logic."""
    base = f"{site.prefix}.{column}LUT"
    return site.one_of(base, ("RAM", "SRL"))


class LutMemory:
    """The memories of one SLICEM."""

    def __init__(self, site: Slice) -> None:
        self.site = site

    def start(self) -> None:
        for column in "ABCD":
            if memory_mode(self.site, column) is not None:
                raise self.site.error(f"{column}LUT is a memory")

    def output(self, column: str, output: str) -> Net:
        raise self.site.error(f"{column}LUT is a memory")

    def end_of(self, column: str) -> Net:
        raise self.site.error(f"{column}LUT is a shift register")
