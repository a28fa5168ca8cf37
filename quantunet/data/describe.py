# SPDX-License-Identifier: BSD-3-Clause
"""What a split holds: counts, and a page of pictures with their masks laid over, on which a person sees a wrong one."""

from __future__ import annotations

import io
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from quantunet.data.pairs import IGNORED, Pairs, Split
from quantunet_common.messages import printable

#: Of the target: a line around it, and a tint over it; a tint over what nobody labelled.
_OUTLINE = np.array((255, 64, 64), np.uint8)
_TINT, _UNKNOWN = np.array((255, 0, 0)), np.array((0, 120, 255))
_STRENGTH = 0.35
#: Small images are enlarged by whole numbers up to about this many pixels.
_SHOWN_PIXELS = 144
_LINE = 13


@dataclass(frozen=True)
class PartDescription:
    """`marked` is the number of images whose mask marks anything, `marked_pixels` the fraction of the pixels
    of all images that is marked, `ignored_pixels` that of those which the configuration ignores, `mean_grey` the mean of
    the pixels in 0..1, `cases` the fraction that is marked of each image, by name.
    """

    images: int
    marked: int
    marked_pixels: float
    ignored_pixels: float
    mean_grey: float
    shape: tuple[int, int, int]
    cases: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def extremes(self) -> str:
        """The images with the least and the most of the target, of those that have any, and the median."""
        marked = sorted((share, name) for name, share in self.cases.items() if share)
        if not marked:
            return "nothing is marked"
        (least, first), (most, last) = marked[0], marked[-1]
        median = marked[len(marked) // 2][0]
        return f"the target has {least:.2%} ({first}) to {most:.2%} ({last}) of an image, median {median:.2%}"


def parts_of(split: Split) -> dict[str, Pairs]:
    """The parts that there are, by name."""
    parts = {"train": split.train, "validation": split.validation}
    return parts if split.test is None else {**parts, "test": split.test}


def described(pairs: Pairs) -> PartDescription:
    """Counts of `pairs`, of which there is at least one."""
    channels, height, width = pairs.images.shape[1:]
    shares = [float((mask == 1).mean()) for mask in pairs.masks]
    return PartDescription(
        images=len(pairs),
        marked=sum(share > 0 for share in shares),
        marked_pixels=float(np.mean(shares)),
        ignored_pixels=float((pairs.masks == IGNORED).mean()),
        mean_grey=float(pairs.images.mean() / 255),
        shape=(channels, height, width),
        cases=dict(zip(pairs.names, shares, strict=True)),
    )


def contact_sheet(split: Split, columns: int = 8) -> bytes:
    """A PNG with images spread over each part: above as they are, below with their targets tinted and outlined in red,
    and what is ignored in blue, with the name and the share of the target.

    Of several channels the first is shown, of three all as colours. The images of least and of most target are among
    those shown.
    """
    strips = []
    for name, pairs in parts_of(split).items():
        tiles = [_tile(pairs, index) for index in _chosen(pairs, columns)]
        tiles += [np.zeros_like(tiles[0])] * (columns - len(tiles))
        row = np.concatenate(tiles, axis=1)
        strips += [_caption(f"{name}, {len(pairs)} images", row.shape[1]), row]
    file = io.BytesIO()
    Image.fromarray(np.concatenate(strips)).save(file, format="PNG")
    return file.getvalue()


def _chosen(pairs: Pairs, columns: int) -> list[int]:
    """Spread evenly, with the extremes in place of their nearest."""
    spread = np.linspace(0, len(pairs) - 1, min(columns, len(pairs))).round().astype(int).tolist()
    shares = (pairs.masks == 1).mean(axis=(1, 2, 3))
    if len(spread) > 2 and shares.any():
        least = int(np.where(shares > 0, shares, 2).argmin())
        for extreme in dict.fromkeys((least, int(shares.argmax()))):
            if extreme not in spread:
                inner = spread[1:-1] if len(spread) > 3 else spread
                nearest = min(inner, key=lambda index: abs(index - extreme))
                spread[spread.index(nearest)] = extreme
    return sorted(spread)


def _tile(pairs: Pairs, index: int) -> NDArray[np.uint8]:
    """HWC in colours: image, overlay and caption below each other, with a black border."""
    image, mask = pairs.images[index], pairs.masks[index, 0]
    plain = np.moveaxis(image, 0, -1) if len(image) == 3 else np.repeat(image[0][..., None], 3, axis=-1)
    factor = max(1, _SHOWN_PIXELS // max(mask.shape))
    plain, mask = (array.repeat(factor, axis=0).repeat(factor, axis=1) for array in (plain, mask))
    pictures = [np.pad(picture, ((1, 1), (1, 1), (0, 0))) for picture in (plain, _overlaid(plain, mask))]
    width = pictures[0].shape[1]
    share = f"{(pairs.masks[index] == 1).mean():.2%} target"
    return np.concatenate([*pictures, _caption(pairs.names[index], width), _caption(share, width)])


def _overlaid(picture: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """HWC with the target tinted, a rim of one pixel around it, and what is ignored in another tint."""
    target = mask == 1
    around = np.pad(target, 1)
    grown = np.logical_or.reduce([around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:]])
    for where, colour in ((target, _TINT), (mask == IGNORED, _UNKNOWN)):
        tinted = (picture * (1 - _STRENGTH) + colour * _STRENGTH).round().astype(np.uint8)
        picture = np.where(where[..., None], tinted, picture)
    return np.where((grown & ~target)[..., None], _OUTLINE, picture)


def _caption(text: str, width: int) -> NDArray[np.uint8]:
    """White on black; the end of a text that is too long, as the beginnings of names are alike."""
    font = ImageFont.load_default(size=10)
    text = printable(text).replace("\n", " ")[-200:]
    while len(text) > 1 and font.getlength(text) > width - 4:
        text = "…" + text[2:]
    strip = Image.new("RGB", (width, _LINE))
    ImageDraw.Draw(strip).text((2, 0), text, fill=(255, 255, 255), font=font)
    return np.asarray(strip)
