# SPDX-License-Identifier: BSD-3-Clause
"""Folders of images and masks. numpy only; other picture formats where Pillow is installed.

An image is a `.npy` file, float32 (C, H, W) in the range that the network was trained on, or a grey or colour picture.
Pictures become k/255 as in training: 8 bits as they are, deeper grey scaled by its own percentiles, fitted to the
network's size with zeros around them. An image's expected mask, where there is one, lies beside it as `<name>.mask.npy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import BoardError

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".pgm", ".ppm", ".webp")
MASK = ".mask.npy"


@dataclass(frozen=True)
class InputPicture:
    """An image float32 (C, H, W), and its expected mask (H, W) if there is one.

    `size` is the height and width of the picture that it was fitted from, None of a `.npy` file.
    """

    name: str
    image: np.ndarray
    expected: np.ndarray | None
    size: tuple[int, int] | None = None


def read_folder(folder: Path, shape: tuple[int, int, int]) -> list[InputPicture]:
    """All images of a folder, by name, pictures fitted to the network's `shape` (C, H, W). Raises BoardError where there
    are none or one cannot be read.
    """
    try:
        files = sorted(
            p for p in folder.iterdir() if not p.name.endswith(MASK) and p.suffix.lower() in (".npy", *PICTURES)
        )
    except OSError as error:
        raise BoardError(f"the folder of images cannot be read: {error}", "give an existing folder") from error
    if not files:
        raise BoardError(
            f"there are no images in {folder}", f"put .npy files or pictures ({', '.join(PICTURES)}) there"
        )
    return [_read(file, shape) for file in files]


def _read(file: Path, shape: tuple[int, int, int]) -> InputPicture:
    try:
        size = None
        if file.suffix.lower() == ".npy":
            image = np.load(file, allow_pickle=False)
        else:
            image, size = _read_picture(file, shape)
        image = image[None] if image.ndim == 2 else image
        mask_file = file.with_name(file.stem + MASK)
        expected = np.load(mask_file, allow_pickle=False) if mask_file.is_file() else None
    except (OSError, ValueError, EOFError) as error:
        raise BoardError(f"{file} cannot be read: {error}") from error
    if image.ndim != 3 or not np.isfinite(image).all():
        raise BoardError(f"{file} holds no image (channels, height, width) of finite numbers")
    return InputPicture(file.stem, image.astype(np.float32), expected, size)


def _read_picture(file: Path, shape: tuple[int, int, int]) -> tuple[np.ndarray, tuple[int, int]]:
    try:
        from .pixels import MOST_PADDED_PIXELS, fitted_pixels, open_picture, padded_size, to_unit_range
    except ImportError as error:
        raise BoardError(f"Pillow is missing, which reads {file.name}", "pip install pillow, or use .npy") from error
    picture = open_picture(file)
    size = picture.height, picture.width
    if np.prod(padded_size(size, shape[1:])) > MOST_PADDED_PIXELS:
        raise ValueError(f"{size[0]}x{size[1]} pixels are too many in the network's proportions")
    return fitted_pixels(to_unit_range(picture, shape[0]), shape[1:]).astype(np.float32) / np.float32(255), size


def write_mask(file: Path, mask: np.ndarray, size: tuple[int, int] | None = None) -> None:
    """A mask as a grey picture (PGM), classes spread from black to white; laid over the picture of `size`, if given."""
    if size is not None and size != mask.shape:
        from .pixels import laid_back

        mask = laid_back(mask, size)
    height, width = mask.shape
    grey = (mask.astype(np.int64) * 255 // max(1, int(mask.max(initial=0)))).astype(np.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(f"P5 {width} {height} 255\n".encode() + grey.tobytes())
