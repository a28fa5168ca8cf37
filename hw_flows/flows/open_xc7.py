"""`--flow open` on Zynq-7000 boards: what it needs."""

from __future__ import annotations

from hw_flows.findings import Finding, find_program


def needs() -> list[Finding]:
    return [
        find_program("nextpnr-himbaechel", "Debian sid: apt install nextpnr-himbaechel-xilinx"),
        find_program("bootgen", "Debian: apt install xilinx-bootgen"),
    ]
