"""A `.bit` file of a Zynq-7000 as the `.bin` that its processing system loads.

The `.bit` header (a, b, c, d: design, part, date, time; e: length and data) is dropped, and every word of 32 bits is
turned around: the configuration port of the processing system takes them little endian (UG585, PCAP), which is also how
Linux's FPGA manager wants the file. `write_bitstream -bin_file` does not turn them.
"""

from __future__ import annotations

from pathlib import Path

from hw_flows.errors import UserError
from hw_flows.files import write_bytes_atomically

SYNC = bytes.fromhex("aa995566")
#: The sync word comes after the dummy words and the bus width pattern (UG470, table 5-19).
SYNC_WITHIN = 256
_PREAMBLE = bytes.fromhex("0ff00ff00ff00ff000")


def bit_to_bin(bit: bytes) -> bytes:
    """Raises ValueError where `bit` is no `.bit` file of a 7-series device."""
    data = _payload(bit)
    if len(data) % 4:
        raise ValueError(f"its {len(data)} bytes of configuration are not whole words")
    if SYNC not in data[:SYNC_WITHIN]:
        raise ValueError("its configuration has no sync word AA995566")
    turned = bytearray(len(data))
    for i in range(4):
        turned[i::4] = data[3 - i :: 4]
    return bytes(turned)


def write_bin(bitfile: Path) -> Path:
    """Write the `.bin` beside a `.bit` file; its path. Raises UserError where that is none."""
    target = bitfile.with_suffix(".bin")
    try:
        write_bytes_atomically(target, bit_to_bin(bitfile.read_bytes()))
    except ValueError as error:
        raise UserError(f"this is not the bitstream of a Zynq-7000: {error}", str(bitfile)) from error
    return target


def _payload(bit: bytes) -> bytes:
    length = int.from_bytes(bit[:2], "big")
    if bit[2 : 2 + length] != _PREAMBLE:
        raise ValueError("it does not begin as a .bit file does")
    position = 2 + length + 2
    while position < len(bit):
        key, position = bit[position : position + 1], position + 1
        if key == b"e":
            size = int.from_bytes(bit[position : position + 4], "big")
            data = bit[position + 4 : position + 4 + size]
            if len(data) != size:
                raise ValueError(f"it ends after {len(data)} of {size} bytes of configuration")
            return data
        if key not in (b"a", b"b", b"c", b"d"):
            break
        position += 2 + int.from_bytes(bit[position : position + 2], "big")
    raise ValueError("its header has no field e, the configuration")
