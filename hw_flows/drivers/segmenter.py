# SPDX-License-Identifier: BSD-3-Clause
"""Images to masks with the accelerator on a board, whatever the board is. numpy only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from .description import AcceleratorDescription
from .errors import BoardError


class BoardLink(Protocol):
    """A board that runs the accelerator of a description, checked to be the right one when it was opened."""

    def reset(self) -> None:
        """Empty the accelerator; frames under way are lost. Raises BoardError where the board does not answer."""

    def run(self, frames: Iterable[bytes]) -> Iterator[bytes]:
        """Results of frames, in order, as they come. Raises BoardError where a frame gets none."""

    def close(self) -> None:
        """Give the board back."""


class Segmenter:
    """A network on a board."""

    def __init__(self, description: AcceleratorDescription, board: BoardLink) -> None:
        self.description = description
        self.board = board

    def integers(self, images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """What the accelerator computes, int64 (1, H, W, classes), for images float32 (C, H, W)."""
        for result in self.board.run(self._packed(image) for image in images):
            yield self.description.output.unpack(result)

    def logits(self, images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """float64 (classes, H, W) for each image."""
        for integers in self.integers(images):
            yield self.description.logits(integers)

    def masks(self, images: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Class of each pixel, uint8 (H, W), for each image."""
        for logits in self.logits(images):
            yield mask_of(logits)

    def _packed(self, image: np.ndarray) -> bytes:
        wanted = self.description.image_shape
        if image.shape != wanted:
            raise BoardError(f"an image has shape {image.shape}, the network takes {wanted}", "bring it to that size")
        return self.description.input.pack(self.description.quantizer.quantize(image))


def mask_of(logits: np.ndarray) -> np.ndarray:
    """Class of each pixel, uint8 (H, W): 1 where the logit is positive for one class, the largest for several."""
    mask = logits[0] > 0 if len(logits) == 1 else logits.argmax(axis=0)
    return mask.astype(np.uint8)
