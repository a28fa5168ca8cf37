# SPDX-License-Identifier: BSD-3-Clause
"""Volumes with masks, as slices; `VolumesConfig` has the layouts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantunet.config import ModelConfig
from quantunet.data.dicom_files import is_dicom, patient_groups
from quantunet.data.dicom_series import Series, files_of_series, read_series, read_series_mask
from quantunet.data.layout import matched_files
from quantunet.data.mask_values import Masks
from quantunet.data.pairs import Split
from quantunet.data.source import Findings, Sample, Source, split_sources
from quantunet.data.split import group_of
from quantunet.data.volume_files import SUFFIXES, Volume, oriented, read_volume, stem_of, upright, voxels_apart
from quantunet.data_config import VolumesConfig
from quantunet_common.dicom_file import SUFFIXES as DICOM_SUFFIXES
from quantunet_common.errors import UserError
from quantunet_common.pixels import limits, scaled

#: How far the corners of a mask may lie from those of its image, in voxels: headers are rounded.
_TOLERANCE = 0.5


def load_volumes(config: VolumesConfig, model: ModelConfig) -> Split:
    """Slices of all volumes, split by case.

    Each volume's grey values are scaled to 0..1 by `config.window`, or else by its own 0.5th and 99.5th
    percentile, each channel for itself; what lies outside is clipped.

    Raises:
        UserError: the layout is another, a volume or mask lacks its partner, is unreadable, of another
            size or place, or its channels are not the network's.
    """
    findings = Findings(Masks(config, config.path, "voxels"))
    reader = _Reader(config, model.in_channels, findings)
    files = matched_files(config, "volume", stem_of, (*SUFFIXES, *DICOM_SUFFIXES))
    first = {case: next(iter(_files(images[0])), images[0]) for case, (images, _) in files.items()}
    groups, notes = patient_groups(first, config)
    findings.notes.extend(notes)
    sources = [
        Source(
            case,
            groups.get(case, group_of(case, config.group_separator)),
            tuple(file for image in images for file in _files(image)),
            tuple(_files(mask)),
            lambda case=case, images=images, mask=mask: reader.slices(case, images, mask),  # type: ignore[misc]
        )
        for case, (images, mask) in files.items()
    ]
    return split_sources(sources, config, model, findings)


def _files(path: Path) -> list[Path]:
    """Of a volume: of a DICOM series all."""
    return files_of_series(path) if path.is_dir() else [path]


class _Reader:
    """Reads a case at a time."""

    def __init__(self, config: VolumesConfig, channels: int, findings: Findings) -> None:
        self._config = config
        self._channels = channels
        self._findings = findings

    def slices(self, case: str, images: tuple[Path, ...], mask_file: Path) -> Iterator[Sample]:
        """Raises:
        UserError: the case cannot be used.
        """
        series = [read_series(file) if file.is_dir() or is_dicom(file) else None for file in images]
        volumes = [read_volume(file) if one is None else one.volume for file, one in zip(images, series, strict=True)]
        mask = self._mask(case, mask_file, series[0])
        if any(series):  # converters of DICOM store rows in either order
            volumes, mask = [upright(volume) for volume in volumes], upright(mask)
        for file, volume in ((mask_file, mask), *zip(images[1:], volumes[1:], strict=True)):
            if volume.shape != volumes[0].shape:
                raise UserError(
                    f"has {_size(volume.shape)} voxels, {images[0].name} {_size(volumes[0].shape)}",
                    str(file),
                    "Resample the volumes of a case to one grid.",
                )
            apart = voxels_apart(volumes[0], volume)
            if apart > _TOLERANCE:
                raise UserError(
                    f"lies elsewhere than {images[0].name}, by up to {apart:.1f} voxels",
                    str(file),
                    "Resample the volumes of a case to one grid, or correct the headers.",
                )
        if mask.values.shape[3] != 1:
            raise UserError(f"has {mask.values.shape[3]} channels", str(mask_file), "Give a mask of one channel.")
        values = (
            np.concatenate([volume.values for volume in volumes], axis=3) if len(volumes) > 1 else volumes[0].values
        )
        if values.shape[3] != self._channels:
            raise UserError(
                f"{case} has {values.shape[3]} channel(s), the network takes {self._channels}",
                "model.in_channels",
                f"Use in_channels: {values.shape[3]}, or other data.images.",
            )
        affine = volumes[0].affine
        target, ignored = self._findings.masks.of_volume(mask.values[..., 0], mask_file)
        inside = oriented(target, affine)
        unknown = None if ignored is None else np.moveaxis(oriented(ignored, affine), self._config.axis, 0)
        in_range = [self._scaled(values[..., channel], case) for channel in range(self._channels)]
        grey = [oriented(channel, affine) for channel in in_range if channel is not None]
        flaw = None if len(grey) == self._channels else "one value throughout"
        if flaw:
            grey = [np.zeros(inside.shape, np.float32)]
        # Views, so that a slice is copied from memory as it lies: `take` would gather it voxel by voxel.
        sliced = [np.moveaxis(channel, self._config.axis, 0) for channel in grey]
        for index, marked in enumerate(np.moveaxis(inside, self._config.axis, 0)):
            picture = np.stack([channel[index] for channel in sliced])
            ignored = None if unknown is None else unknown[index]
            yield Sample(f"{case} slice {index}", picture, marked, flaw, ignored)

    def _mask(self, case: str, file: Path, image: Series | None) -> Volume:
        segment = self._config.segment
        if not file.is_dir() and not is_dicom(file):
            if segment is not None:
                raise UserError(
                    "is no DICOM segmentation, and data.segment names a segment", str(file), "Use data.labels."
                )
            return read_volume(file)
        mask = read_series_mask(file, image, segment)
        if mask.lacks_segment:
            self._findings.remark(f"without the segment {segment!r}, taken as nothing marked", "segmentation", case)
        if mask.strangers:
            self._findings.remark("with frames that lie on no slice of the image, left out", "segmentation", case)
        return mask.volume

    def _scaled(self, values: NDArray[np.float32], case: str) -> NDArray[np.float32] | None:
        """In 0..1; None if the volume has one value throughout. What is not finite is taken as the lowest."""
        finite = np.isfinite(values)
        if not finite.all():
            self._findings.notes.append(f"{int((~finite).sum())} voxels of {case} are not finite and became black")
        low, high = limits(values) if self._config.window is None else self._config.window
        return scaled(values, low, high) if low < high else None


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(str(length) for length in shape)
