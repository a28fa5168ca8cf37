# SPDX-License-Identifier: BSD-3-Clause
"""The shell of a design that works on the board's memory: what comes to the sources of one that does not.

`quantunet_system` takes the accelerator's place. Each of its ports (AXI3, 64 bits, bursts of up to 16 words) is an HP port of the
processing system (UG585, AXI_HP interfaces), whose clock is the accelerator's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from hw_flows.memory_port import READ_SIGNALS, WRITE_SIGNALS, bit_range, port_declarations
from hw_flows.memory_system import MemorySystem
from hw_flows.memory_system.write import memory_ports
from hw_flows.shells.zynq7.address_map import HP_PORTS

#: What an HP port is told besides (ARM IHI 0022; UG585), of reads with AR for each A, of writes with AW. One ID, so that all
#: comes in order; what may wait in a queue is what the AFI registers say, not the fabric.
CONSTANTS = {
    "BURST": "2'b01",  # INCR
    "SIZE": "2'b11",  # 8 bytes
    "CACHE": "4'b0011",  # normal memory, not cacheable: HP ports pass the caches
    "PROT": "3'b000",  # data, secure (as Linux is), not privileged
    "LOCK": "2'b00",
    "QOS": "4'b0000",
    "ID": "6'd0",
}
WRITES = {"WSTRB": "8'hff", "WID": "6'd0", "WRISSUECAP1EN": "1'b0"}
_NO_WRITES = {"AWVALID": "1'b0", "WVALID": "1'b0", "BREADY": "1'b0", "WRISSUECAP1EN": "1'b0"}


def with_memory(source: str, system: MemorySystem) -> str:
    """A source of the shell for a design with a system; sources without a line `//+` stay as they are."""
    parts = {name: "\n".join(lines) + "\n" for name, lines in _parts(system).items()}
    return re.sub(r"^ *//\+ (\w+)\n.*?^ *//-\n", lambda place: parts[place[1]], source, flags=re.MULTILINE | re.DOTALL)


def _parts(system: MemorySystem) -> Mapping[str, list[str]]:
    """What stands at each place: `ports` and `accelerator` of the shell, `wires`, `ps7` and `shell` of the top."""
    signals = memory_ports(system)
    return {
        "ports": [f"    {declaration}," for declaration in port_declarations("", signals)],
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
            *(f"      .{name}," for name, _, _ in signals),
        ],
        "wires": [f"  logic {bit_range(bits)}{name};" for name, bits, _ in signals],
        "ps7": [line for port in range(system.ports) for line in _pins(port, port >= system.readers)],
        "shell": [f"      .{name}," for name, _, _ in signals],
    }


def _pins(port: int, writes: bool) -> Iterator[str]:
    prefix = f"      .SAXIHP{HP_PORTS[port]}"
    yield f"{prefix}ACLK(clk),"
    for signal, _, _ in (*READ_SIGNALS, *(WRITE_SIGNALS if writes else ())):
        yield f"{prefix}{signal.upper()}(m_axi_{port}_{signal}),"
    constants = {f"AR{name}": value for name, value in CONSTANTS.items()} | {"RDISSUECAP1EN": "1'b0"}
    constants |= ({f"AW{name}": value for name, value in CONSTANTS.items()} | WRITES) if writes else _NO_WRITES
    for name, value in constants.items():
        yield f"{prefix}{name}({value}),"
