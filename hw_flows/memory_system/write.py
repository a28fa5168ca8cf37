# SPDX-License-Identifier: BSD-3-Clause
"""Write the system of an accelerator: the image of its weights, what reads them, what keeps its streams, and module
`quantunet_system` around all of them.

`rst_i`, `run_i`, `running_o`, `idle_o`, `base_i` and `status_o` are those of both (`weight_memory/write.py`; of the status see
`faults.py`); `m_axi_<port>_*` are ports that read weights, then one that reads and writes for the streams. The images' streams have
the accelerator's names. While `running_o` is low the accelerator is reset and takes and gives nothing. A frame's last word leaves only
when all weights that the frame was made with are verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.machine.errors import UserError
from hw_flows.memory_port import READ_SIGNALS, WRITE_SIGNALS, control_ports, port_declarations
from hw_flows.memory_system.description import FILE_LIST, IMAGE_FOLDER, SYSTEM, MemorySystem
from hw_flows.stitch.write import port_prefixes
from hw_flows.stream_memory import write as streams
from hw_flows.stream_memory.faults import FIRST_BIT
from hw_flows.stream_memory.ring import Ring, ring_bytes
from hw_flows.weight_memory import write as reader
from hw_flows.weight_memory.cost import PORT_BYTES
from hw_flows.weight_memory.image import LayerStream, Layout, build_image, write_image
from hw_flows.weight_memory.ports import MOST_PORTS, share
from hw_flows.weight_memory.words import words_of
from quantunet_common.files import copy_atomically, write_text_atomically

_AXIS = ("tdata", "tvalid", "tready")
_CONTROL = ("running", "idle", "status")


def write_system(
    accelerator: Accelerator,
    blocks: Mapping[str, np.ndarray],
    output: Path,
    ports: int | None = None,
    most_ports: int = MOST_PORTS,
) -> MemorySystem:
    """Write `weights/weights.bin` and `weights.json`, and into `rtl/`, where the accelerator is, all that the system adds.

    `blocks`: for each stream of weights the bytes of one repeat, any shape. `ports`: that read weights; None: as many as carry what
    the layers take (`enough_ports`), of `most_ports` that the board has, those of the streams included.
    Raises UserError where there are several outputs, no weights, or ports or memory cannot be had.
    """
    if len(accelerator.outputs) != 1:
        raise UserError(
            f"the accelerator has {len(accelerator.outputs)} outputs, and weights in memory",
            accelerator.name,
            "give the network one output, or keep its weights on the chip",
        )
    image = build_image([_layer(accelerator, name, blocks[name]) for name in accelerator.memory])
    rings = tuple(_rings(accelerator))
    readers = enough_ports(accelerator, image.layout, most_ports - bool(rings)) if ports is None else ports
    result = accelerator.stream(accelerator.outputs[0])
    options = reader.ReaderOptions(ports=readers)
    written = {reader.MODULE: reader.write_reader(image.layout, (result.width, result.words), options)}
    sources = [*reader.SOURCES]
    if rings:
        written[streams.MODULE] = streams.write_rings(rings)
        sources += streams.SOURCES
    rtl = output / "rtl"
    *operators, top = accelerator.sources
    own = {source.name: source for source in sources if source.name not in operators}
    names = (*operators, *own, top, *(f"{name}.sv" for name in (*written, SYSTEM)))
    system = MemorySystem(image.layout, readers, names, rings)
    written[SYSTEM] = system_module(accelerator, system)
    for name, source in own.items():
        copy_atomically(source, rtl / name)
    for name, text in written.items():
        write_text_atomically(rtl / f"{name}.sv", text)
    write_text_atomically(rtl / FILE_LIST, "\n".join(system.sources) + "\n")
    system.save(rtl)
    write_image(image, output / IMAGE_FOLDER)
    return system


def memory_ports(system: MemorySystem) -> list[tuple[str, int, bool]]:
    """Signals of the memory's ports: name, bits, and whether the system drives it."""
    kinds = [(p, READ_SIGNALS) for p in range(system.ports)]
    kinds += [(p, WRITE_SIGNALS) for p in range(system.readers, system.ports)]
    return [(f"m_axi_{p}_{name}", bits, driven) for p, signals in kinds for name, bits, driven in signals]


