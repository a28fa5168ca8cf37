# SPDX-License-Identifier: BSD-3-Clause
"""What nextpnr-himbaechel-xilinx 0.11 makes something else of without a word; found in a netlist before it runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hw_flows.families.netlist import Cell
from hw_flows.machine.errors import CheckFailed

#: Cells that nextpnr does not know.
UNSUPPORTED = ("LUT6_2",)


def require_supported(cells: Iterable[Cell]) -> None:
    """Raises CheckFailed where the netlist has something of which place and route would silently make something else."""
    wrong = Counter(fault for cell in cells if (fault := _fault(cell)) is not None)
    if wrong:
        listed = ", ".join(f"{number} times {fault}" for fault, number in sorted(wrong.items()))
        raise CheckFailed(
            f"the netlist has {listed}: place and route for 7-series gets it wrong",
            "netlist.json",
            "report this: a bug in the synthesis for this flow; or use --flow vivado",
        )


def _fault(cell: Cell) -> str | None:
    """What nextpnr 0.11 gets wrong about a cell, if anything."""
    if cell.type in UNSUPPORTED:
        return cell.type
    if cell.type in ("SRL16E", "SRLC32E") and "1" in cell.parameter("INIT"):
        return "a shift register with initial bits"  # which are not written: openXC7/nextpnr-xilinx issue 181
    if cell.type in ("RAM32M", "RAM64M") and any("1" in cell.parameter(f"INIT_{port}") for port in "ABCD"):
        return "a memory of LUTs with contents"  # which are not written; seen in bitstreams lifted back
    if cell.type.startswith("RAMB") and cell.parameter("RAM_MODE") == "SDP":
        return (
            "a block memory of double width"  # without the other port's width: openXC7/nextpnr-xilinx pull request 150
        )
    if cell.type == "DSP48E1" and "CASCADE" in (cell.parameter("A_INPUT"), cell.parameter("B_INPUT")):
        return "a cascade of a multiplier's factors"  # which nothing lifted back from a bitstream has shown right
    if cell.type == "DSP48E1" and cell.parameter("USE_DPORT") == "TRUE":
        return "a pre-adder of a multiplier"  # the database knows no way from logic to its pins D
    if cell.type == "RAMB36E1" and cell.parameter("RAM_EXTENSION_A") not in ("", "NONE"):
        return "a cascade of block memories"  # not tried with nextpnr
    return None
