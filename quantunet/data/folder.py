"""A folder of image/mask pairs: ``images/<stem>.<any>`` and ``masks/<stem>.<any>``, read by Pillow.

Images become greyscale (1 channel) or RGB (3 channels); 16-bit greyscale is scaled from 0..65535. Masks are
greyscale with 0 and 255 (more than 127 is inside) or 0 and 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from quantunet.config import FolderConfig, ModelConfig
from quantunet.data.pairs import Pairs, Split, fitted_image, fitted_mask
from quantunet.errors import QuantUNetError

_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".pgm", ".ppm", ".webp"}


def load_folder(config: FolderConfig, model: ModelConfig) -> Split:
    """The folder's pairs as uint8 NCHW, split by groups of stems; a pair stays on its side when others are
    added.

    Raises:
        QuantUNetError: as `load_folder_pairs`, or there are fewer than two groups.
    """
    files = _matched(config.path)
    groups = sorted({_group(stem, config.group_separator) for stem in files}, key=_shuffled)
    if len(groups) < 2:
        raise QuantUNetError(
            f"{len(groups)} group(s) of images cannot be split into training and validation",
            str(config.path),
            "Add pairs, or change group_separator.",
        )
    count = min(max(1, round(len(groups) * config.validation_fraction)), len(groups) - 1)
    held_out = set(groups[:count])
    is_validation = {stem: _group(stem, config.group_separator) in held_out for stem in files}
    return Split(
        train=_read((stem for stem in files if not is_validation[stem]), files, model),
        validation=_read((stem for stem in files if is_validation[stem]), files, model),
    )


def load_folder_pairs(path: Path, model: ModelConfig) -> Pairs:
    """All pairs of a folder, sorted by stem, resized to the network's input (proportions kept, padded with
    0).

    Raises:
        QuantUNetError: a folder, an image or a mask is missing, unreadable, or two do not fit together.
    """
    files = _matched(path)
    return _read(files, files, model)


def _matched(path: Path) -> dict[str, tuple[Path, Path]]:
    """Stem -> image and mask file, sorted by stem."""
    images, masks = _by_stem(path / "images"), _by_stem(path / "masks")
    for stem in sorted(images.keys() ^ masks.keys()):
        here, other = ("image", "masks") if stem in images else ("mask", "images")
        raise QuantUNetError(
            f"{here} `{stem}` has no partner in {other}/",
            str(path),
            f"Add {other}/{stem}.png or remove the {here}.",
        )
    if not images:
        raise QuantUNetError("images/ holds no image", str(path), f"Add files of type {' '.join(sorted(_SUFFIXES))}.")
    return {stem: (images[stem], masks[stem]) for stem in sorted(images)}


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise QuantUNetError(
            "is not a folder",
            str(folder),
            "Give a folder that holds images/ and masks/ with the same file stems.",
        )
    found: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in _SUFFIXES or file.name.startswith("."):
            continue
        if file.stem in found:
            raise QuantUNetError(
                f"{found[file.stem].name} and {file.name} have one stem", str(folder), "Rename or remove one."
            )
        found[file.stem] = file
    return found


def _group(stem: str, separator: str | None) -> str:
    return stem.rpartition(separator)[0] or stem if separator else stem


def _shuffled(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def _read(stems: Iterable[str], files: dict[str, tuple[Path, Path]], model: ModelConfig) -> Pairs:
    images, masks, names = [], [], []
    for stem in stems:
        image_file, mask_file = files[stem]
        image, mask = _read_image(image_file, model.in_channels), _read_mask(mask_file)
        if image.shape[1:] != mask.shape:
            raise QuantUNetError(
                f"the mask has {_size(mask.shape)} pixels, its image {_size(image.shape[1:])}",
                str(mask_file),
                "Give the mask the size of its image.",
            )
        images.append(np.stack([fitted_image(channel, model.image_size) for channel in image]))
        masks.append(fitted_mask(mask, model.image_size)[None])
        names.append(stem)
    return Pairs(np.stack(images), np.stack(masks), tuple(names))


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]}x{shape[1]}"


def _open(file: Path) -> Image.Image:
    try:
        image = Image.open(file)
        image.load()
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise QuantUNetError(f"is not a readable image ({error})", str(file), "Replace or remove the file.") from error
    return image


def _read_image(file: Path, channels: int) -> NDArray[np.float32]:
    """CHW in 0..1."""
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


def _read_mask(file: Path) -> NDArray[np.bool_]:
    """HW."""
    image = _open(file)
    if image.mode.startswith("I;16"):
        grey = np.asarray(image).astype(np.int64)
        grey = grey // 257 if grey.max() > 255 else grey
    else:
        grey = np.asarray(image.convert("L"))
    largest = int(grey.max())
    if 1 < largest <= 127:
        raise QuantUNetError(
            f"is no mask of 0 and 255 (or 0 and 1): its largest value is {largest}",
            str(file),
            "Write masks with 255 inside and 0 outside.",
        )
    return grey > (127 if largest > 1 else 0)
