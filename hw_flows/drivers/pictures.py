"""Folders of images and masks. numpy only; other picture formats where Pillow is installed.

An image is a `.npy` file, float32 (C, H, W) in the range that the network was trained on, or a grey or colour picture,
whose pixels 0 to 255 become 0 to 1. Its expected mask, where there is one, lies beside it as `<name>.mask.npy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import BoardError

PICTURES = (".png", ".pgm", ".ppm", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg")
#: Pillow goes by what is in a file, and would hand PostScript to Ghostscript.
FORMATS = ("PNG", "PPM", "BMP", "TIFF", "JPEG")
MASK = ".mask.npy"


@dataclass(frozen=True)
class Picture:
    """An image float32 (C, H, W), and its expected mask (H, W) if there is one."""

    name: str
    image: np.ndarray
    expected: np.ndarray | None


def read_folder(folder: Path, channels: int) -> list[Picture]:
    """All images of a folder, by name. Raises BoardError where there are none or one cannot be read."""
    try:
        files = sorted(p for p in folder.iterdir() if not p.name.endswith(MASK) and p.suffix in (".npy", *PICTURES))
    except OSError as error:
        raise BoardError(f"the folder of images cannot be read: {error}", "give an existing folder") from error
    if not files:
        raise BoardError(
            f"there are no images in {folder}", f"put .npy files or pictures ({', '.join(PICTURES)}) there"
        )
    return [_read(file, channels) for file in files]


def _read(file: Path, channels: int) -> Picture:
    try:
        image = np.load(file, allow_pickle=False) if file.suffix == ".npy" else _read_picture(file, channels)
        image = image[None] if image.ndim == 2 else image
        mask_file = file.with_name(file.stem + MASK)
        expected = np.load(mask_file, allow_pickle=False) if mask_file.is_file() else None
    except (OSError, ValueError, EOFError) as error:
        raise BoardError(f"{file} cannot be read: {error}") from error
    if image.ndim != 3 or not np.isfinite(image).all():
        raise BoardError(f"{file} holds no image (channels, height, width) of finite numbers")
    return Picture(file.stem, image.astype(np.float32), expected)


def _read_picture(file: Path, channels: int) -> np.ndarray:
    try:
        from PIL import Image
    except ImportError as error:
        raise BoardError(f"Pillow is missing, which reads {file.name}", "pip install pillow, or use .npy") from error
    pixels = np.asarray(Image.open(file, formats=FORMATS).convert("L" if channels == 1 else "RGB"), np.float32) / 255
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)


def write_mask(file: Path, mask: np.ndarray) -> None:
    """A mask as a grey picture (PGM), classes spread from black to white."""
    height, width = mask.shape
    grey = (mask.astype(np.int64) * 255 // max(1, int(mask.max(initial=0)))).astype(np.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(f"P5 {width} {height} 255\n".encode() + grey.tobytes())
