# SPDX-License-Identifier: BSD-3-Clause
"""Pairs of the folder loader in which image or mask is DICOM: one sample a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantunet.config import FolderConfig
from quantunet.data.dicom_files import is_dicom, open_dicom, planes_of, values_of
from quantunet.data.mask_values import Marked
from quantunet.data.segmentations import read_segmentation
from quantunet.data.source import Findings, Sample
from quantunet_common.dicom_header import DicomHeader
from quantunet_common.errors import UserError

#: Of the frame with that index, which has that many rows and columns.
MaskOfFrame = Callable[[int, "tuple[int, int]"], Marked]


class DicomPairs:
    """Reads the cases of one data set."""

    def __init__(self, config: FolderConfig, channels: int, findings: Findings) -> None:
        self._config = config
        self._channels = channels
        self._findings = findings

    def concerns(self, files: tuple[Path, ...]) -> bool:
        """Whether the files of a case are to be read here."""
        return self._config.segment is not None or any(map(is_dicom, files))

    def samples(self, case: str, images: tuple[Path, ...], mask: Path) -> Iterator[Sample]:
        """Raises:
        UserError: the case cannot be used.
        """
        headers = [open_dicom(image) if is_dicom(image) else None for image in images]
        counts = [1 if header is None else header.frames for header in headers]
        for image, count in zip(images, counts, strict=True):
            if count != counts[0]:
                raise UserError(
                    f"has {count} frame(s), {images[0].name} {counts[0]}",
                    str(image),
                    "Give the channels of a case the same.",
                )
        channels = self._channels if len(images) == 1 else 1
        frames = [self._frames(*both, channels) for both in zip(images, headers, strict=True)]
        mask_of = self._mask(mask, case, headers[0], counts[0])
        for index in range(counts[0]):
            pixels = stacked([next(image) for image in frames], images)
            target, ignored = mask_of(index, (pixels.shape[1], pixels.shape[2]))
            yield Sample(case if counts[0] == 1 else f"{case} frame {index + 1}", pixels, target, ignored=ignored)

    def _frames(self, file: Path, header: DicomHeader | None, channels: int) -> Iterator[NDArray[np.float32]]:
        if header is None:
            yield self._findings.images.read(file, channels)
        else:
            yield from self._findings.images.dicom_frames(header, channels)

    def _mask(self, file: Path, case: str, image: DicomHeader | None, count: int) -> MaskOfFrame:
        masks, segment = self._findings.masks, self._config.segment
        header = open_dicom(file) if is_dicom(file) else None
        if segment is not None and (header is None or not header.is_segmentation):
            raise UserError("is no DICOM segmentation, and data.segment names a segment", str(file), "Use data.labels.")
        if header is None:
            if count != 1:
                raise UserError(
                    f"is one mask, its image has {count} frames",
                    str(file),
                    "Give masks of all frames, such as DICOM-SEG.",
                )
            return lambda index, like: masks.read(file, like)
        if header.is_segmentation:
            if image is None:
                raise UserError("is a DICOM segmentation, its image is not DICOM", str(file), "Write masks as PNG.")
            found = read_segmentation(header, planes_of(image), segment)
            if found.lacks_segment:
                self._findings.remark(f"without the segment {segment!r}, taken as nothing marked", "segmentation", case)
            return lambda index, like: masks.of_volume(found.values[index], file)
        if header.frames != count:
            raise UserError(
                f"has {header.frames} frame(s), its image {count}", str(file), "Give as many masks as frames."
            )
        values: Iterator[NDArray[Any]] = values_of(header)

        def following(index: int, like: tuple[int, int]) -> Marked:
            mask = next(values)
            if mask.shape != like:
                raise UserError(
                    f"the mask has {mask.shape[0]}x{mask.shape[1]} pixels, its image {like[0]}x{like[1]}",
                    str(file),
                    "Give the mask the size of its image.",
                )
            return masks.of_volume(mask, file)

        return following


def stacked(channels: list[NDArray[np.float32]], files: tuple[Path, ...]) -> NDArray[np.float32]:
    """The channels of one image, from a file each, CHW.

    Raises:
        UserError: they have different sizes.
    """
    for file, channel in zip(files, channels, strict=True):
        if channel.shape[1:] != channels[0].shape[1:]:
            raise UserError(
                f"has {channel.shape[1]}x{channel.shape[2]} pixels, {files[0].name} "
                f"{channels[0].shape[1]}x{channels[0].shape[2]}",
                str(file),
                "Give the channels of a case one size.",
            )
    return np.concatenate(channels)
