# SPDX-License-Identifier: BSD-3-Clause
"""Folders of images and masks. numpy only; other picture formats where Pillow is installed, DICOM where pydicom is too.

An image is a `.npy` file, float32 (C, H, W) in the range that the network was trained on, or a grey or colour picture.
Pictures become k/255 as in training: 8 bits as they are, deeper grey scaled by its own percentiles, fitted to the
network's size with zeros around them. Of a DICOM file every frame is an image, by the window that the file states (see
`dicom`). An image's expected mask, where there is one, lies beside it as `<name>.mask.npy`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import BoardError

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".pgm", ".ppm", ".webp")
#: And files of any other name that have the mark of DICOM.
DICOM = (".dcm", ".dicom")
MASK = ".mask.npy"


@dataclass(frozen=True)
class InputPicture:
    """An image float32 (C, H, W), and its expected mask (H, W) if there is one. `name`: of the file, with the number of the
    frame where the file has several (`scan_0001`).

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
        files = sorted(p for p in folder.iterdir() if not p.name.endswith(MASK) and not p.name.startswith("."))
        kinds = {file: _reader(file) for file in files}
    except OSError as error:
        raise BoardError(f"the folder of images cannot be read: {error}", "give an existing folder") from error
    images = [image for file, read in kinds.items() if read is not None for image in _read(file, read, shape)]
    if not images:
        raise BoardError(
            f"there are no images in {folder}",
            f"put .npy files, pictures ({', '.join(PICTURES)}) or DICOM files there",
        )
    return images


Image = tuple[np.ndarray, "tuple[int, int] | None"]
Reader = Callable[[Path, "tuple[int, int, int]"], "list[Image]"]


def _reader(file: Path) -> Reader | None:
    """What reads a file; None where it is no image."""
    suffix = file.suffix.lower()
    if suffix == ".npy":
        return _read_array
    if suffix in PICTURES:
        return _read_picture
    return _read_dicom if _is_dicom(file) else None


def _is_dicom(file: Path) -> bool:
    """By its suffix or, for any other name, by its mark; `dicom` says the same where it can be imported."""
    if file.name == "DICOMDIR" or not file.is_file():
        return False
    if file.suffix.lower() in DICOM:
        return True
    with file.open("rb") as opened:
        return opened.read(132)[128:] == b"DICM"


def _read(file: Path, read: Reader, shape: tuple[int, int, int]) -> list[InputPicture]:
    try:
        images = read(file, shape)
        stem = file.stem if file.suffix.lower() in (".npy", *PICTURES, *DICOM) else file.name
        names = [stem] if len(images) == 1 else [f"{stem}_{number:04d}" for number in range(1, len(images) + 1)]
        masks = [file.with_name(name + MASK) for name in names]
        expected = [np.load(mask, allow_pickle=False) if mask.is_file() else None for mask in masks]
    except (OSError, ValueError, EOFError) as error:
        raise BoardError(f"{file} cannot be read: {error}", getattr(error, "fix", "")) from error
    found = []
    for name, (image, size), mask in zip(names, images, expected, strict=True):
        if image.ndim != 3 or not np.isfinite(image).all():
            raise BoardError(f"{file} holds no image (channels, height, width) of finite numbers")
        found.append(InputPicture(name, image.astype(np.float32), mask, size))
    return found


def _read_array(file: Path, shape: tuple[int, int, int]) -> list[Image]:
    image = np.load(file, allow_pickle=False)
    return [(image[None] if image.ndim == 2 else image, None)]


def _read_picture(file: Path, shape: tuple[int, int, int]) -> list[Image]:
    try:
        from .pixels import open_picture, to_unit_range
    except ImportError as error:
        raise BoardError(f"Pillow is missing, which reads {file.name}", "pip install pillow, or use .npy") from error
    return [_fitted(to_unit_range(open_picture(file), shape[0]), shape)]


def _read_dicom(file: Path, shape: tuple[int, int, int]) -> list[Image]:
    try:
        import pydicom.pixels  # noqa: F401  pydicom 2 has no such module

        from .dicom import unit_frames
    except ImportError as error:
        raise BoardError(
            f"pydicom 3 or Pillow is missing, which read {file.name}",
            "pip install 'pydicom>=3' pillow, or write the images as PNG or .npy elsewhere",
        ) from error
    return [_fitted(frame, shape) for frame in unit_frames(file, shape[0])]


def _fitted(picture: np.ndarray, shape: tuple[int, int, int]) -> Image:
    """A picture (C, H, W) in 0..1 as the network takes it, and the size that it had."""
    from .pixels import MOST_PADDED_PIXELS, fitted_pixels, padded_size

    size = picture.shape[1], picture.shape[2]
    if np.prod(padded_size(size, shape[1:])) > MOST_PADDED_PIXELS:
        raise ValueError(f"{size[0]}x{size[1]} pixels are too many in the network's proportions")
    return fitted_pixels(picture, shape[1:]).astype(np.float32) / np.float32(255), size


def write_mask(file: Path, mask: np.ndarray, size: tuple[int, int] | None = None) -> None:
    """A mask as a grey picture (PGM), classes spread from black to white; laid over the picture of `size`, if given."""
    if size is not None and size != mask.shape:
        from .pixels import laid_back

        mask = laid_back(mask, size)
    height, width = mask.shape
    grey = (mask.astype(np.int64) * 255 // max(1, int(mask.max(initial=0)))).astype(np.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(f"P5 {width} {height} 255\n".encode() + grey.tobytes())
