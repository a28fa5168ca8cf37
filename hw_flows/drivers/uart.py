# SPDX-License-Identifier: BSD-3-Clause
"""A board behind a serial line: frames out, results in, lost ones sent again. The host's side of `qu_uart_host.sv`."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from .description import AcceleratorDescription
from .errors import BoardError
from .packets import Decoder, Packet, encode

QUERY, RESET, FRAME = 0x01, 0x02, 0x03
STATUS, RESET_DONE, RESULT, REFUSED = 0x81, 0x82, 0x83, 0x84
PROTOCOL_VERSION = 1
DAMAGED = 1
REASONS = {DAMAGED: "damaged on the way", 2: "wrong length", 3: "no room", 4: "unknown kind of packet"}
ATTEMPTS = 4
#: A line that only brings noise is given up after so many times the silence that would be too long.
LONGEST = 5
#: Beyond the time that the line and the accelerator need: a USB bridge and a busy host may take as long.
GRACE_SECONDS = 2.0


class SerialPort(Protocol):
    """What is used of a pyserial port. `read` returns what came within the port's short time limit, maybe nothing."""

    def read(self, size: int = 1) -> bytes: ...

    def write(self, data: bytes) -> int | None: ...

    def close(self) -> None: ...

    @property
    def in_waiting(self) -> int: ...


@dataclass(frozen=True)
class LinkStatus:
    """What a board tells of itself; frames and refusals since its last reset, modulo 65536."""

    version: int
    identity: str
    taken: int
    answered: int
    refused: int


@dataclass
class _Sent:
    """A frame on its way."""

    index: int
    data: bytes
    attempts: int = 1


