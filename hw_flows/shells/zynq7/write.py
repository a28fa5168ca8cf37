"""Write the shell around a stitched accelerator: its sources, the package of constants, and `shell.json` for the driver."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from hw_flows.accelerator import Accelerator, Stream
from hw_flows.errors import UserError
from hw_flows.files import copy_atomically, write_text_atomically
from hw_flows.shells.zynq7 import address_map as m

_HERE = Path(__file__).parent
_OPERATORS = _HERE.parents[1] / "operators"

TOP = "zynq7_top"
PACKAGE = "zynq7_map"
#: Sources shared with the operators; an accelerator's folder has them already where it uses them.
SHARED_SOURCES = (
    _OPERATORS / "shared" / "simple_dual_port_ram.sv",
    _OPERATORS / "shared" / "loop_counter.sv",
    *(_OPERATORS / "fifo" / f"{name}.sv" for name in (
        "address_counter", "fifo_shift", "fifo_distributed", "fifo_block", "fifo"
    )),
)  # fmt: skip
OWN_SOURCES = tuple(
    _HERE / f"{name}.sv"
    for name in (
        "axi3_slave", "bus_fifo", "slots_to_words", "words_to_slots", "registers", "zynq7_shell", "zynq7_top"
    )
)  # fmt: skip


@dataclass(frozen=True)
class StreamFormat:
    """One of the accelerator's two streams as the host sees it.

    A word of `lanes` elements lies in the lowest bits of a slot of `slot_bits`, lane 0 lowest; slots follow each other
    little endian; every frame of `words` words starts in a bus word (32 bits) of its own, the rest of its last one is 0.
    """

    tensor: str
    shape: tuple[int, ...]
    """One frame, NHWC for feature maps."""
    bits: int
    signed: bool
    lanes: int
    words: int
    slot_bits: int

    @property
    def width(self) -> int:
        return self.lanes * self.bits

    @property
    def bus_words(self) -> int:
        """32-bit words per frame."""
        return -(-self.words * self.slot_bits // 32)


@dataclass(frozen=True)
class Shell:
    """What a host must know of a design: which it is, its streams, its clock."""

    identity: int
    """32 bits of a hash over the accelerator's description, sources and memory images."""
    clock_mhz: float
    input: StreamFormat
    output: StreamFormat

    def to_json(self) -> str:
        """`shell.json`: this, and the address map, so that a driver needs nothing else."""
        registers = {"base_address": m.BASE_ADDRESS, "size": m.SIZE, "window": m.WINDOW, "fifo_depth": m.FIFO_DEPTH,
                     "magic": m.MAGIC_VALUE, "version": m.VERSION_VALUE, "registers": m.REGISTERS, "bits": m.BITS}  # fmt: skip
        return json.dumps({"format": 1, **asdict(self), "map": registers}, indent=1)


def slot_bits(width: int) -> int:
    """Bits of the slot for a stream word of `width` bits: 8, 16 or 32, above that a multiple of 32."""
    for bits in (8, 16, 32):
        if width <= bits:
            return bits
    return -(-width // 32) * 32


def describe_shell(accelerator: Accelerator, rtl: Path, clock_mhz: float) -> Shell:
    """The shell for an accelerator in folder `rtl`. Raises UserError where it has more than one input or output."""
    if len(accelerator.inputs) != 1 or len(accelerator.outputs) != 1:
        raise UserError(
            f"the accelerator has {len(accelerator.inputs)} inputs and {len(accelerator.outputs)} outputs",
            "rtl/accelerator.json", "the shell takes networks with one input image and one output map",
        )  # fmt: skip
    return Shell(
        identity=identity(accelerator, rtl),
        clock_mhz=clock_mhz,
        input=_format(accelerator.stream(accelerator.inputs[0])),
        output=_format(accelerator.stream(accelerator.outputs[0])),
    )


def identity(accelerator: Accelerator, rtl: Path) -> int:
    """32 bits that tell this accelerator from others: description, every source and memory image."""
    digest = hashlib.sha256(accelerator.to_json().encode())
    memories = [name for instance in accelerator.instances for name in instance.memories]
    for name in [*accelerator.sources, *memories]:
        digest.update((rtl / name).read_bytes())
    return int.from_bytes(digest.digest()[:4], "little")


def map_package(shell: Shell) -> str:
    """SystemVerilog package with the address map and this design's constants."""
    address_bits = m.SIZE.bit_length() - 1
    lines = [
        "// Generated from the address map of hw_flows/shells/zynq7 and the accelerator's streams.",
        f"package {PACKAGE};",
        f"  localparam int unsigned ADDRESS_BITS = {address_bits};",
        f"  localparam int unsigned FIFO_DEPTH = {m.FIFO_DEPTH};",
        "  localparam int unsigned FIFO_LEVEL_BITS = $clog2(FIFO_DEPTH + 1);",
        *(f"  localparam logic [ADDRESS_BITS-1:0] {n} = {address_bits}'h{a:x};" for n, a in m.REGISTERS.items()),
        f"  localparam logic [ADDRESS_BITS-1:0] WINDOW = {address_bits}'h{m.WINDOW:x};",
        *(f"  localparam int unsigned {name} = {bit};" for name, bit in m.BITS.items()),
        f"  localparam logic [31:0] MAGIC_VALUE = 32'h{m.MAGIC_VALUE:08x};",
        f"  localparam logic [31:0] VERSION_VALUE = {m.VERSION_VALUE};",
        f"  localparam logic [31:0] IDENTITY_VALUE = 32'h{shell.identity:08x};",
    ]
    for name, stream in (("INPUT", shell.input), ("OUTPUT", shell.output)):
        lines += [
            f"  localparam int unsigned {name}_WIDTH = {stream.width};",
            f"  localparam int unsigned {name}_SLOT = {stream.slot_bits};",
            f"  localparam int unsigned {name}_WORDS = {stream.words};",
        ]
    return "\n".join([*lines, "endpackage", ""])


def write_shell(accelerator: Accelerator, rtl: Path, folder: Path, clock_mhz: float) -> tuple[Shell, tuple[str, ...]]:
    """Write the shell to `folder`; returns it and all sources in compile order, relative to `folder`'s parent.

    `rtl` is the accelerator's folder, a sibling of `folder`; it is not changed.
    """
    shell = describe_shell(accelerator, rtl, clock_mhz)
    write_text_atomically(folder / f"{PACKAGE}.sv", map_package(shell))
    write_text_atomically(folder / "shell.json", shell.to_json())
    sources = [f"{rtl.name}/{name}" for name in accelerator.sources]
    known = set(accelerator.sources)
    own = [PACKAGE]
    for source in (*SHARED_SOURCES, *OWN_SOURCES):
        if source.name not in known:
            copy_atomically(source, folder / source.name)
            own.append(source.stem)
    all_sources = (*sources, *(f"{folder.name}/{name}.sv" for name in own))
    write_text_atomically(folder / "filelist.f", "\n".join(all_sources) + "\n")
    return shell, all_sources


def _format(stream: Stream) -> StreamFormat:
    return StreamFormat(
        stream.tensor, stream.shape, stream.element.bits, stream.element.signed, stream.lanes, stream.words,
        slot_bits(stream.width),
    )  # fmt: skip
