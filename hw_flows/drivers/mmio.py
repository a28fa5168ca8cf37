# SPDX-License-Identifier: BSD-3-Clause
"""A board whose accelerator is in the processor's address space: the host's side of `hw_flows/shells/zynq7`. numpy only.

The address map comes with the build, in the `link` of accelerator.json: offsets in bytes, see `address_map.py` there. A
frame begins in a bus word (32 bits) of its own; what is left of its last one is 0.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Protocol

import numpy as np

from .description import AcceleratorDescription
from .errors import BoardError
from .weights import PlacedWeights, Weights, fault_in_words

#: Beyond the time that the accelerator needs: the host may be busy with something else.
GRACE_SECONDS = 2.0
BUS_BYTES = 4
RESET_CYCLES = 16


class Bus(Protocol):
    """32-bit accesses to the shell; offsets in bytes from its base address."""

    def read(self, offset: int) -> int: ...

    def write(self, offset: int, value: int) -> None: ...

    def read_window(self, count: int) -> np.ndarray:
        """`count` words of the output FIFO, uint32."""

    def write_window(self, words: np.ndarray) -> None:
        """Words, uint32, into the input FIFO."""

    def pause(self) -> None:
        """Called while there is nothing to do."""

    def close(self) -> None: ...


class MmioBoard:
    """An accelerator behind a `Bus`.

    `grace_seconds`: how long nothing may move beyond the time that the accelerator needs for a frame. Opening checks the
    identity and empties the accelerator; raises BoardError where something else is in the programmable logic.

    `weights`: those that the accelerator reads from memory, and `place`, which brings them there. It is called once nothing
    reads memory any more; what it returns is given back by `close`.
    """

    def __init__(
        self,
        description: AcceleratorDescription,
        bus: Bus,
        grace_seconds: float = GRACE_SECONDS,
        weights: Weights | None = None,
        place: Callable[[Weights], PlacedWeights] | None = None,
    ) -> None:
        self.description = description
        self._bus = bus
        link = description.link
        self._registers: dict[str, int] = link["registers"]
        self._bits: dict[str, int] = link["bits"]
        self._depth = int(link["fifo_depth"])
        self._patience = grace_seconds + 4e-3 * description.frame_ms
        self._layers = weights.layers if weights else ()
        self._placed: PlacedWeights | None = None
        self._check()
        self._stop()
        try:
            if weights and place:
                self._placed = place(weights)
            self._start()
        except BaseException:
            self._release()
            raise

    def _check(self) -> None:
        link, wanted = self.description.link, self.description.identity
        magic, version = self._read("MAGIC"), self._read("VERSION")
        if magic != link["magic"]:
            raise BoardError(
                f"no accelerator of this project answers: 0x{magic:08x} at address 0x{link['base_address']:08x}",
                f"load {self.description.bitstream}",
            )
        if version != link["version"]:
            raise BoardError(
                f"the shell has version {version}, this driver is for {link['version']}",
                "take bitstream and driver from the same build",
            )
        identity = f"{self._read('IDENTITY_HIGH'):08x}{self._read('IDENTITY_LOW'):08x}"
        if identity != wanted:
            raise BoardError(
                f"the board runs another build: it answers {identity}, expected {wanted}",
                f"load {self.description.bitstream}",
            )

    def reset(self) -> None:
        """Empty FIFOs and accelerator; frames under way are lost, and weights are read from their start."""
        self._stop()
        self._start()

    def _stop(self) -> None:
        """Hold the accelerator in reset, with nothing under way between it and the memory."""
        self._write("CONTROL", 1 << self._bits["CONTROL_RESET"])
        started = self._read("CYCLES")
        while (self._read("CYCLES") - started) % 2**32 < RESET_CYCLES:
            self._bus.pause()
        if "memory" in self.description.link:
            self._await("WEIGHTS_IDLE", "what reads the weights does not come to rest: the memory owes it data")

    def _start(self) -> None:
        control = 0
        if self._placed is not None:
            self._write("WEIGHTS_BASE", self._placed.address)
            control = 1 << self._bits["CONTROL_RUN"]
        self._write("CONTROL", control)
        if self._placed is not None:
            self._await("WEIGHTS_RUNNING", "what reads the weights does not start")
        if self._read("INPUT_FREE") != self._depth or self._read("OUTPUT_LEVEL") != 0:
            raise BoardError("a reset does not empty the accelerator", "load the bitstream again")

    def _await(self, bit: str, complaint: str) -> None:
        """Wait for a bit of the status of what reads the weights."""
        began = time.monotonic()
        while not self._read("WEIGHTS_STATUS") >> self._bits[bit] & 1:
            if time.monotonic() - began > self._patience:
                raise BoardError(complaint, "load the bitstream again")
            self._bus.pause()

    def close(self) -> None:
        self._release()
        self._bus.close()

    def _release(self) -> None:
        """Give back the memory of the weights. What still reads it, if it cannot be stopped, does no harm."""
        if self._placed is not None:
            with suppress(BoardError):
                self._stop()
            self._placed.release()
            self._placed = None

    def measured_clock_mhz(self, seconds: float = 0.1) -> float:
        """The accelerator's clock, counted against the host's."""
        first, began = self._read("CYCLES"), time.monotonic()
        time.sleep(seconds)
        last, ended = self._read("CYCLES"), time.monotonic()
        return ((last - first) % 2**32) / (ended - began) / 1e6

    def run(self, frames: Iterable[bytes]) -> Iterator[bytes]:
        """Results in the order of the frames; as much is written as the input FIFO takes.

        Raises BoardError where nothing moves any more, or words were lost.
        """
        source = iter(frames)
        size = self.description.output.frame_bytes
        result_words = -(-size // BUS_BYTES)
        pending: deque[np.ndarray] = deque()  # rest of a frame that goes in
        arrived = np.zeros(0, np.uint32)
        under_way, exhausted = 0, False
        moved = time.monotonic()
        while True:
            if not pending and not exhausted:
                frame = next(source, None)
                exhausted = frame is None
                if frame is not None:
                    pending.append(bus_words(frame))
                    under_way += 1
            if exhausted and not under_way:
                self._check_state()
                return
            progress = False
            if pending and (room := self._read("INPUT_FREE")):
                words = pending.popleft()
                self._bus.write_window(words[:room])
                if len(words) > room:
                    pending.append(words[room:])
                progress = True
            if level := self._read("OUTPUT_LEVEL"):
                arrived = np.concatenate([arrived, self._bus.read_window(level)])
                progress = True
            while len(arrived) >= result_words:
                yield arrived[:result_words].astype("<u4").tobytes()[:size]
                arrived = arrived[result_words:]
                under_way -= 1
                moved = time.monotonic()  # whatever the caller did meanwhile
            if progress:
                moved = time.monotonic()
                continue
            self._check_weights()
            if time.monotonic() - moved > self._patience:
                self._check_state()
                left = result_words - len(arrived)
                raise BoardError(
                    f"the accelerator hangs: nothing moved for {self._patience:.1f} s, {left} of {result_words} "
                    f"words of a result are missing and {sum(map(len, pending))} words of a frame wait to go in",
                    "load the bitstream again; if it persists, its clock or its timing is wrong",
                )
            self._bus.pause()

    def _check_weights(self) -> None:
        if self._placed is None:
            return
        fault = fault_in_words(self._read("WEIGHTS_STATUS"), self.description.link, self._layers)
        if fault:
            raise BoardError(
                f"a frame cannot be finished: {fault}",
                "run again, which loads the weights again; if it persists, the board's memory or the way to it is faulty",
            )

    def _check_state(self) -> None:
        state = self._read("STATE")
        lost = [what for what in ("DROPPED", "STARVED") if state >> self._bits[f"STATE_{what}"] & 1]
        if lost:
            raise BoardError(
                f"words were lost between host and accelerator ({', '.join(lost).lower()})",
                "does another program use the accelerator? Load the bitstream again",
            )

    def _read(self, register: str) -> int:
        return self._bus.read(self._registers[register])

    def _write(self, register: str, value: int) -> None:
        self._bus.write(self._registers[register], value)


def bus_words(frame: bytes) -> np.ndarray:
    """A frame's bytes as bus words, uint32, the last one filled up with zeros."""
    whole = frame + bytes(-len(frame) % BUS_BYTES)
    return np.frombuffer(whole, "<u4").astype(np.uint32)
