# SPDX-License-Identifier: BSD-3-Clause
"""Generate what the harness needs to see of a design: `sim_top.sv` and the C++ that hands its streams over.

`sim_top` holds the unmodified accelerator, where weights come from memory with what reads them, and reads every stream of it by
hierarchical name.
"""

from __future__ import annotations

from hw_flows.accelerator import Accelerator
from hw_flows.memory_port import READ_SIGNALS, WRITE_SIGNALS, control_ports, port_declarations
from hw_flows.memory_system import MemorySystem
from hw_flows.memory_system.write import memory_ports
from hw_flows.simulate.pack import bytes_per_word
from hw_flows.stitch.write import port_prefixes

TOP = "sim_top"


def flag_bits(accelerator: Accelerator) -> int:
    """Width of the packed valid and ready vectors: a multiple of 64 that Verilator always stores as wide words."""
    return max(128, -(-len(accelerator.streams) // 64) * 64)


def sim_top(accelerator: Accelerator, system: MemorySystem | None = None) -> str:
    """SystemVerilog of the simulation top: the design's ports, all tvalid and tready packed, all tdata.

    The design is the accelerator, all of whose inputs are driven, or its `system`, whose memory is simulated.
    """
    prefixes = port_prefixes(accelerator)
    flags = flag_bits(accelerator)
    ports = ["input  wire logic clk_i", "input  wire logic rst_i"]
    if system is not None:
        ports = [*control_ports(), *port_declarations("", memory_ports(system))]
    for names, forward, back in (
        (driven(accelerator, system), "input  wire", "output"),
        (taken(accelerator, system), "output", "input  wire"),
    ):
        for name in names:
            width = accelerator.stream(name).width
            prefix = prefixes[name]
            ports += [
                f"{forward} logic [{width - 1}:0] {prefix}_tdata",
                f"{forward} logic {prefix}_tvalid",
                f"{back} logic {prefix}_tready",
            ]
    connections = [f"    .{port.split()[-1]}" for port in ports]
    ports += [f"output logic [{flags - 1}:0] valid_o", f"output logic [{flags - 1}:0] ready_o"]
    inside = "dut" if system is None else "dut.core"
    body = []
    for index, stream in enumerate(accelerator.streams):
        ports.append(f"output logic [{stream.width - 1}:0] data{index}_o")
        body += [
            f"  assign valid_o[{index}] = {inside}.{stream.name}_tvalid;",
            f"  assign ready_o[{index}] = {inside}.{stream.name}_tready;",
            f"  assign data{index}_o = {inside}.{stream.name}_tdata;",
        ]
    unused = len(accelerator.streams)
    body += [f"  assign valid_o[{flags - 1}:{unused}] = '0;", f"  assign ready_o[{flags - 1}:{unused}] = '0;"]
    return "\n".join(
        [
            "`default_nettype none",
            f"module {TOP} (",
            ",\n".join(f"  {port}" for port in ports),
            ");",
            f"  {accelerator.name if system is None else system.module} dut (",
            ",\n".join(connections),
            "  );",
            *body,
            "endmodule",
            "`default_nettype wire",
            "",
        ]
    )


def driven(accelerator: Accelerator, system: MemorySystem | None) -> tuple[str, ...]:
    """Streams that the harness gives words to."""
    return accelerator.driven if system is None else accelerator.inputs


def taken(accelerator: Accelerator, system: MemorySystem | None) -> tuple[str, ...]:
    """Streams that the harness takes words from."""
    return accelerator.taken if system is None else accelerator.outputs


def design_source(accelerator: Accelerator, system: MemorySystem | None = None) -> str:
    """C++ of what the harness sees of the design (design.h): one row per stream (name, bytes per word, words per frame, words of a
    block of weights, data), per port, per FIFO and per port of the memory.
    """
    prefixes = port_prefixes(accelerator)
    order = {stream.name: index for index, stream in enumerate(accelerator.streams)}
    streams = [
        f'{{"{s.name}", {bytes_per_word(s.width)}, {s.words}, {accelerator.block_words(s)}, '
        f"reinterpret_cast<const uint8_t*>(&top.data{i}_o)}}"
        for i, s in enumerate(accelerator.streams)
    ]

    def port(name: str, flag: str) -> str:
        prefix = prefixes[name]
        return f"{{{order[name]}, reinterpret_cast<uint8_t*>(&top.{prefix}_tdata), &top.{prefix}_{flag}}}"

    fifos = [
        f'{{"{i.name}", {order[i.inputs[0].streams[0]]}, {order[i.outputs[0].streams[0]]}}}'
        for i in accelerator.instances
        if i.is_fifo
    ]
    control = ("run_i", "running_o", "idle_o", "base_i", "status_o") if system is not None else ()
    ports, readers = (0, 0) if system is None else (system.ports, system.readers)
    written = [name for name, _, _ in WRITE_SIGNALS] + ["araddr", "arlen", "arvalid", "arready"]
    tables = {
        "streams": streams,
        "inputs": [port(name, "tvalid") for name in driven(accelerator, system)],
        "outputs": [port(name, "tready") for name in taken(accelerator, system)],
        "fifos": fifos,
        "control": [f"&top.{name}" for name in control],
        "read_ports": [_signals(p, [name for name, _, _ in READ_SIGNALS]) for p in range(ports)],
        "write_ports": [_signals(p, written) for p in range(readers, ports)],
    }
    return "\n".join(
        [
            "// Generated: one design for the harness.",
            '#include "design.h"',
            f'#include "V{TOP}.h"',
            "namespace {",
            "struct Simulated : Design {",
            f"  V{TOP} top;",
            "  explicit Simulated(VerilatedContext& context) : top(&context) {",
            "    clock = &top.clk_i;",
            "    reset = &top.rst_i;",
            "    valid = &top.valid_o[0];",
            "    ready = &top.ready_o[0];",
            *(
                f"    {name} = {{\n      {(',' + chr(10) + '      ').join(rows)}\n    }};"
                for name, rows in tables.items()
                if rows
            ),
            "  }",
            "  void eval() override { top.eval(); }",
            "#if VM_TRACE",
            "  void trace(VerilatedTraceBaseC& file) override { top.trace(&file, 99); }",
            "#else",
            "  void trace(VerilatedTraceBaseC&) override {}",
            "#endif",
            "};",
            "}  // namespace",
            "std::unique_ptr<Design> make_design(VerilatedContext& context) { return std::make_unique<Simulated>(context); }",
            "",
        ]
    )


def _signals(port: int, names: list[str]) -> str:
    return "{" + ", ".join(f"&top.m_axi_{port}_{name}" for name in names) + "}"