def _layer(accelerator: Accelerator, name: str, block: np.ndarray) -> LayerStream:
    stream = accelerator.stream(name)
    return LayerStream(
        accelerator.instance(stream.sink.instance).layer,
        words_of(np.asarray(block).reshape(-1).astype(np.uint8), stream.width),
        stream.shape[1],
    )


def _rings(accelerator: Accelerator) -> Iterator[Ring]:
    for instance in accelerator.rings:
        stream = accelerator.stream(instance.inputs[0].streams[0])
        yield Ring(instance.name, stream.width, stream.words, ring_bytes(stream.width, instance.parameters["DEPTH"]))


def enough_ports(accelerator: Accelerator, layout: Layout, most_ports: int = MOST_PORTS) -> int:
    """The fewest ports each of which carries its layers even while all of them take weights at the pace of their own units;
    as many as there can be, `most_ports` or one for each layer, where none are enough."""
    paces = {}
    for region, name in zip(layout.regions, accelerator.memory, strict=True):
        unit = accelerator.instance(accelerator.stream(name).sink.instance)
        paces[region.number] = region.frame_bytes / unit.expected_cycles
    most = min(MOST_PORTS, most_ports, len(layout.regions))
    for ports in range(1, most):
        if all(sum(paces[r.number] for r in regions) <= PORT_BYTES for regions in share(layout.regions, ports)):
            return ports
    return most


def system_module(accelerator: Accelerator, system: MemorySystem) -> str:
    """SystemVerilog of `quantunet_system`; the accelerator in it is `core`, whose signals simulation reads by name."""
    prefixes = port_prefixes(accelerator)
    (result,) = accelerator.outputs
    ports = control_ports() + port_declarations("", memory_ports(system))
    for name in (*accelerator.inputs, result):
        data, back = ("output     ", "input  wire") if name == result else ("input  wire", "output     ")
        ports += [
            f"{data} logic [{accelerator.stream(name).width - 1}:0] {prefixes[name]}_tdata",
            f"{data} logic {prefixes[name]}_tvalid",
            f"{back} logic {prefixes[name]}_tready",
        ]
    lines = [
        f"// {accelerator.name} and what works on the board's memory for it. Generated by qu-build; system.json beside this file",
        "// describes it.",
        "`default_nettype none",
        f"module {SYSTEM} (",
        ",\n".join(f"  {port}" for port in ports),
        ");",
        "  wire stopped = rst_i || !running_o;",
    ]
    core = ["    .clk_i", "    .rst_i(stopped)"]
    for name in (*accelerator.driven, *accelerator.taken):
        inner = f"{prefixes[name]}_core"
        lines += [
            f"  logic [{accelerator.stream(name).width - 1}:0] {inner}_tdata;",
            f"  logic {inner}_tvalid, {inner}_tready;",
        ]
        core += [f"    .{prefixes[name]}_{signal}({inner}_{signal})" for signal in _AXIS]
    for name in accelerator.inputs:
        lines += _while_running(prefixes[name], f"{prefixes[name]}_core")
    lines += [
        *_reader(accelerator, system, prefixes),
        *(_streams(accelerator, system, prefixes) if system.rings else []),
    ]
    lines += ["", f"  {accelerator.name} core (", ",\n".join(core), "  );"]
    return "\n".join([*lines, "", "endmodule", "`default_nettype wire", ""])


def _while_running(source: str, sink: str) -> list[str]:
    """A stream that stands still while the accelerator is in reset."""
    return [
        f"  assign {sink}_tdata = {source}_tdata;",
        f"  assign {sink}_tvalid = {source}_tvalid && !stopped;",
        f"  assign {source}_tready = {sink}_tready && !stopped;",
    ]


