# SPDX-License-Identifier: BSD-3-Clause
"""What every data set gives: images with masks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from quantunet.data.resize import IGNORED
from quantunet_common.pixels import padded


@dataclass(frozen=True)
class Pairs:
    """Images with their masks.

    `images` is uint8 NCHW, 0..255; `masks` is uint8 NCHW, 0 or 1, or `IGNORED` where the configuration says
    that nobody labelled the pixel; `names` says where each came from. Both arrays may be mapped from the two
    `files` (read-only): workers that inherit or unpickle the pairs then share them. `cases` has the case of each (a
    patient, an exam, a volume); None: each is a case of its own.
    """

    images: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    names: tuple[str, ...]
    files: tuple[Path, Path] | None = None
    cases: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, part: slice) -> Pairs:
        """Some of the pairs; the pixels are not copied."""
        cases = None if self.cases is None else self.cases[part]
        return Pairs(self.images[part], self.masks[part], self.names[part], cases=cases)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.files is not None:
            return mapped_pairs, (self.files, self.images.shape[1:], self.names, self.cases)
        return Pairs, (np.asarray(self.images), np.asarray(self.masks), self.names, None, self.cases)

    @property
    def case_names(self) -> tuple[str, ...]:
        """The case of each image; images of one case are not independent of each other."""
        return self.names if self.cases is None else self.cases

    def as_float(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Images in k/255 and masks of 0 and 1, both float32 NCHW: what the network takes and should give.

        A mask is below 0 where it is ignored, as loss and scores expect it.
        """
        return self.images.astype(np.float32) / np.float32(255), masks_as_float(self.masks)


@dataclass(frozen=True)
class Split:
    """Pairs for training, for choosing the checkpoint that is kept, and for measuring it; no case is in two.

    `test` is None where no test part was asked for. `notes` tell, one sentence each, what was left out of
    the data set, and why, and how what is not plain was read.
    """

    train: Pairs
    validation: Pairs
    test: Pairs | None = None
    notes: tuple[str, ...] = ()


def masks_as_float(masks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """0 and 1, and -1 where a mask is `IGNORED`."""
    return np.where(masks == IGNORED, np.float32(-1), masks.astype(np.float32))


def mapped_pairs(
    files: tuple[Path, Path], shape: tuple[int, ...], names: tuple[str, ...], cases: tuple[str, ...] | None = None
) -> Pairs:
    """Pairs whose pixels lie in two files, one picture after another; `shape` is that of an image, CHW."""
    sizes = ((len(names), *shape), (len(names), 1, *shape[1:]))
    images, masks = (np.memmap(file, np.uint8, mode="r", shape=size) for file, size in zip(files, sizes, strict=True))
    return Pairs(images, masks, names, files, cases)


def fitted_image(picture: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture HW in 0..1, padded with zeros to the proportions of `size`, resized linearly, as 0..255.

    Without antialias, unlike `quantunet.data.resize`: the networks of this repository were trained so.
    """
    resized = _fitted(picture.astype(np.float32), size, order=1)
    return (resized * 255).round().clip(0, 255).astype(np.uint8)


def fitted_mask(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A mask HW, padded and resized like its picture, as 0 and 1: set where it covers more than half a
    pixel.
    """
    return (_fitted(mask.astype(np.float32), size, order=1) > 0.5).astype(np.uint8)


def _fitted(picture: NDArray[np.float32], size: tuple[int, int], order: int) -> NDArray[np.float32]:
    larger = padded(picture, size)
    full_height, full_width = larger.shape
    resized: NDArray[np.float32] = zoom(
        larger, (size[0] / full_height, size[1] / full_width), order=order, grid_mode=True, mode="nearest"
    )
    assert resized.shape == size
    return resized
