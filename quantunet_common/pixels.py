# SPDX-License-Identifier: BSD-3-Clause
"""Pictures to what a network takes. The driver of a board takes this file along, so that host and training agree.

numpy and Pillow only, nothing of this project.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".pgm", ".ppm", ".webp")
#: Pillow goes by what is in a file, and would hand PostScript to Ghostscript.
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "PPM", "WEBP")
#: 256 MiB as float32; a small file may claim any size.
MOST_PIXELS = 2**26
#: 256 MiB as float32: a long and narrow picture grows by its padding.
MOST_PADDED_PIXELS = 2**26
#: Pillow before 9.1, as on boards, has its filters elsewhere.
FILTERS: Any = getattr(Image, "Resampling", Image)
#: Of an image of more than 8 bits, or of a volume: what becomes black and white.
PERCENTILES = (0.5, 99.5)


def open_picture(file: Path) -> Image.Image:
    """The picture in a file, decoded.

    Raises:
        ValueError: it is damaged or of another format, too large, one of several in the file, or has colours
            of 16 bits. The text says which.
    """
    try:
        image = Image.open(file, formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"{image.width}x{image.height} pixels, more than {MOST_PIXELS:,}")
        _check_alone(image)
        _check_depth(image)
        image.load()
    except Exception as error:  # Pillow's decoders end on damaged files with errors of many types
        raise ValueError(str(error) or type(error).__name__) from error
    return image


def _check_alone(image: Image.Image) -> None:
    """A second picture of another size is a thumbnail or a coarser copy."""
    if image.format not in ("TIFF", "GIF", "PNG", "WEBP"):
        return
    size = image.size
    try:
        image.seek(1)
    except EOFError:
        return
    second = image.size
    image.seek(0)
    if second == size:
        raise ValueError("it holds several pictures, write a file for each")


def _check_depth(image: Image.Image) -> None:
    """Pillow reads the upper half of colours of 16 bits without a word, and converts no colours of CIE L*a*b*."""
    if image.mode == "LAB":
        raise ValueError("colours of CIE L*a*b* cannot be read, write red, green and blue")
    bits: object = None
    if image.format == "PNG" and image.mode in ("RGB", "RGBA", "LA"):
        bits = 16 if ";16" in str(getattr(image, "tile", "")) else 8
    elif image.format == "TIFF" and image.mode not in ("I", "F") and not image.mode.startswith("I;16"):
        bits = max(image.tag_v2.get(258, (8,)), default=8)  # type: ignore[attr-defined]
    if isinstance(bits, int) and bits > 8:
        raise ValueError(f"colours of {bits} bits cannot be read, write 8 bits a colour or grey of 16")


def is_deep(image: Image.Image) -> bool:
    """Whether its pixels have more than 8 bits: 16 or 32, or are floating-point numbers."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def is_turned(image: Image.Image) -> bool:
    """Whether the file says that it is to be shown turned or mirrored, which is not done here."""
    try:
        return image.getexif().get(0x0112, 1) not in (0, 1)
    except Exception:  # damaged notes end in errors of many types, and are no reason to refuse the pixels
        return False


def to_unit_range(image: Image.Image, channels: int) -> NDArray[np.float32]:
    """CHW in 0..1, 1 channel of grey or 3 of red, green and blue.

    8 bits are divided by 255; palettes are looked up, transparency is dropped. Deeper grey uses the range that it
    has: `limits` become 0 and 1, as for volumes; an image of one value throughout is 0.

    Raises:
        ValueError: `channels` is another number.
    """
    if channels not in (1, 3):
        raise ValueError(f"image files have 1 or 3 channels, the network takes {channels}")
    if is_deep(image):
        values = np.asarray(image).astype(np.float32)
        low, high = limits(values)
        grey = scaled(values, low, high) if low < high else np.zeros_like(values)
        return np.repeat(grey[None], channels, axis=0)
    pixels = np.asarray(image.convert("L" if channels == 1 else "RGB")).astype(np.float32) / np.float32(255)
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def limits(values: NDArray[np.float32]) -> tuple[float, float]:
    """The 0.5th and the 99.5th percentile of what is finite, or its extremes where these are equal; 0 and 0 of nothing."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 0.0
    low, high = (float(value) for value in np.percentile(finite, PERCENTILES))
    return (low, high) if low < high else (float(finite.min()), float(finite.max()))


def scaled(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """Values in 0..1, clipped: `low` becomes 0 and `high` 1. What is not finite is taken as `low`."""
    known = np.where(np.isfinite(values), values, np.float32(low))
    return np.clip((known - np.float32(low)) / np.float32(high - low), 0, 1).astype(np.float32)


def fitted_pixels(image: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.uint8]:
    """An image CHW in 0..1 as 0..255, CHW of `size` (height, width): proportions kept, zeros around it.

    Pillow's filters widen with the reduction (antialias), which linear interpolation does not: a large picture that is
    made small would keep every n-th of its pixels, with its noise.
    """
    channels = [resized(channel, size, FILTERS.BILINEAR) for channel in image]
    return (np.stack(channels) * 255).round().clip(0, 255).astype(np.uint8)


def padded_size(shape: tuple[int, ...], size: tuple[int, int]) -> tuple[int, int]:
    """Height and width of a picture of `shape` with zeros around it, so that it has the proportions of `size`."""
    height, width = shape
    unit = max(height / size[0], width / size[1])
    return max(height, round(size[0] * unit)), max(width, round(size[1] * unit))


def padded(picture: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """A picture HW with zeros around it, so that it has the proportions of `size`."""
    height, width = picture.shape
    full = padded_size(picture.shape, size)
    larger = np.zeros(full, np.float32)
    top, left = (full[0] - height) // 2, (full[1] - width) // 2
    larger[top : top + height, left : left + width] = picture
    return larger


def resized(picture: NDArray[np.float32], size: tuple[int, int], kernel: Any) -> NDArray[np.float32]:
    """A picture HW, padded to the proportions of `size` and brought to it by one of Pillow's filters."""
    whole = Image.fromarray(padded(picture, size))
    return np.asarray(whole.resize((size[1], size[0]), kernel), dtype=np.float32)


def laid_back(mask: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """A mask HW of the network's size, over the picture of `shape` that was fitted to it: the nearest pixels."""
    full = padded_size(shape, (mask.shape[0], mask.shape[1]))
    rows, columns = (
        ((np.arange(length) + (whole - length) // 2 + 0.5) * network / whole).astype(np.int64)
        for length, whole, network in zip(shape, full, mask.shape, strict=True)
    )
    return np.asarray(mask[np.ix_(rows, columns)])