class UartBoard:
    """An accelerator behind an open serial port.

    `grace_seconds`: how long the board may be silent beyond the time that it needs. Opening empties the board and checks
    its identity; raises BoardError where nothing answers, or another build does.
    """

    def __init__(
        self, description: AcceleratorDescription, port: SerialPort, grace_seconds: float = GRACE_SECONDS
    ) -> None:
        self.description = description
        self._port = port
        self._decoder = Decoder()
        self._queue: deque[Packet] = deque()
        self._number = 0
        self.resent = 0
        """Frames that were sent again so far."""
        link = description.link
        bits = 10 * 2 * (description.input.frame_bytes + description.output.frame_bytes)  # all bytes escaped
        self._window = int(link["frames_in_flight"])
        self._grace = grace_seconds
        self._patience = grace_seconds + self._window * (bits / link["baud"] + 4e-3 * description.frame_ms)
        self.reset()
        status = self.status()
        if status.version != PROTOCOL_VERSION:
            raise BoardError(
                f"the board speaks version {status.version} of the protocol, this driver {PROTOCOL_VERSION}",
                "take bitstream and driver from the same build",
            )
        if status.identity != description.identity:
            raise BoardError(
                f"the board runs another build: it answers {status.identity}, expected {description.identity}",
                f"load {description.bitstream}",
            )

    def status(self) -> LinkStatus:
        """Ask the board who it is and what it has done."""
        data = self._ask(QUERY, STATUS)
        if len(data) != 15:
            raise BoardError(f"the board answers a query with {len(data)} bytes, not 15", "reset or reload the board")
        counters = (int.from_bytes(data[i : i + 2], "big") for i in (9, 11, 13))
        return LinkStatus(data[0], data[1:9].hex(), *counters)

    def reset(self) -> None:
        """Empty the board; frames under way are lost."""
        self._ask(RESET, RESET_DONE)

    def close(self) -> None:
        self._port.close()

    def run(self, frames: Iterable[bytes]) -> Iterator[bytes]:
        """Results in the order of the frames; up to `frames_in_flight` are on their way at once.

        Results come in the order in which the board took the frames: one that is passed over was lost, on the way to the
        board or back, and is sent again. Raises BoardError where the board falls silent or a frame fails ATTEMPTS times.
        """
        source = enumerate(frames)
        under_way: dict[int, _Sent] = {}  # by number, oldest first
        waiting: dict[int, bytes] = {}  # results that came before an earlier frame's
        next_index = 0
        exhausted = False
        damaged = 0  # notices of damaged packets whose frame is not yet known
        while True:
            while not exhausted and len(under_way) < self._window:
                index, data = next(source, (-1, b""))
                if index < 0:
                    exhausted = True
                else:
                    self._send(_Sent(index, data), under_way)
            if not under_way:
                return
            packet = self._receive(self._patience)
            if packet is None:
                self._resend(list(under_way), under_way, "got no result")
                damaged = 0
                continue
            if packet.kind == RESULT and packet.number in under_way:
                passed_over = list(under_way)[: list(under_way).index(packet.number)]
                sent = under_way.pop(packet.number)
                waiting[sent.index] = packet.data
                damaged = max(0, damaged - len(passed_over))
                self._resend(passed_over, under_way, "was lost")
            elif packet.kind == REFUSED and packet.data[:1] == bytes((DAMAGED,)):
                damaged += 1
            elif packet.kind == REFUSED and packet.number in under_way:
                reason = REASONS.get(packet.data[0] if packet.data else 0, "for an unknown reason")
                self._resend([packet.number], under_way, f"was refused: {reason}")
            if damaged and damaged >= len(under_way):
                self._resend(list(under_way), under_way, f"was refused: {REASONS[DAMAGED]}")
                damaged = 0
            while next_index in waiting:
                yield waiting.pop(next_index)
                next_index += 1

    def _send(self, sent: _Sent, under_way: dict[int, _Sent]) -> None:
        self._number = (self._number + 1) % 256
        under_way[self._number] = sent
        self._write(encode(FRAME, self._number, sent.data))

    def _resend(self, numbers: list[int], under_way: dict[int, _Sent], reason: str) -> None:
        for number in numbers:
            sent = under_way.pop(number)
            if sent.attempts == ATTEMPTS:
                raise BoardError(
                    f"frame {sent.index} {reason}, {ATTEMPTS} times in a row", "check cable and power; reset the board"
                )
            self.resent += 1
            self._send(_Sent(sent.index, sent.data, sent.attempts + 1), under_way)

    def _ask(self, kind: int, reply: int) -> bytes:
        """Send a request without data and wait for its reply; what else arrives is dropped."""
        for _ in range(ATTEMPTS):
            self._number = (self._number + 1) % 256
            self._write(encode(kind, self._number))
            while (packet := self._receive(self._grace)) is not None:
                if packet.kind == reply and packet.number == self._number:
                    return packet.data
        raise BoardError(
            f"the board does not answer within {ATTEMPTS * self._grace:.0f} s",
            f"check cable and power, and that {self.description.bitstream} is loaded",
        )

    def _write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except OSError as error:  # pyserial's own errors are OSErrors
            raise self._lost(error) from error

    def _receive(self, silence_seconds: float) -> Packet | None:
        """The next whole packet; None after so long without a byte, or LONGEST times as long without a packet."""
        packet = self._queue.popleft() if self._queue else None
        silent = time.monotonic() + silence_seconds
        last = time.monotonic() + LONGEST * silence_seconds
        while packet is None and time.monotonic() < min(silent, last):
            try:
                data = self._port.read(max(1, self._port.in_waiting))
            except OSError as error:
                raise self._lost(error) from error
            if data:
                silent = time.monotonic() + silence_seconds
                self._take(data)
                packet = self._queue.popleft() if self._queue else None
        return packet

    def _take(self, data: bytes) -> None:
        """Queue the packets that end in `data`; one that was damaged on its way here stands in its place as a notice."""
        notice = Packet(REFUSED, 0, bytes((DAMAGED,)))
        self._queue.extend(packet or notice for packet in self._decoder.feed(data))

    def _lost(self, error: OSError) -> BoardError:
        return BoardError(f"the connection to the board is lost: {error}", "plug the board in and start again")
