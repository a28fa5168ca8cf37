# SPDX-License-Identifier: BSD-3-Clause
"""Gate-level programs of the UltraScale+ block memories (UG573, UG974), as far as Yosys uses them: no cascade, no ECC."""

from __future__ import annotations

from hw_flows.families.amd.block_memory import IDLE, Cascade, PortPins, memory, plain_configuration, widths
from hw_flows.families.netlist import Cell
from hw_flows.families.program import Model, Program


def block_memory(rows: int) -> Model:
    """RAMB18E2 of 64 rows of 256 bits, RAMB36E2 of 128.

    There is no parameter for the mode: a word of 36 bits in the half memory, of 72 in the whole one, takes the pins of both ports.
    """
    pins = PortPins(
        data_in=("DINADIN", "DINBDIN"),
        parity_in=("DINPADINP", "DINPBDINP"),
        data_out=("DOUTADOUT", "DOUTBDOUT"),
        parity_out=("DOUTPADOUTP", "DOUTPBDOUTP"),
        address_bits=14 if rows == 64 else 15,
        write_mode="NO_CHANGE",
    )
    widest = rows * 9 // 16

    def model(cell: Cell, program: Program) -> None:
        plain_configuration(cell, default_register=1)
        for port in "AB":
            cell.choice(f"CASCADE_ORDER_{port}", "NONE", ("NONE",))
            cell.choice(f"ENADDREN{port}", "FALSE", ("FALSE",))
            cell.choice(f"RDADDRCHANGE{port}", "FALSE", ("FALSE",))
            cell.without_effect(  # of cascades, and of an address that is kept
                *(f"CAS{pin}{port}" for pin in ("DIMUX", "DIN", "DINP", "DOMUX", "OREGIMUX")),
                *(f"CAS{pin}EN_{port}" for pin in ("DOMUX", "OREGIMUX")),
                f"ADDREN{port}",
            )
        for name in ("EN_ECC_PIPE", "EN_ECC_READ", "EN_ECC_WRITE"):
            cell.choice(name, "FALSE", ("FALSE",))
        cell.choice("INIT_FILE", "NONE", ("NONE",))
        cell.tied("SLEEP", *IDLE)
        cell.without_effect("CLOCK_DOMAINS", "SLEEP_ASYNC", "ECCPIPECE", "INJECTDBITERR", "INJECTSBITERR")
        (read_a, _), (_, write_b) = port_widths = widths(cell)
        simple = widest in (read_a, write_b)
        memory(cell, program, rows, pins, port_widths, simple=simple, cascades=(Cascade(), Cascade()))

    return model
