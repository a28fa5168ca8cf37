# SPDX-License-Identifier: BSD-3-Clause
"""Mask files: the value of each pixel, as the file means it.

Grey values are what is stored, 1-bit masks 0 and 255. A palette counts by index, as label maps are written, unless the
colours that are used are the greys of their indices. Colours of equal red, green and blue are grey. JPEG changes
values, so that only a mask of black and white can be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantunet.data.pictures import open_file
from quantunet.mask_config import Label, colour_label
from quantunet_common.errors import UserError

#: Of a number, either side of 0.
_LARGEST = 2**31
_PIECE = 2**20
#: JPEG computes in squares of so many pixels.
_SQUARE = 8
#: How far JPEG moves black and white, measured on masks from quality 75 on: at most 43 in a square that holds both, not
#: at all in one that holds either.
_NEAR, _SAME = 63, 2


@dataclass(frozen=True)
class MaskPicture:
    """The values of a mask, an array of whole numbers of any shape.

    They are numbers, or, with `is_coloured`, red, green, blue and opacity as the four bytes of one. `levels` are the
    numbers as stored, before rounding. `palette` has the colours of the indices that are used.
    """

    values: NDArray[np.integer]
    is_coloured: bool = False
    levels: NDArray[Any] | None = None
    palette: Mapping[int, Label] = field(default_factory=dict)
    is_inexact_jpeg: bool = False
    was_rounded: bool = False
    was_restored: bool = False

    def counts(self) -> dict[Label, int]:
        """Label -> number of pixels."""
        if self.values.dtype in (np.uint8, np.uint16):
            flat, length = self.values.ravel(), int(self.values.max(initial=0)) + 1
            # In pieces, as each becomes eight bytes a pixel.
            pieces = (flat[at : at + _PIECE] for at in range(0, flat.size, _PIECE))
            pixels = sum((np.bincount(piece, minlength=length) for piece in pieces), np.zeros(length, np.int64))
            return {int(value): int(pixels[value]) for value in np.flatnonzero(pixels)}
        found, numbers = np.unique(self.values, return_counts=True)
        return {self._label(int(value)): int(number) for value, number in zip(found, numbers, strict=True)}

    def holds(self, labels: tuple[Label, ...]) -> NDArray[np.bool_]:
        """Where the value is one of `labels`."""
        codes = [_rgba(label) for label in labels] if self.is_coloured else labels
        wanted = [code for code in codes if isinstance(code, int)]
        return np.isin(self.values, np.array(wanted, np.int64)) if wanted else np.zeros(self.values.shape, np.bool_)

    def _label(self, value: int) -> Label:
        return colour_label(*value.to_bytes(4, "big")) if self.is_coloured else value


def _rgba(label: Label) -> int | None:
    if isinstance(label, int):
        return int.from_bytes((label, label, label, 255), "big") if 0 <= label <= 255 else None
    return int(label[1:].ljust(8, "f"), 16)


def mask_of_numbers(levels: NDArray[Any], file: Path) -> MaskPicture:
    """Numbers, rounded.

    Raises:
        UserError: some are not finite, or too large for a mask.
    """
    if np.issubdtype(levels.dtype, np.integer):
        return MaskPicture(levels, levels=levels)
    if not np.isfinite(levels).all():
        raise UserError("is a mask with values that are not finite", str(file), "Write whole numbers.")
    whole = np.rint(levels)
    lowest, highest = whole.min(initial=0), whole.max(initial=0)
    if lowest <= -_LARGEST or highest >= _LARGEST:
        raise UserError("is a mask with values beyond 2^31", str(file), "Write small whole numbers.")
    kind = np.int32 if lowest < 0 or highest > 65535 else np.uint16 if highest > 255 else np.uint8
    return MaskPicture(whole.astype(kind), levels=levels, was_rounded=bool((np.abs(levels - whole) > 1e-3).any()))


def read_mask_file(file: Path, like: tuple[int, int]) -> MaskPicture:
    """The values of a mask HW, of the size `like`.

    Raises:
        UserError: the file is unreadable or has another size.
    """
    image = open_file(file)
    if (image.height, image.width) != like:
        raise UserError(
            f"the mask has {image.height}x{image.width} pixels, its image {like[0]}x{like[1]}",
            str(file),
            "Give the mask the size of its image.",
        )
    if image.mode == "P":
        return _of_palette(image)
    if image.mode == "1":
        image = image.convert("L")
    if image.mode not in ("L", "I", "F") and not image.mode.startswith("I;16"):
        colours = np.array(image.convert("RGBA"))
        if (colours[..., 3] < 255).any() or (colours[..., :1] != colours[..., 1:3]).any():
            colours[colours[..., 3] == 0] = 0  # what is transparent has no colour
            values = colours.view(">u4")[..., 0].astype(np.uint32)
            return MaskPicture(values, is_coloured=True, is_inexact_jpeg=_is_jpeg(image))
        levels = colours[..., 0]
    else:
        levels = np.asarray(image)
    if _is_jpeg(image):
        return _of_jpeg(levels)
    return mask_of_numbers(levels, file)


def _is_jpeg(image: Image.Image) -> bool:
    return image.format in ("JPEG", "MPO")


def _of_palette(image: Image.Image) -> MaskPicture:
    indices = np.asarray(image)
    palette = np.array(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
    used = {int(index): palette[index] for index in np.unique(indices) if index < len(palette)}
    colours = {index: colour_label(*(int(part) for part in colour)) for index, colour in used.items()}
    is_grey = all(index == colour for index, colour in colours.items())
    return MaskPicture(indices, levels=indices if is_grey else None, palette={} if is_grey else colours)


def _of_jpeg(levels: NDArray[np.uint8]) -> MaskPicture:
    """0 and 255, if JPEG can have made this of them."""
    if np.isin(levels, (0, 255)).all():
        return MaskPicture(levels, levels=levels)
    height, width = levels.shape
    grown = np.pad(levels, ((0, -height % _SQUARE), (0, -width % _SQUARE)), mode="edge")
    squares = grown.reshape(grown.shape[0] // _SQUARE, _SQUARE, grown.shape[1] // _SQUARE, _SQUARE).swapaxes(1, 2)
    white = squares > 127
    off = np.minimum(squares, 255 - squares).max(axis=(2, 3))
    holds_both = white.any(axis=(2, 3)) & ~white.all(axis=(2, 3))
    if white.any() and (off <= np.where(holds_both, _NEAR, _SAME)).all():
        return MaskPicture(np.where(levels > 127, np.uint8(255), np.uint8(0)), levels=levels, was_restored=True)
    return MaskPicture(levels, levels=levels, is_inexact_jpeg=True)
