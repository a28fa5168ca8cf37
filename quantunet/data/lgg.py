# SPDX-License-Identifier: BSD-3-Clause
"""LGG, brain MRI with glioma (kaggle_3m), as its archive unpacks; `LggConfig` has the layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from quantunet.config import ModelConfig
from quantunet.data.mask_values import Masks
from quantunet.data.pairs import Split
from quantunet.data.problems import Problems
from quantunet.data.source import Findings, Sample, Source, split_sources
from quantunet.data_config import LggConfig
from quantunet_common.errors import UserError

_NAME = re.compile(
    r"(?P<stem>(?P<patient>TCGA_[^_]+_[^_]+)(_.+)?_(?P<slice>\d+))(?P<mask>_mask)?\.tiff?", re.IGNORECASE
)
_CHANNEL = {"pre": 0, "flair": 1, "post": 2}


def load_lgg(config: LggConfig, model: ModelConfig) -> Split:
    """Slices with one or three MRI sequences, split by patient.

    Raises:
        UserError: the layout is another, a slice or mask lacks its partner, is unreadable or of another
            size, or the network takes neither 1 nor 3 channels.
    """
    if model.in_channels not in (1, 3):
        raise UserError(
            f"the slices have three channels, the network takes {model.in_channels}",
            "model.in_channels",
            "Use 3 for all, or 1 for data.sequence.",
        )
    findings = Findings(Masks(None, config.path))
    files = _files(config.path, findings)
    problems = Problems()
    sources = []
    for stem, (patient, _) in sorted(files.stems.items(), key=lambda item: (item[1], item[0])):
        image, mask = files.images.get(stem), files.masks.get(stem)
        if image is None or mask is None:
            lone = image or mask
            kind, lacks = ("masks without an image", "image") if image is None else ("images without a mask", "mask")
            fix = "Restore the files from the archive, or remove those without partner."
            problems.add(kind, UserError(f"has no {lacks}", str(lone), fix))
        else:
            sources.append(_source(stem, patient, image, mask, config, model, findings))
    problems.check(config.path)
    return split_sources(sources, config, model, findings)


class _Files:
    def __init__(self) -> None:
        #: Stem -> patient and number of the slice.
        self.stems: dict[str, tuple[str, int]] = {}
        self.images: dict[str, Path] = {}
        self.masks: dict[str, Path] = {}


def _files(path: Path, findings: Findings) -> _Files:
    if not path.is_dir():
        raise UserError("is not a folder", str(path), "Give the folder kaggle_3m that the archive unpacks to.")
    files = _Files()
    again, differing = 0, 0
    # The archive holds kaggle_3m and, below a folder of its own, kaggle_3m again: the least nested one counts.
    for file in sorted(path.rglob("*.[tT][iI][fF]*"), key=lambda file: (len(file.parts), file)):
        found = _NAME.fullmatch(file.name)
        if found is None:
            continue
        known = files.masks if found["mask"] else files.images
        if found["stem"] in known:
            again += 1
            differing += file.stat().st_size != known[found["stem"]].stat().st_size
            continue
        known[found["stem"]] = file
        files.stems[found["stem"]] = (found["patient"], int(found["slice"]))
    if not files.stems:
        raise UserError(
            "holds no file named like TCGA_CS_4941_19960909_1.tif",
            str(path),
            "Give the folder kaggle_3m that the archive unpacks to.",
        )
    if again:
        sizes = f", {differing} of them of another size than the first" if differing else ""
        findings.notes.append(f"{again} files ignored, whose names come a second time{sizes}")
    return files


def _source(
    stem: str, patient: str, image: Path, mask: Path, config: LggConfig, model: ModelConfig, findings: Findings
) -> Source:
    def read() -> Iterator[Sample]:
        pixels = findings.images.read(image, 3)
        if model.in_channels == 1:
            pixels = pixels[_CHANNEL[config.sequence]][None]
        yield Sample(stem, pixels, findings.masks.read(mask, pixels.shape[1:])[0])

    return Source(stem, patient, (image,), (mask,), read)
