"""Image files and mask files, read by Pillow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantunet.errors import QuantUNetError
from quantunet.files import check_input_file

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".pgm", ".ppm", ".webp"}


#: Pillow goes by what is in a file, and would hand PostScript to Ghostscript.
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "PPM", "WEBP")
#: 256 MiB as float32; a small file may claim any size.
MOST_PIXELS = 2**26


def read_image(file: Path, channels: int) -> NDArray[np.float32]:
    """CHW in 0..1, 1 channel of grey or 3 of red, green and blue; 16-bit grey is scaled from 0..65535.

    Raises:
        QuantUNetError: the file is unreadable, its pixels have 32 bits, or `channels` is another number.
    """
    image = _open(file)
    if image.mode.startswith("I;16"):
        grey = np.asarray(image).astype(np.float32) / np.float32(65535)
        return np.repeat(grey[None], channels, axis=0)
    if image.mode in ("I", "F"):
        raise QuantUNetError(
            f"has 32-bit pixels (mode {image.mode}) of unknown range",
            str(file),
            "Convert it to 8 or 16 bits.",
        )
    mode = {1: "L", 3: "RGB"}.get(channels)
    if mode is None:
        raise QuantUNetError(
            f"image files have 1 or 3 channels, the network takes {channels}",
            "model.in_channels",
            "Use 1 or 3.",
        )
    pixels = np.asarray(image.convert(mode)).astype(np.float32) / np.float32(255)
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def read_mask(file: Path, like: tuple[int, int]) -> NDArray[np.bool_]:
    """HW, of the size `like`: above 127 is inside, or above 0 in a mask of 0 and 1. Colours become grey.

    Raises:
        QuantUNetError: the file is unreadable, has another size or holds other values.
    """
    image = _open(file)
    if image.mode.startswith("I;16"):
        grey = np.asarray(image).astype(np.int64)
        grey = grey // 257 if grey.max() > 255 else grey
    else:
        grey = np.asarray(image.convert("L"))
    if grey.shape != like:
        raise QuantUNetError(
            f"the mask has {_size(grey.shape)} pixels, its image {_size(like)}",
            str(file),
            "Give the mask the size of its image.",
        )
    largest = int(grey.max())
    if 1 < largest <= 127:
        raise QuantUNetError(
            f"is no mask of 0 and 255 (or 0 and 1): its largest value is {largest}",
            str(file),
            "Write masks with 255 inside and 0 outside.",
        )
    return grey > (127 if largest > 1 else 0)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]}x{shape[1]}"


def _open(file: Path) -> Image.Image:
    check_input_file(file)
    try:
        image = Image.open(file, formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"{image.width}x{image.height} pixels, more than {MOST_PIXELS:,}")
        image.load()
    except Exception as error:  # Pillow's decoders end on damaged files with errors of many types
        raise QuantUNetError(f"is not a readable image ({error})", str(file), "Replace or remove the file.") from error
    return image
