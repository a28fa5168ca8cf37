# SPDX-License-Identifier: BSD-3-Clause
"""From what lies on the disk to a split: every data set of several cases goes through here.

A loader lists its sources without opening them; here they are rid of duplicates, split by case, read one
after another, fitted to the network's input and stored with 8 bits a pixel.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantunet.config import ModelConfig
from quantunet.data.mask_values import Masks
from quantunet.data.pairs import Pairs, Split
from quantunet.data.pictures import ImageReader
from quantunet.data.problems import Problems, listed, several
from quantunet.data.resize import fitted
from quantunet.data.split import Part, numbers_of, split_cases
from quantunet.data.store import PictureStore
from quantunet.data_config import CaseSplit
from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file
from quantunet_common.pixels import MOST_PADDED_PIXELS, padded_size


@dataclass(frozen=True)
class Sample:
    """One image, CHW in 0..1, with its mask HW and where that says nothing. With a `flaw` it is not used, and the flaw
    is reported.
    """

    name: str
    image: NDArray[np.float32]
    mask: NDArray[np.bool_]
    flaw: str | None = None
    ignored: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Source:
    """What is read at once: an image with its mask or masks, or a volume with its slices.

    `read` raises UserError where the files cannot be used. Sources of one `case` stay together, those
    of each `group` are split in the same proportions.
    """

    name: str
    case: str
    images: tuple[Path, ...]
    masks: tuple[Path, ...]
    read: Callable[[], Iterable[Sample]]
    group: str = ""


@dataclass
class Findings:
    """What the files of a data set hold: how its images and masks are read, and what was left out and why."""

    masks: Masks
    images: ImageReader = field(default_factory=ImageReader)
    notes: list[str] = field(default_factory=list)
    _flaws: dict[str, list[str]] = field(default_factory=dict)
    _remarks: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def remark(self, what: str, noun: str, name: str) -> None:
        """What is told of something that was used, `noun` in the singular."""
        self._remarks.setdefault((noun, what), []).append(name)

    def add(self, flaw: str, name: str) -> None:
        self._flaws.setdefault(flaw, []).append(name)

    def sentences(self) -> tuple[str, ...]:
        flaws = (f"{len(names)} skipped, {flaw}: {listed(names)}" for flaw, names in self._flaws.items())
        return (*self.images.notes(), *self.masks.notes(), *self.notes, *self.remarks(), *flaws)

    def remarks(self) -> list[str]:
        return [f"{several(len(names), noun)} {what}: {listed(names)}" for (noun, what), names in self._remarks.items()]


def split_sources(
    sources: Sequence[Source],
    settings: CaseSplit,
    model: ModelConfig,
    findings: Findings,
) -> Split:
    """Read `sources` into the parts of a split.

    Raises:
        UserError: sources cannot be read (all that cannot are named together), what the masks mean is not known,
            there are too few cases, a part is left without images, or the training without anything marked.
    """
    where = settings.path
    sources = _without_duplicates(sources, findings)
    parts = split_cases({source.case: source.group for source in sources}, settings)
    left_out = sorted({source.case for source in sources if source.case not in parts}, key=numbers_of)
    if left_out:
        findings.notes.append(f"{len(left_out)} cases left out between the blocks of the split: {listed(left_out)}")
        sources = [source for source in sources if source.case in parts]
    names: list[Part] = ["train", "validation"]
    if settings.test_fraction:
        names.append("test")
    shape = (model.in_channels, *model.image_size)
    stores = {part: PictureStore(shape, settings.memory_mib * 2**20) for part in names}
    try:
        skip_empty = settings.empty_masks == "skip"
        for source, picture in _pictures(sources, where, findings, skip_empty, model.image_size):
            image, mask = fitted(picture.image, picture.mask, model.image_size, picture.ignored)
            if picture.mask.any() and not (mask == 1).any():
                findings.add(f"the mask vanishes at {model.image_size[0]}x{model.image_size[1]} pixels", picture.name)
                continue
            stores[parts[source.case]].add(picture.name, image, mask, source.case)
        for part, store in stores.items():
            if not len(store):
                raise UserError(
                    f"nothing is left for the {part} part ({'; '.join(findings.sentences()) or 'no image'})",
                    str(where),
                    "Use another split_seed or fraction, or empty_masks: keep.",
                )
    except BaseException:
        for store in stores.values():
            store.discard()
        raise
    pairs = {part: store.pairs() for part, store in stores.items()}
    if not (pairs["train"].masks == 1).any():
        raise UserError(
            "; ".join(
                ["no mask of the training part marks anything" + findings.masks.values_found(), *findings.remarks()]
            ),
            str(where),
            "Check that the masks are those of the images; a network cannot learn from empty ones.",
        )
    return Split(pairs["train"], pairs["validation"], pairs.get("test"), findings.sentences())


def read_sources(sources: Sequence[Source], model: ModelConfig, where: Path, findings: Findings) -> Pairs:
    """All pairs of `sources`, in their order.

    Raises:
        UserError: sources cannot be read (all that cannot are named together), or what the masks mean is not known.
    """
    store = PictureStore((model.in_channels, *model.image_size), CaseSplit(path=where).memory_mib * 2**20)
    try:
        for source, picture in _pictures(sources, where, findings, False, model.image_size):
            image, mask = fitted(picture.image, picture.mask, model.image_size, picture.ignored)
            store.add(picture.name, image, mask, source.case)
    except BaseException:
        store.discard()
        raise
    return store.pairs()


def _pictures(
    sources: Iterable[Source], where: Path, findings: Findings, skip_empty: bool, size: tuple[int, int]
) -> Iterator[tuple[Source, Sample]]:
    problems = Problems()
    for source in sources:
        try:
            for picture in source.read():
                height, width = padded_size(picture.mask.shape, size)
                if height * width > MOST_PADDED_PIXELS:
                    raise UserError(
                        f"{picture.name} would have {height}x{width} pixels in the network's proportions",
                        str(source.images[0]),
                        "Give images of fewer pixels, or with proportions nearer to the network's.",
                    )
                if picture.flaw is not None:
                    findings.add(picture.flaw, picture.name)
                    continue
                findings.masks.saw(picture.mask)
                if skip_empty and not picture.mask.any():
                    findings.add("nothing is marked", picture.name)
                else:
                    yield source, picture
        except UserError as error:
            if error.where.startswith("model."):  # the network's fault, the same for all
                raise
            problems.add("unusable files", error)
    try:
        findings.masks.check()
    except UserError as error:
        problems.add("question about the masks", error)
    problems.check(where)


def _without_duplicates(sources: Sequence[Source], findings: Findings) -> list[Source]:
    """The first of all whose image files have the same bytes: a copy could lie in another part."""
    kept: dict[bytes, Source] = {}
    copies: list[str] = []
    differing: list[str] = []
    for source in sources:
        first = kept.setdefault(_digest(source.images), source)
        if first is source:
            continue
        copies.append(f"{source.name} = {first.name}")
        if _digest(source.masks) != _digest(first.masks):
            differing.append(source.name)
    if copies:
        findings.notes.append(f"{len(copies)} skipped, copies of another image: {listed(copies)}")
    if differing:
        findings.notes.append(f"{len(differing)} of these copies have another mask than the first: {listed(differing)}")
    return list(kept.values())


def _digest(files: Iterable[Path]) -> bytes:
    hashes = hashlib.sha256()
    for path in files:
        try:
            require_input_file(path)
            with path.open("rb") as file:
                hashes.update(hashlib.file_digest(file, "sha256").digest())
        except (OSError, UserError):  # reading the source says what is wrong with it
            hashes.update(os.fsencode(path))
    return hashes.digest()
