"""A folder of image/mask pairs: ``images/<stem>.<any>`` and ``masks/<stem>.<any>``, read by Pillow.

Images become greyscale (1 channel) or RGB (3 channels); 16-bit greyscale is scaled from 0..65535. Masks are
greyscale with 0 and 255 (more than 127 is inside) or 0 and 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from quantunet.config import FolderConfig, ModelConfig
from quantunet.data.pairs import Pairs, Split
from quantunet.data.pictures import SUFFIXES, read_image, read_mask
from quantunet.data.problems import Problems
from quantunet.data.source import Findings, Picture, Source, read_sources, split_sources
from quantunet.data.split import group_of
from quantunet.errors import QuantUNetError


def load_folder(config: FolderConfig, model: ModelConfig) -> Split:
    """The folder's pairs, split by groups of stems.

    Raises:
        QuantUNetError: as `load_folder_pairs`, or there are too few groups.
    """
    return split_sources(_sources(config.path, model, config.group_separator), config, model, Findings())


def load_folder_pairs(path: Path, model: ModelConfig) -> Pairs:
    """All pairs of a folder, sorted by stem, resized to the network's input (proportions kept, padded with
    0).

    Raises:
        QuantUNetError: a folder, images or masks are missing, unreadable, or do not fit together.
    """
    return read_sources(_sources(path, model, None), model, path)


def _sources(path: Path, model: ModelConfig, separator: str | None) -> list[Source]:
    def source(stem: str, image: Path, mask: Path) -> Source:
        def read() -> Iterator[Picture]:
            pixels = read_image(image, model.in_channels)
            yield Picture(stem, pixels, read_mask(mask, pixels.shape[1:]))

        return Source(stem, group_of(stem, separator), (image,), (mask,), read)

    return [source(stem, *files) for stem, files in _matched(path).items()]


def _matched(path: Path) -> dict[str, tuple[Path, Path]]:
    """Stem -> image and mask file, sorted by stem."""
    images, masks = _by_stem(path / "images"), _by_stem(path / "masks")
    problems = Problems()
    for stem in sorted(images.keys() ^ masks.keys()):
        here, other = ("image", "masks") if stem in images else ("mask", "images")
        kind = "images without a mask" if stem in images else "masks without an image"
        problems.add(
            kind,
            QuantUNetError(
                f"{here} `{stem}` has no partner in {other}/",
                str(path),
                f"Add {other}/{stem}.png or remove the {here}.",
            ),
        )
    problems.check(path)
    if not images:
        raise QuantUNetError("images/ holds no image", str(path), f"Add files of type {' '.join(sorted(SUFFIXES))}.")
    return {stem: (images[stem], masks[stem]) for stem in sorted(images)}


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise QuantUNetError(
            "is not a folder",
            str(folder),
            "Give a folder that holds images/ and masks/ with the same file stems, or another data.kind.",
        )
    found: dict[str, Path] = {}
    problems = Problems()
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in SUFFIXES or file.name.startswith("."):
            continue
        if file.stem in found:
            names = f"{found[file.stem].name} and {file.name} have one stem"
            problems.add("files of one stem", QuantUNetError(names, str(folder), "Rename or remove one."))
        found[file.stem] = file
    problems.check(folder)
    return found
