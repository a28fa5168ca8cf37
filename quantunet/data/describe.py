"""What a split holds: counts, and a picture of some of its images with their masks."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantunet.data.pairs import Pairs, Split

_OUTLINE = np.array((255, 64, 64), np.uint8)


@dataclass(frozen=True)
class PartDescription:
    """`marked` is the number of images whose mask marks anything, `marked_pixels` the fraction of the pixels
    of all images that is marked, `mean_grey` the mean of the pixels in 0..1.
    """

    images: int
    marked: int
    marked_pixels: float
    mean_grey: float
    shape: tuple[int, int, int]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def parts_of(split: Split) -> dict[str, Pairs]:
    """The parts that there are, by name."""
    parts = {"train": split.train, "validation": split.validation}
    return parts if split.test is None else {**parts, "test": split.test}


def described(pairs: Pairs) -> PartDescription:
    """Counts of `pairs`, of which there is at least one."""
    channels, height, width = pairs.images.shape[1:]
    return PartDescription(
        images=len(pairs),
        marked=int(pairs.masks.any(axis=(1, 2, 3)).sum()),
        marked_pixels=float(pairs.masks.mean()),
        mean_grey=float(pairs.images.mean() / 255),
        shape=(channels, height, width),
    )


def contact_sheet(split: Split, columns: int = 8) -> bytes:
    """A PNG with a row a part: images spread over it, the rims of their masks in red.

    Of several channels the first is shown, of three all as colours.
    """
    rows = []
    for pairs in parts_of(split).values():
        chosen = np.linspace(0, len(pairs) - 1, min(columns, len(pairs))).round().astype(int)
        tiles = [_outlined(pairs.images[index], pairs.masks[index, 0]) for index in chosen]
        tiles += [np.zeros_like(tiles[0])] * (columns - len(tiles))
        rows.append(np.concatenate(tiles, axis=1))
    file = io.BytesIO()
    Image.fromarray(np.concatenate(rows)).save(file, format="PNG")
    return file.getvalue()


def _outlined(image: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """HWC in colours, with a rim of one pixel around the mask and a border."""
    picture = np.moveaxis(image, 0, -1) if len(image) == 3 else np.repeat(image[0][..., None], 3, axis=-1)
    around = np.pad(mask, 1)
    grown = np.maximum.reduce([around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:]])
    picture = np.where(((grown > 0) & (mask == 0))[..., None], _OUTLINE, picture)
    return np.pad(picture, ((1, 1), (1, 1), (0, 0)))
