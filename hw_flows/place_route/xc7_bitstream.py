# SPDX-License-Identifier: BSD-3-Clause
"""Frames to `.bit` and `.bin`, and back: with Project X-Ray's packaged tools, which know the packets (UG470, chapter 5)."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from hw_flows.machine.errors import CheckFailed
from hw_flows.place_route.debian_tools import UnpackedTools
from hw_flows.place_route.fasm import Feature, parse_fasm, read_fasm
from hw_flows.place_route.frames import FRAME_WORDS, Frames, assemble, disassemble, visible
from hw_flows.place_route.xray import Database
from quantunet_common.files import write_bytes_atomically, write_text_atomically

LIMIT_SECONDS = 300
ECC_WORD, ECC_BITS = 50, 0x1FFF  # the tools put a check sum of the frame there


def fasm_to_bitstream(fasm: Path, destination: Path, part: str, tools: UnpackedTools, logs: Path) -> int:
    """Write `destination` (.bit) and the same as .bin from a FASM file; returns the number of features.

    The finished .bit is read again and must give the features that went in. Raises CheckFailed where it does not, and as
    `assemble` does.
    """
    database = Database(tools.xray_database("zynq7"), part)
    features = [*read_fasm(fasm), *parse_fasm(database.required_features(), "required_features.fasm")]
    frames = assemble(features, database)
    text = fasm.with_suffix(".frames")  # named relative to its folder: the name goes into the header of the .bit
    write_text_atomically(text, frames_text(frames))
    destination.parent.mkdir(parents=True, exist_ok=True)
    tools.run(
        "xc7frames2bit",
        [
            "--part_file",
            str(database.part_file),
            "--part_name",
            part,
            "--frm_file",
            text.name,
            "--output_file",
            str(destination.resolve()),
        ],
        cwd=text.parent,
        log=logs / "xc7frames2bit.log",
        limit_seconds=LIMIT_SECONDS,
    )
    write_bytes_atomically(destination.with_suffix(".bin"), bin_of_bit(destination.read_bytes()))
    check_bitstream(destination, features, database, tools, logs)
    return len(set(features))


def check_bitstream(
    bitstream: Path, features: list[Feature], database: Database, tools: UnpackedTools, logs: Path
) -> None:
    """Raises CheckFailed where a .bit does not hold exactly these features."""
    found = disassemble(read_bitstream(bitstream, database.part_file, tools, logs), database)
    expected = visible(features, database)
    lost, added = sorted(expected - found), sorted(found - expected)
    if lost or added:
        raise CheckFailed(
            f"the bitstream is not what was placed and routed: {len(lost)} features are missing "
            f"({', '.join(map(str, lost[:3])) or 'none'}), {len(added)} are too many "
            f"({', '.join(map(str, added[:3])) or 'none'})",
            str(bitstream),
            "report this with the .fasm file beside it: a bug here or in the tools",
        )


def read_bitstream(bitstream: Path, part_file: Path, tools: UnpackedTools, logs: Path) -> Frames:
    """The frames of a .bit, without their check sums; frames of zeros are left out."""
    bits = logs / "bitread.bits"
    tools.run(
        "bitread",
        ["-part_file", str(part_file), "-y", "-z", "-o", str(bits.resolve()), str(bitstream.resolve())],
        cwd=bitstream.parent,
        log=logs / "bitread.log",
        limit_seconds=LIMIT_SECONDS,
    )
    frames: Frames = {}
    for line in bits.read_text(encoding="utf-8").split():
        _, address, word, bit = line.split("_")
        frame = frames.setdefault(int(address, 16), np.zeros(FRAME_WORDS, np.uint32))
        frame[int(word)] |= np.uint32(1 << int(bit))
    bits.unlink()
    for frame in frames.values():
        frame[ECC_WORD] &= np.uint32(~ECC_BITS & 0xFFFFFFFF)
    return frames


def frames_text(frames: Frames) -> str:
    """The format of xc7frames2bit: a frame a line, its address and its words."""
    return "".join(
        f"0x{address:08X} {','.join(f'0x{word:08X}' for word in frames[address])}\n" for address in sorted(frames)
    )


def bin_of_bit(data: bytes) -> bytes:
    """What the processing system's configuration port takes (and Linux's fpga_manager): a .bit without its header, the bytes
    of each 32-bit word reversed.

    A .bit begins with fields: two of 16-bit length (the first nine fixed bytes), then key `a` to `d` with a text of
    16-bit length, then `e` with the data of 32-bit length. Raises CheckFailed where this is not one.
    """
    try:
        position = 2 + struct.unpack_from(">H", data)[0] + 2
        while data[position : position + 1] != b"e":
            position += 3 + struct.unpack_from(">H", data, position + 1)[0]
        (length,) = struct.unpack_from(">I", data, position + 1)
    except struct.error:
        raise CheckFailed("a .bit file has no header", "", "report this: a bug in the tools") from None
    content = data[position + 5 : position + 5 + length]
    if len(content) != length or length % 4:
        raise CheckFailed("a .bit file is cut off", "", "report this: a bug in the tools")
    return np.frombuffer(content, "<u4").byteswap().tobytes()
