# SPDX-License-Identifier: BSD-3-Clause
"""Weights that the accelerator reads from the board's memory: their file, checked, and what its reader says. numpy only.

`weights.bin` is placed in memory as it is. `weights.json` tells what lies where in it: regions, one for each layer. A region is
64-bit little-endian words: {layer's number: 16 bits, identity: 48 bits}, then one that makes the check sum of the region 0, then
the weights; zeros fill its last block. The check sum is the remainder over GF(2) by x**64 + x**4 + x**3 + x + 1 of the words as a
polynomial, the highest bit of the first word its highest power.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import BoardError

FORMAT = 1
WORD_BYTES, WORD_BITS, IDENTITY_BITS = 8, 64, 48
HEAD_WORDS, BLOCK_BYTES = 2, 128
#: x**64, reduced.
_POWER = 0b11011
_AGAIN = "take the whole deploy folder of a build again"


@dataclass(frozen=True)
class WeightFiles:
    """Where they lie, relative to the folder of accelerator.json, and whose they are (12 hexadecimal digits)."""

    image: str
    manifest: str
    identity: str


@dataclass(frozen=True)
class Weights:
    """What goes into the memory, and the names of the layers that read it, by their numbers."""

    data: bytes
    layers: tuple[str, ...]


@dataclass(frozen=True)
class PlacedWeights:
    """Weights in the board's memory."""

    address: int
    """As the programmable logic sees it."""
    release: Callable[[], None]
    """Gives the memory back; only once nothing reads it."""


def read_weights(folder: Path, files: WeightFiles) -> Weights:
    """Read and check them. Raises BoardError where they are missing, another build's or damaged, with the layer's name."""
    image, manifest = folder / files.image, folder / files.manifest
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
        if (told["format"], told["block_bytes"]) != (FORMAT, BLOCK_BYTES):
            raise ValueError(f"format {told['format']}")
        identity, size = str(told["identity"]), int(told["bytes"])
        regions = [_Region.of(region) for region in told["regions"]]
        data = image.read_bytes()
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BoardError(f"the weights in {image.parent} cannot be read ({error})", _AGAIN) from error
    if identity != files.identity:
        raise BoardError(
            f"{manifest} is another build's: its identity is {identity}, not {files.identity}",
            "take both from one build",
        )
    if len(data) != size:
        raise BoardError(f"{image} has {len(data):,} bytes, not {size:,}", _AGAIN)
    for region in regions:
        complaint = region.complaint(data, int(identity, 16))
        if complaint:
            raise BoardError(f"the weights of layer {region.name} in {image} are damaged: {complaint}", _AGAIN)
    return Weights(data, tuple(region.name for region in regions))


