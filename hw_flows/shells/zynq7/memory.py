# SPDX-License-Identifier: BSD-3-Clause
"""The shell of a design with weights in memory: what comes to the sources of one without.

`quantunet_system` takes the accelerator's place. Each of its read ports (AXI3, 64 bits, bursts of up to 16 words) is an HP port of
the processing system (UG585, AXI_HP interfaces), whose clock is the accelerator's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from hw_flows.memory_port import READ_SIGNALS, bit_range
from hw_flows.shells.zynq7.address_map import HP_PORTS
from hw_flows.weight_memory.write import memory_ports

#: What an HP port is told besides (ARM IHI 0022; UG585). One ID, so that data come in order; what may wait in a queue is
#: what the AFI registers say, not the fabric.
CONSTANTS = {
    "ARBURST": "2'b01",  # INCR
    "ARSIZE": "2'b11",  # 8 bytes
    "ARCACHE": "4'b0011",  # normal memory, not cacheable: HP ports pass the caches
    "ARPROT": "3'b000",  # data, secure (as Linux is), not privileged
    "ARLOCK": "2'b00",
    "ARQOS": "4'b0000",
    "ARID": "6'd0",
    "RDISSUECAP1EN": "1'b0",
    # nothing is written
    "AWVALID": "1'b0",
    "WVALID": "1'b0",
    "BREADY": "1'b0",
    "WRISSUECAP1EN": "1'b0",
}


def with_memory(source: str, ports: int) -> str:
    """A source of the shell for a design with so many read ports; sources without a line `//+` stay as they are."""
    parts = {name: "\n".join(lines) + "\n" for name, lines in _parts(ports).items()}
    return re.sub(r"^ *//\+ (\w+)\n.*?^ *//-\n", lambda place: parts[place[1]], source, flags=re.MULTILINE | re.DOTALL)


def _parts(ports: int) -> Mapping[str, list[str]]:
    """What stands at each place: `ports` and `accelerator` of the shell, `wires`, `ps7` and `shell` of the top."""
    each = range(ports)
    names = [f"m_axi_{p}_{signal}" for p in each for signal, _, _ in READ_SIGNALS]
    return {
        "ports": [f"    {declaration}," for declaration in memory_ports(ports)],
        "accelerator": [
            "  wire unused_idle;",
            "  quantunet_system accelerator (",
            "      .clk_i,",
            "      .rst_i,  // a soft reset stops it",
            "      .run_i(weights_run),",
            "      .running_o(weights_running),",
            "      .idle_o(unused_idle),",
            "      .base_i(weights_base),",
            "      .status_o(weights_status),",
            *(f"      .{name}," for name in names),
        ],
        "wires": [f"  logic {bit_range(bits)}m_axi_{p}_{s};" for p in each for s, bits, _ in READ_SIGNALS],
        "ps7": [line for p in each for line in _pins(p)],
        "shell": [f"      .{name}," for name in names],
    }


def _pins(port: int) -> list[str]:
    prefix = f"      .SAXIHP{HP_PORTS[port]}"
    return [
        f"{prefix}ACLK(clk),",
        *(f"{prefix}{signal.upper()}(m_axi_{port}_{signal})," for signal, _, _ in READ_SIGNALS),
        *(f"{prefix}{name}({value})," for name, value in CONSTANTS.items()),
    ]
