# SPDX-License-Identifier: BSD-3-Clause
"""An accelerator with weights in the board's memory and what reads them: image, reader, and both as module `quantunet_system`.

`rst_i`, `run_i`, `running_o`, `idle_o`, `base_i`, `status_o` and `m_axi_<port>_*` are the reader's (`write.py`); the streams of
images have the accelerator's names. While `running_o` is low the accelerator is reset and takes and gives nothing. A frame's last
word leaves only when all weights that the frame was made with are verified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hw_flows.accelerator import Accelerator
from hw_flows.machine.errors import UserError
from hw_flows.memory_port import control_ports
from hw_flows.stitch.write import port_prefixes
from hw_flows.weight_memory.cost import PORT_BYTES
from hw_flows.weight_memory.image import IMAGE_NAME, LayerStream, Layout, build_image, write_image
from hw_flows.weight_memory.ports import MOST_PORTS, share
from hw_flows.weight_memory.words import words_of
from hw_flows.weight_memory.write import MODULE, SOURCES, ReaderOptions, memory_ports, write_reader
from quantunet_common.files import copy_atomically, read_json, write_text_atomically

SYSTEM = "quantunet_system"
#: Below the output folder; the others are in `rtl/`.
IMAGE_FOLDER = "weights"
FILE_LIST, DESCRIPTION = "filelist_system.f", "system.json"
FORMAT = 1
_AXIS = ("tdata", "tvalid", "tready")


@dataclass(frozen=True)
class MemorySystem:
    """An accelerator's system as plain data, what later stages read. Written to `rtl/system.json`."""

    layout: Layout
    """Of the image; its regions are the streams `Accelerator.memory`, in that order, and bear their layers' names."""
    ports: int
    """Read ports, `m_axi_0_*` and on."""
    sources: tuple[str, ...]
    """All SystemVerilog files in `rtl/` in compile order, the system's module last."""
    module: str = SYSTEM

    def save(self, rtl: Path) -> None:
        data = {
            "format": FORMAT,
            "module": self.module,
            "ports": self.ports,
            "sources": self.sources,
            "image": self.layout.manifest(),
        }
        write_text_atomically(rtl / DESCRIPTION, json.dumps(data, indent=1) + "\n")

    @staticmethod
    def load(rtl: Path) -> MemorySystem:
        """Raises UserError where the file is missing or not one of ours."""
        try:
            data = read_json(rtl / DESCRIPTION)
            if data["format"] != FORMAT:
                raise ValueError(f"format {data['format']}")
            return MemorySystem(
                Layout.from_manifest(data["image"]),
                int(data["ports"]),
                tuple(map(str, data["sources"])),
                str(data["module"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"what reads the weights is not described ({error})", str(rtl / DESCRIPTION), "build again"
            ) from error


def memory_system(accelerator: Accelerator, rtl: Path) -> MemorySystem | None:
    """What reads the weights of the accelerator in `rtl`; None where all are on the chip. Raises UserError as `load`."""
    return MemorySystem.load(rtl) if accelerator.memory else None


def image_path(rtl: Path) -> Path:
    """The memory image of the system in `rtl`."""
    return rtl.parent / IMAGE_FOLDER / IMAGE_NAME


def write_system(
    accelerator: Accelerator,
    blocks: Mapping[str, np.ndarray],
    output: Path,
    ports: int | None = None,
    most_ports: int = MOST_PORTS,
) -> MemorySystem:
    """Write `weights/weights.bin` and `weights.json`, and into `rtl/`, where the accelerator is, reader, system and file list.

    `blocks`: for each stream of weights the bytes of one repeat, any shape. `ports`: read ports; None: as many as carry what
    the layers take (`enough_ports`), of `most_ports` that the board has.
    Raises UserError where there are several outputs, or ports or weights cannot be had.
    """
    if len(accelerator.outputs) != 1:
        raise UserError(
            f"the accelerator has {len(accelerator.outputs)} outputs, and weights in memory",
            accelerator.name,
            "give the network one output, or keep its weights on the chip",
        )
    image = build_image([_layer(accelerator, name, blocks[name]) for name in accelerator.memory])
    options = ReaderOptions(ports=enough_ports(accelerator, image.layout, most_ports) if ports is None else ports)
    result = accelerator.stream(accelerator.outputs[0])
    rtl = output / "rtl"
    for source in SOURCES:
        copy_atomically(source, rtl / source.name)
    write_text_atomically(rtl / f"{MODULE}.sv", write_reader(image.layout, (result.width, result.words), options))
    write_text_atomically(rtl / f"{SYSTEM}.sv", system_module(accelerator, options.ports))
    *operators, top = accelerator.sources
    own = [source.name for source in SOURCES if source.name not in operators]
    system = MemorySystem(image.layout, options.ports, (*operators, *own, top, f"{MODULE}.sv", f"{SYSTEM}.sv"))
    write_text_atomically(rtl / FILE_LIST, "\n".join(system.sources) + "\n")
    system.save(rtl)
    write_image(image, output / IMAGE_FOLDER)
    return system


def _layer(accelerator: Accelerator, name: str, block: np.ndarray) -> LayerStream:
    stream = accelerator.stream(name)
    return LayerStream(
        accelerator.instance(stream.sink.instance).layer,
        words_of(np.asarray(block).reshape(-1).astype(np.uint8), stream.width),
        stream.shape[1],
    )


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


def system_module(accelerator: Accelerator, ports: int) -> str:
    """SystemVerilog of `quantunet_system`; the accelerator in it is `core`, whose signals simulation reads by name."""
    prefixes = port_prefixes(accelerator)
    (result,) = accelerator.outputs
    declarations = [*control_ports(), *memory_ports(ports)]
    shared = [declaration.split()[-1] for declaration in declarations]
    for name in (*accelerator.inputs, result):
        data, back = ("output     ", "input  wire") if name == result else ("input  wire", "output     ")
        declarations += [
            f"{data} logic [{accelerator.stream(name).width - 1}:0] {prefixes[name]}_tdata",
            f"{data} logic {prefixes[name]}_tvalid",
            f"{back} logic {prefixes[name]}_tready",
        ]
    lines = [
        f"// {accelerator.name} and what reads its weights. Generated by qu-build; system.json beside this file describes it.",
        "`default_nettype none",
        f"module {SYSTEM} (",
        ",\n".join(f"  {declaration}" for declaration in declarations),
        ");",
        "  wire stopped = rst_i || !running_o;",
    ]
    core, reader = ["    .clk_i", "    .rst_i(stopped)"], [f"    .{name}" for name in shared]
    for name in (*accelerator.driven, result):
        inner = f"{prefixes[name]}_core"
        lines += [
            f"  logic [{accelerator.stream(name).width - 1}:0] {inner}_tdata;",
            f"  logic {inner}_tvalid, {inner}_tready;",
        ]
        core += [f"    .{prefixes[name]}_{signal}({inner}_{signal})" for signal in _AXIS]
    for name in accelerator.inputs:
        prefix = prefixes[name]
        lines += [
            f"  assign {prefix}_core_tdata = {prefix}_tdata;",
            f"  assign {prefix}_core_tvalid = {prefix}_tvalid && !stopped;",
            f"  assign {prefix}_tready = {prefix}_core_tready && !stopped;",
        ]
    for number, name in enumerate(accelerator.memory):
        reader += [f"    .m_axis_{number}_{signal}({prefixes[name]}_core_{signal})" for signal in _AXIS]
    reader += [f"    .s_axis_{signal}({prefixes[result]}_core_{signal})" for signal in _AXIS]
    reader += [f"    .m_axis_{signal}({prefixes[result]}_{signal})" for signal in _AXIS]
    lines += ["", f"  {MODULE} reader (", ",\n".join(reader), "  );"]
    lines += ["", f"  {accelerator.name} core (", ",\n".join(core), "  );"]
    return "\n".join([*lines, "", "endmodule", "`default_nettype wire", ""])