def _reader(accelerator: Accelerator, system: MemorySystem, prefixes: Mapping[str, str]) -> list[str]:
    (result,) = accelerator.outputs
    names = ["clk_i", "rst_i", "run_i", "base_i"]
    names += [f"m_axi_{p}_{name}" for p in range(system.readers) for name, _, _ in READ_SIGNALS]
    wires, lines = [f"    .{name}" for name in names], [""]
    if not system.rings:
        wires += [f"    .{name}" for name in ("running_o", "idle_o", "status_o")]
    else:
        wires += [f"    .{name}_o(weights_{name})" for name in _CONTROL]
        lines += ["  logic weights_running, weights_idle;", "  logic [31:0] weights_status;"]
    for number, name in enumerate(accelerator.memory):
        inner = f"{prefixes[name]}_core"
        if system.rings:  # which may start later
            given = f"{prefixes[name]}_given"
            lines += [
                f"  logic [{accelerator.stream(name).width - 1}:0] {given}_tdata;",
                f"  logic {given}_tvalid, {given}_tready;",
                *_while_running(given, inner),
            ]
            inner = given
        wires += [f"    .m_axis_{number}_{signal}({inner}_{signal})" for signal in _AXIS]
    wires += [f"    .s_axis_{signal}({prefixes[result]}_core_{signal})" for signal in _AXIS]
    wires += [f"    .m_axis_{signal}({prefixes[result]}_{signal})" for signal in _AXIS]
    return [*lines, f"  {reader.MODULE} reader (", ",\n".join(wires), "  );"]


def _streams(accelerator: Accelerator, system: MemorySystem, prefixes: Mapping[str, str]) -> list[str]:
    wires = ["    .clk_i", "    .rst_i", "    .run_i", f"    .base_i(base_i + 32'd{system.layout.size})"]
    wires += [f"    .{name}_o(streams_{name})" for name in _CONTROL]
    wires += [f"    .m_axi_{name}(m_axi_{system.readers}_{name})" for name, _, _ in streams.AXI_SIGNALS]
    lines = ["", "  logic streams_running, streams_idle;", "  logic [31:0] streams_status;"]
    for number, ring in enumerate(accelerator.rings):
        for side, name in (("s", ring.inputs[0].streams[0]), ("m", ring.outputs[0].streams[0])):
            inner, outer = f"{prefixes[name]}_core", f"{prefixes[name]}_ring"
            source, sink = (inner, outer) if side == "s" else (outer, inner)
            lines += [
                f"  logic [{accelerator.stream(name).width - 1}:0] {outer}_tdata;",
                f"  logic {outer}_tvalid, {outer}_tready;",
                *_while_running(source, sink),
            ]
            wires += [f"    .{side}_axis_{number}_{signal}({outer}_{signal})" for signal in _AXIS]
    return [
        *lines,
        f"  {streams.MODULE} keeper (",
        ",\n".join(wires),
        "  );",
        "",
        "  // Of the streams' faults the one that says most; a number of theirs only where no layer's weights are at fault.",
        f"  wire [2:0] streams_fault = streams_status[{FIRST_BIT}+:3];",
        "  wire [1:0] streams_code = streams_fault[0] ? 2'd1 : streams_fault[1] ? 2'd2 : streams_fault[2] ? 2'd3 : 2'd0;",
        "  assign running_o = weights_running && streams_running;",
        "  assign idle_o = weights_idle && streams_idle;",
        "  assign status_o = {",
        "    weights_status[7:4] == '0 && streams_code != '0 ? streams_status[31:16] : weights_status[31:16],",
        "    weights_status[15:4], streams_code, idle_o, running_o",
        "  };",
        "  wire unused = &{1'b0, weights_status[3:0], streams_status[15:7], streams_status[3:0]};",
    ]
