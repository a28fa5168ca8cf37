# SPDX-License-Identifier: BSD-3-Clause
"""Packets on a serial line, framed as in RFC 1662: the host's side of `qu_packet_receiver.sv` and `qu_packet_transmitter.sv`.

    7E  kind  number  data ...  check sum (4 bytes, CRC-32, lowest first)  7E

Between the flags 7E, the bytes 7E and 7D are sent as 7D followed by the byte with bit 5 inverted.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

FLAG = b"\x7e"
_ESCAPED = re.compile(rb"\x7d(.)", re.DOTALL)
CHECK_BYTES = 4


@dataclass(frozen=True)
class Packet:
    """A packet that arrived whole."""

    kind: int
    number: int
    data: bytes


def encode(kind: int, number: int, data: bytes = b"") -> bytes:
    """The bytes for the line, both flags included."""
    body = bytes((kind, number)) + data
    body += zlib.crc32(body).to_bytes(CHECK_BYTES, "little")
    return FLAG + body.replace(b"\x7d", b"\x7d\x5d").replace(FLAG, b"\x7d\x5e") + FLAG


class Decoder:
    """Bytes from the line to packets."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def feed(self, data: bytes) -> list[Packet | None]:
        """The packets that end in `data`, in order; None for one that was damaged."""
        *ended, rest = data.split(FLAG)
        packets = []
        for part in ended:
            self._rest.append(part)
            body = b"".join(self._rest)
            self._rest = []
            if body:
                packets.append(self._decode(body))
        self._rest.append(rest)
        return packets

    @staticmethod
    def _decode(body: bytes) -> Packet | None:
        plain = _ESCAPED.sub(lambda match: bytes((match[1][0] ^ 0x20,)), body)
        content, check = plain[:-CHECK_BYTES], plain[-CHECK_BYTES:]
        if len(content) < 2 or body.endswith(b"\x7d") or zlib.crc32(content) != int.from_bytes(check, "little"):
            return None
        return Packet(content[0], content[1], content[2:])
