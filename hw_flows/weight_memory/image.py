# SPDX-License-Identifier: BSD-3-Clause
"""The memory image of all layers: `weights.bin`, which is loaded as it is, and `weights.json`, which says what lies where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.machine.errors import UserError
from hw_flows.weight_memory.region import (
    BLOCK_BYTES,
    IDENTITY_BITS,
    MOST_STREAMS,
    WORD_BYTES,
    pack_region,
    region_words,
    unpack_region,
)
from hw_flows.weight_memory.words import Bits
from quantunet_common.files import read_json, write_bytes_atomically, write_text_atomically

IMAGE_NAME, MANIFEST_NAME = "weights.bin", "weights.json"
#: Counts up when the meaning of an image's bytes changes.
FORMAT = 1


@dataclass(frozen=True)
class LayerStream:
    """What one layer's unit takes for a block of rows."""

    name: str
    """The layer's name, for people."""
    words: Bits
    """See `words.py`."""
    repeats: int
    """Blocks of a frame, at least 1."""


@dataclass(frozen=True)
class Region:
    """Where a stream lies in the image."""

    name: str
    number: int
    offset: int
    """Bytes from the image's start, a multiple of BLOCK_BYTES."""
    words: int
    """Words of the stream in the region."""
    word_bits: int
    repeats: int
    """How often the region is read for a frame."""

    @property
    def bus_words(self) -> int:
        """64-bit words that are read for one repeat, head included."""
        return region_words(self.words, self.word_bits)

    @property
    def frame_bytes(self) -> int:
        """Bytes that are read of it for a frame."""
        return self.bus_words * WORD_BYTES * self.repeats


@dataclass(frozen=True)
class Layout:
    """What is known of an image without its bytes: all that the hardware is made with."""

    identity: int
    """Of the contents, 48 bits: hardware made for one image refuses any other."""
    size: int
    """Bytes of the image, a multiple of BLOCK_BYTES."""
    regions: tuple[Region, ...]

    @property
    def frame_bytes(self) -> int:
        """Bytes that are read for a frame."""
        return sum(region.frame_bytes for region in self.regions)

    def manifest(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "format": FORMAT,
            "identity": f"{self.identity:0{IDENTITY_BITS // 4}x}",
            "bytes": self.size,
            "block_bytes": BLOCK_BYTES,
            "regions": [asdict(region) for region in self.regions],
        }

    @staticmethod
    def from_manifest(manifest: Mapping[str, Any]) -> Layout:
        """The inverse of `manifest`. Raises ValueError, KeyError or TypeError where it is none of this format."""
        if manifest["format"] != FORMAT or manifest["block_bytes"] != BLOCK_BYTES:
            raise ValueError(f"format {manifest['format']}")
        regions = tuple(Region(**region) for region in manifest["regions"])
        return Layout(int(manifest["identity"], 16), int(manifest["bytes"]), regions)


@dataclass(frozen=True)
class MemoryImage:
    """An image and what lies where in it."""

    layout: Layout
    data: bytes


def build_image(streams: Sequence[LayerStream]) -> MemoryImage:
    """All regions one behind the other, in the order given.

    Raises UserError where there is no stream, one is empty or not repeated, or there are too many.
    """
    if not 0 < len(streams) <= MOST_STREAMS:
        raise UserError(
            f"{len(streams)} layers take weights from memory", "weights in memory", f"1 to {MOST_STREAMS} can"
        )
    digest = hashlib.sha256(f"{FORMAT}".encode())
    regions: list[Region] = []
    end = 0
    for number, stream in enumerate(streams):
        if stream.repeats < 1 or stream.words.size == 0:
            raise UserError("the layer has no weights to read", stream.name, "keep its weights on the chip")
        words, bits = stream.words.shape
        digest.update(
            f"\0{stream.name}\0{words} {bits} {stream.repeats}\0".encode() + np.packbits(stream.words).tobytes()
        )
        regions.append(Region(stream.name, number, end, words, bits, stream.repeats))
        size = region_words(words, bits) * WORD_BYTES
        end += size + -size % BLOCK_BYTES
    identity = int.from_bytes(digest.digest()[: IDENTITY_BITS // 8], "big")
    data = b"".join(pack_region(stream.words, number, identity) for number, stream in enumerate(streams))
    return MemoryImage(Layout(identity, end, tuple(regions)), data)


def read_streams(image: MemoryImage) -> list[LayerStream]:
    """The inverse of `build_image`. Raises UserError for what is not as it should be, with the layer's name."""
    streams = []
    for region in image.layout.regions:
        data = image.data[region.offset :]
        try:
            words = unpack_region(data, region.words, region.word_bits, region.number, image.layout.identity)
        except UserError as error:
            raise UserError(error.what, region.name, error.fix) from error
        streams.append(LayerStream(region.name, words, region.repeats))
    return streams


def write_image(image: MemoryImage, folder: Path) -> None:
    """Write both files."""
    write_bytes_atomically(folder / IMAGE_NAME, image.data)
    write_text_atomically(folder / MANIFEST_NAME, json.dumps(image.layout.manifest(), indent=1) + "\n")


def read_image(folder: Path) -> MemoryImage:
    """Read both files. Raises UserError where they are not what `write_image` wrote; `read_streams` looks into the regions."""
    path = folder / MANIFEST_NAME
    try:
        layout = Layout.from_manifest(read_json(path))
        data = (folder / IMAGE_NAME).read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"the weights cannot be read ({error})", str(path), "build again") from error
    if len(data) != layout.size:
        raise UserError(f"the file has {len(data)} bytes, not {layout.size}", str(folder / IMAGE_NAME), "build again")
    return MemoryImage(layout, data)