@dataclass(frozen=True)
class _Region:
    name: str
    number: int
    offset: int
    words: int
    """Of 64 bits, head included."""

    @staticmethod
    def of(told: Mapping[str, Any]) -> _Region:
        bits = int(told["words"]) * int(told["word_bits"])
        return _Region(str(told["name"]), int(told["number"]), int(told["offset"]), HEAD_WORDS + -(-bits // WORD_BITS))

    def complaint(self, data: bytes, identity: int) -> str:
        """What is wrong with it; empty where nothing is."""
        end = self.offset + self.words * WORD_BYTES
        if not 0 <= self.offset < end <= len(data):
            return "they go beyond the end"
        integers = np.frombuffer(data[self.offset : end], "<u8").astype(np.uint64)
        if int(integers[0]) != self.number << IDENTITY_BITS | identity:
            return "another layer's or another network's weights are in their place"
        if remainder(integers):
            return "their check sum is wrong"
        return "they do not end in zeros" if any(data[end : end + -end % BLOCK_BYTES]) else ""


def remainder(words: np.ndarray) -> int:
    """The check sum of words, uint64; 0 of a region that is whole.

    Neighbours become one word until one is left: the first of two times a power of x that is squared each time.
    """
    power = _POWER
    while len(words) > 1:
        if len(words) % 2:
            words = np.concatenate([np.zeros(1, np.uint64), words])
        tables = _tables(power)
        power = int(_times(np.array([power], np.uint64), tables)[0])
        words = _times(words[::2], tables) ^ words[1::2]
    return int(words[0])


def _tables(factor: int) -> np.ndarray:
    """Products with `factor` of every byte at each of the eight places of a word: (8, 256)."""
    tables = np.zeros((WORD_BYTES, 256), np.uint64)
    for bit in range(WORD_BITS):
        table, done = tables[bit // 8], 1 << bit % 8
        table[done : 2 * done] = table[:done] ^ np.uint64(factor)
        factor = (factor << 1) ^ (factor >> WORD_BITS - 1) * (1 << WORD_BITS | _POWER)
    return tables


def _times(words: np.ndarray, tables: np.ndarray) -> np.ndarray:
    product = np.zeros(len(words), np.uint64)
    for place in range(WORD_BYTES):
        product ^= tables[place][(words >> np.uint64(8 * place) & np.uint64(255)).astype(np.intp)]
    return product


def fault_in_words(status: int, link: Mapping[str, Any], layers: tuple[str, ...]) -> str:
    """What the status of what works on memory says of a fault, for people; empty where there is none. `link`: of accelerator.json."""
    names, bits = link["memory"]["faults"], link["bits"]
    found = [name for place, name in enumerate(names) if status >> (bits["WEIGHTS_FAULT"] + place) & 1]
    number = status >> bits["WEIGHTS_LAYER"] & 0xFFFF
    if not found:
        return _stream_fault(status >> bits["STREAMS_FAULT"] & 3, number, link["memory"])
    layer = layers[number] if number < len(layers) else f"number {number}"
    words = {
        "bus_error": f"the bus answered with an error while the weights of layer {layer} were read from memory",
        "identity": f"where the weights of layer {layer} should be in memory there is something else",
        "check_sum": f"the weights of layer {layer} in memory are damaged: their check sum is wrong",
        "last": f"bursts had the wrong length while the weights of layer {layer} were read from memory",
    }
    return "; ".join(words[name] for name in found)


def _stream_fault(code: int, number: int, memory: Mapping[str, Any]) -> str:
    if not code:
        return ""
    names = list(memory["streams"])
    name = names[number] if number < len(names) else f"number {number}"
    words = {
        "write_error": "the bus answered with an error while they were written",
        "read_error": "the bus answered with an error while they were read",
        "protocol": "the bus answered what nobody asked for, or bursts had the wrong length",
    }
    return f"words of the skip connection {name} that waited in memory are lost: {words[memory['stream_faults'][code - 1]]}"


def stream_bytes(link: Mapping[str, Any]) -> int:
    """Memory that lies behind the weights, for streams that wait there; its contents do not matter."""
    return sum(link["memory"]["streams"].values())


def widen_ports(link: Mapping[str, Any], read: Callable[[int], int], write: Callable[[int, int], None]) -> None:
    """Set the HP ports that the design uses to 64 bits, by 32-bit accesses to the processing system's registers.

    Boot images leave a port as the design that they were made for has it. Raises BoardError where a port stays at 32 bits.
    """
    memory = link["memory"]
    narrow = 1 << memory["afi_32_bits"]
    channels = [("RDCHAN", port, 0) for port in memory["hp_ports"]]
    channels += [("WRCHAN", port, memory["afi_write"]) for port in memory["writing_hp_ports"]]
    for channel, port, place in channels:
        address = memory["afi_base"] + port * memory["afi_stride"] + place
        before = read(address)
        if before & narrow:
            write(address, before & ~narrow)
        if read(address) & narrow:
            raise BoardError(
                f"port S_AXI_HP{port} of the processing system stays 32 bits wide, the design has it with 64: its "
                f"AFI_{channel}_CTRL at 0x{address:08x} is 0x{read(address):x}",
                "run as root; if it persists, start the board with a boot image whose HP ports have 64 bits",
            )
