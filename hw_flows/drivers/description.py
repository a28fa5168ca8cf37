# SPDX-License-Identifier: BSD-3-Clause
"""`accelerator.json`: all that the host has to know of the accelerator on a board. numpy only.

format       1
name         of the network
board        that the bitstream is for
bitstream    file, relative to the folder of accelerator.json
identity     16 hexadecimal digits that the board must answer with
clock_mhz    of the accelerator
frame_ms     from one result to the next, at that clock, as simulated
input        the stream into the accelerator: {shape, bits, signed, lanes}; shape is (1, height, width, channels) of a
output       frame and its elements follow each other in that order, `lanes` of them to a word (see `words`)
quantizer    {thresholds, offset, step}: a pixel x becomes offset + step * (how many thresholds are <= x); one list of
             thresholds for each channel, or one for all
logits       {scale, bias}: for each class, logit = scale * integer + bias
link         how to reach the accelerator: {driver, ...}; `driver` names a module beside this one
weights      {image, manifest, identity} of the weights that it reads from memory (see `weights`); null where there are none
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import BoardError
from .weights import WeightFiles
from .words import pack, slot_bytes, unpack

FORMAT = 1


@dataclass(frozen=True)
class StreamFormat:
    """One stream of the accelerator, see `input` above."""

    shape: tuple[int, ...]
    bits: int
    signed: bool
    lanes: int

    @property
    def words(self) -> int:
        """Words of a frame."""
        return int(np.prod(self.shape)) // self.lanes

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame between host and board."""
        return self.words * slot_bytes(self.bits * self.lanes)

    def pack(self, integers: np.ndarray) -> bytes:
        """A frame's bytes from integers of `shape`. Raises ValueError where they do not fit."""
        if integers.shape != self.shape:
            raise ValueError(f"a frame has shape {integers.shape}, not {self.shape}")
        return pack(integers, self.bits, self.signed, self.lanes)

    def unpack(self, data: bytes) -> np.ndarray:
        """Integers of `shape`, int64, from a frame's bytes. Raises ValueError where there are more or fewer."""
        if len(data) != self.frame_bytes:
            raise ValueError(f"a frame has {len(data)} bytes, not {self.frame_bytes}")
        return unpack(data, self.bits, self.signed, self.lanes).reshape(self.shape)


@dataclass(frozen=True)
class Quantizer:
    """Pixels to integers: counting thresholds, as the network's own input quantizer does."""

    thresholds: tuple[tuple[float, ...], ...]
    offset: int
    step: int

    def quantize(self, image: np.ndarray) -> np.ndarray:
        """Integers (1, H, W, C) from an image (C, H, W), float32 in the range that the network was trained on."""
        levels = [np.array(row, np.float64) for row in self.thresholds]
        planes = [
            np.searchsorted(levels[c if len(levels) > 1 else 0], plane.astype(np.float32).astype(np.float64), "right")
            for c, plane in enumerate(image)
        ]
        return np.asarray(self.offset + self.step * np.stack(planes, axis=-1)[None].astype(np.int64))


@dataclass(frozen=True)
class AcceleratorDescription:
    """The content of `accelerator.json`."""

    name: str
    board: str
    bitstream: str
    identity: str
    clock_mhz: float
    frame_ms: float
    input: StreamFormat
    output: StreamFormat
    quantizer: Quantizer
    scale: tuple[float, ...]
    bias: tuple[float, ...]
    link: dict[str, Any]
    weights: WeightFiles | None = None

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        _, height, width, channels = self.input.shape
        return channels, height, width

    def logits(self, integers: np.ndarray) -> np.ndarray:
        """float64 (classes, H, W) from what the accelerator gave, (1, H, W, classes)."""
        scaled = integers[0] * np.array(self.scale) + np.array(self.bias)
        return np.moveaxis(scaled, -1, 0)

    def save(self, path: Path) -> None:
        data = asdict(self)
        data["logits"] = {"scale": data.pop("scale"), "bias": data.pop("bias")}
        path.write_text(json.dumps({"format": FORMAT, **data}, indent=1) + "\n", encoding="utf-8")

    @staticmethod
    def load(path: Path) -> AcceleratorDescription:
        """Raises BoardError where the file is missing or not of this format."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data.pop("format") != FORMAT:
                raise KeyError("format")
            logits, quantizer = data.pop("logits"), data.pop("quantizer")
            weights = data.pop("weights", None)
            return AcceleratorDescription(
                input=_stream(data.pop("input")),
                output=_stream(data.pop("output")),
                quantizer=Quantizer(
                    tuple(map(tuple, quantizer["thresholds"])), int(quantizer["offset"]), int(quantizer["step"])
                ),
                scale=tuple(logits["scale"]),
                bias=tuple(logits["bias"]),
                weights=None if weights is None else WeightFiles(**weights),
                **data,
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise BoardError(
                f"{path} is not a description of an accelerator ({error})", "take the whole deploy folder of a build"
            ) from error


def _stream(data: dict[str, Any]) -> StreamFormat:
    return StreamFormat(tuple(data["shape"]), int(data["bits"]), bool(data["signed"]), int(data["lanes"]))
