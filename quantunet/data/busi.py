# SPDX-License-Identifier: BSD-3-Clause
"""BUSI, breast ultrasound images with lesions, as its archive unpacks; `BusiConfig` has the layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from quantunet.config import ModelConfig
from quantunet.data.mask_values import Masks
from quantunet.data.pairs import Split
from quantunet.data.problems import Problems, listed
from quantunet.data.source import Findings, Sample, Source, split_sources
from quantunet.data_config import BusiConfig
from quantunet_common.errors import UserError

_FOLDER = "Dataset_BUSI_with_GT"
_ALL = ("benign", "malignant", "normal")
_NAME = re.compile(r"(?P<stem>.+?)(?P<mask>_mask(_\d+)?)?\.png", re.IGNORECASE)


def load_busi(config: BusiConfig, model: ModelConfig) -> Split:
    """Images in grey or RGB with the union of their masks, split image by image within each class.

    Images of benign and malignant lesions whose masks are empty are left out.

    Raises:
        UserError: the layout is another, an image or mask lacks its partner, is unreadable or of
            another size.
    """
    root = _root(config.path)
    findings, problems = Findings(Masks(None, config.path)), Problems()
    sources = [source for name in config.classes for source in _sources(root / name, name, model, findings, problems)]
    problems.check(config.path)
    return split_sources(sources, config, model, findings)


def _root(path: Path) -> Path:
    for root in (path, path / _FOLDER):
        if any((root / name).is_dir() for name in _ALL):
            return root
    what = "holds none of the folders benign, malignant, normal" if path.is_dir() else "is not a folder"
    raise UserError(what, str(path), f"Give the folder {_FOLDER} that the archive of BUSI unpacks to.")


def _sources(folder: Path, name: str, model: ModelConfig, findings: Findings, problems: Problems) -> Iterator[Source]:
    if not folder.is_dir():
        raise UserError(
            "is not a folder", str(folder), f"Restore it from the archive, or leave {name} out of data.classes."
        )
    images: dict[str, Path] = {}
    masks: dict[str, list[Path]] = {}
    others = []
    for file in sorted(folder.iterdir(), key=_natural):
        found = _NAME.fullmatch(file.name)
        if file.name.startswith("."):
            continue
        if found is None:
            others.append(f"{name}/{file.name}")
        elif found["mask"]:
            masks.setdefault(found["stem"], []).append(file)
        else:
            images[found["stem"]] = file
    if others:
        findings.notes.append(f"{len(others)} files are no images of BUSI and were ignored: {listed(others)}")
    for stem in sorted(images.keys() - masks.keys()):
        fix = "Restore the masks from the archive, or remove the images."
        problems.add("images without a mask", UserError("has no mask", str(images[stem]), fix))
    for stem in sorted(masks.keys() - images.keys()):
        fix = "Restore the images from the archive, or remove the masks."
        problems.add("masks without an image", UserError("has no image", str(masks[stem][0]), fix))
    for stem in (stem for stem in images if stem in masks):
        yield _source(f"{name}/{stem}", name, images[stem], tuple(masks[stem]), model, findings)


def _source(
    full: str, name: str, image: Path, masks: tuple[Path, ...], model: ModelConfig, findings: Findings
) -> Source:
    def read() -> Iterator[Sample]:
        pixels = findings.images.read(image, model.in_channels)
        inside = np.logical_or.reduce([findings.masks.read(mask, pixels.shape[1:])[0] for mask in masks])
        unmarked = name != "normal" and not inside.any()
        yield Sample(full, pixels, inside, "a lesion whose mask is empty" if unmarked else None)

    return Source(full, full, (image,), masks, read, group=name)


def _natural(file: Path) -> tuple[str | int, ...]:
    """`benign (2)` before `benign (10)`."""
    return tuple(int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", file.name))
