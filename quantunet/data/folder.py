# SPDX-License-Identifier: BSD-3-Clause
"""Pictures with masks in files that Pillow reads, or in DICOM files; `FolderConfig` has the layouts.

`quantunet_common.pixels` says how pictures become grey or colours, `quantunet_common.dicom` how DICOM does,
`quantunet.data.mask_files` how masks are read, `quantunet.data.segmentations` those in DICOM.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from quantunet.config import FolderConfig, ModelConfig
from quantunet.data.dicom_files import is_dicom, patient_groups
from quantunet.data.dicom_pairs import DicomPairs, stacked
from quantunet.data.layout import matched_files
from quantunet.data.mask_values import Masks
from quantunet.data.pairs import Pairs, Split
from quantunet.data.pictures import ImageReader
from quantunet.data.source import Findings, Sample, Source, read_sources, split_sources
from quantunet.data.split import group_of
from quantunet_common.dicom_file import SUFFIXES as DICOM_SUFFIXES
from quantunet_common.dicom_file import name_without_suffix
from quantunet_common.errors import UserError
from quantunet_common.messages import printable
from quantunet_common.pixels import SUFFIXES

_LOG = logging.getLogger(__name__)


def load_folder(config: FolderConfig, model: ModelConfig) -> Split:
    """The folder's pairs, split by groups of cases.

    Raises:
        UserError: as `load_folder_pairs`, or there are too few groups.
    """
    findings = Findings(Masks(config, config.path), ImageReader(config.contrast))
    return split_sources(_sources(config, model, findings), config, model, findings)


def load_folder_pairs(config: FolderConfig, model: ModelConfig) -> Pairs:
    """All pairs of a folder, sorted by case, resized to the network's input (proportions kept, padded with
    0). How they were read, where that is not plain, is logged as warnings.

    Raises:
        UserError: images or masks are missing, unreadable, do not fit together, or what the masks mean is
            not known; or the values that the configuration names do not occur.
    """
    masks = Masks(config, config.path)
    findings = Findings(masks, ImageReader(config.contrast))
    pairs = read_sources(_sources(config, model, findings, are_split=False), model, config.path, findings)
    named = config.labels is not None or config.threshold is not None
    if named and not (pairs.masks == 1).any():
        raise UserError(
            f"no mask marks anything{masks.values_found()}",
            str(config.path),
            "Name the values of these masks (--labels).",
        )
    for note in findings.sentences():
        _LOG.warning(printable(f"{config.path}: {note}"))
    return pairs


def _sources(config: FolderConfig, model: ModelConfig, findings: Findings, *, are_split: bool = True) -> list[Source]:
    if len(config.images) not in (1, model.in_channels):
        raise UserError(
            f"data.images has {len(config.images)} patterns, one a channel, the network takes {model.in_channels}",
            "model.in_channels",
            f"Use in_channels: {len(config.images)}, or other data.images.",
        )
    files = matched_files(config, "image", _stem_of, (*SUFFIXES, *DICOM_SUFFIXES))
    first = {case: images[0] for case, (images, _) in files.items()}
    groups, notes = patient_groups(first, config, are_split=are_split)
    findings.notes.extend(notes)
    dicom = DicomPairs(config, model.in_channels, findings)

    def source(case: str, images: tuple[Path, ...], mask: Path) -> Source:
        def read() -> Iterator[Sample]:
            if dicom.concerns((*images, mask)):
                yield from dicom.samples(case, images, mask)
                return
            if len(images) == 1:
                pixels = findings.images.read(images[0], model.in_channels)
            else:
                pixels = stacked([findings.images.read(image, 1) for image in images], images)
            target, ignored = findings.masks.read(mask, (pixels.shape[1], pixels.shape[2]))
            yield Sample(case, pixels, target, ignored=ignored)

        return Source(case, groups.get(case, group_of(case, config.group_separator)), images, (mask,), read)

    return [source(case, *both) for case, both in files.items()]


def _stem_of(file: Path) -> str | None:
    if file.suffix.lower() in SUFFIXES:
        return None if file.is_dir() else file.stem
    return name_without_suffix(file) if is_dicom(file) else None
