# SPDX-License-Identifier: BSD-3-Clause
"""DICOM series as volumes: a folder with a file for each slice, or one file of several frames, and masks of them.

Slices lie in the order of their positions; where these are not stated, of their instance numbers, or of frames in a file.
Values are those that the file states (Hounsfield units for CT), whatever its window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantunet.data.dicom_files import Planes, is_dicom, open_dicom, planes_of, values_of
from quantunet.data.problems import listed
from quantunet.data.segmentations import read_segmentation
from quantunet.data.volume_files import MOST_VOXELS, Volume
from quantunet_common.dicom_header import DicomHeader
from quantunet_common.errors import UserError

#: Planes nearer than this, in mm, lie at one place.
_APART = 1e-3


@dataclass(frozen=True)
class Series:
    """A volume [columns, rows, slices, 1] and its slices, in one order."""

    volume: Volume
    planes: Planes


@dataclass(frozen=True)
class SeriesMask:
    """See `quantunet.data.segmentations.SegmentedPlanes`."""

    volume: Volume
    lacks_segment: bool = False
    strangers: int = 0


def files_of_series(path: Path) -> list[Path]:
    """The DICOM files directly in a folder, by name; of a file: itself, if it is one."""
    if not path.is_dir():
        return [path] if is_dicom(path) else []
    try:
        return sorted(file for file in path.iterdir() if not file.name.startswith(".") and is_dicom(file))
    except OSError as error:
        raise UserError(
            f"the folder cannot be read ({error.strerror})", str(path), "Check that you may read it."
        ) from error


def read_series(path: Path) -> Series:
    """The volume of a folder or file.

    Raises:
        UserError: files are unreadable, of several series, sizes or directions, in one place, or in colours.
    """
    headers = _headers(path)
    if any(header.is_segmentation for header in headers):
        raise UserError("is a segmentation, where images should be", str(path), "Exchange images and mask.")
    parts = [planes_of(header) for header in headers]
    first = parts[0]
    for header, part in zip(headers, parts, strict=True):
        if (part.rows, part.columns) != (first.rows, first.columns):
            raise UserError(
                f"has {part.rows}x{part.columns} pixels, {headers[0].file.name} {first.rows}x{first.columns}",
                str(header.file),
                "Give a series a folder of its own, without its scout images.",
            )
        if header.text("SeriesInstanceUID") != headers[0].text("SeriesInstanceUID"):
            raise UserError(
                f"is of another series than {headers[0].file.name}",
                str(header.file),
                "Give each series a folder of its own.",
            )
    planes = replace(first, planes=tuple(plane for part in parts for plane in part.planes), directions=_common(parts))
    count = len(planes.planes)
    if count * planes.rows * planes.columns > MOST_VOXELS:
        raise UserError(
            f"has {planes.columns}x{planes.rows}x{count} voxels, more than {MOST_VOXELS:,}",
            str(path),
            "Give smaller volumes.",
        )
    order = _order(path, headers, planes)
    places = np.empty(count, np.int64)
    places[order] = np.arange(count)
    values = np.empty((count, planes.rows, planes.columns), np.float32)
    number = 0
    for header in headers:
        for pixels in values_of(header):
            values[places[number]] = pixels
            number += 1
    planes = replace(planes, planes=tuple(planes.planes[index] for index in order))
    return Series(Volume(values.transpose(2, 1, 0)[..., None], _affine(planes)), planes)


def read_series_mask(path: Path, image: Series | None, segment: int | str | None) -> SeriesMask:
    """The mask of a series `image` (None: of another kind of volume): a segmentation, or a series of its own with the mask
    as its values.

    Raises:
        UserError: it cannot be used.
    """
    files = files_of_series(path)
    header = open_dicom(files[0]) if len(files) == 1 else None
    if header is None or not header.is_segmentation:
        if segment is not None:
            raise UserError("is no DICOM segmentation, and data.segment names a segment", str(path), "Use data.labels.")
        return SeriesMask(read_series(path).volume)
    if image is None:
        raise UserError(
            "is a DICOM segmentation, its image is not DICOM",
            str(path),
            "Write masks as NIfTI, or give the DICOM series.",
        )
    found = read_segmentation(header, image.planes, segment)
    values = found.values.astype(np.float32).transpose(2, 1, 0)[..., None]
    return SeriesMask(Volume(values, image.volume.affine), found.lacks_segment, found.strangers)


def _headers(path: Path) -> list[DicomHeader]:
    files = files_of_series(path)
    if not files:
        raise UserError("holds no DICOM file", str(path), "Give a folder with the files of one series.")
    return [open_dicom(file) for file in files]


def _common(parts: Sequence[Planes]) -> NDArray[np.float64] | None:
    first = parts[0].directions
    alike = first is not None and all(
        part.directions is not None and np.allclose(first, part.directions, atol=1e-3) for part in parts
    )
    return first if alike else None


def _order(path: Path, headers: Sequence[DicomHeader], planes: Planes) -> NDArray[np.int64]:
    positions = [plane.position for plane in planes.planes if plane.position is not None]
    if len(positions) == len(planes.planes):
        if planes.directions is None:
            raise UserError(
                "its slices do not lie in parallel",
                str(path),
                "Give each series a folder of its own, without its scout images.",
            )
        heights = np.array(positions) @ np.cross(*planes.directions)
        order = np.argsort(heights, kind="stable")
        twice = np.flatnonzero(np.diff(heights[order]) < _APART)
        if len(twice):
            names = [header.file.name for header in headers for _ in range(header.frames)]
            both = [names[order[twice[0]]], names[order[twice[0] + 1]]]
            raise UserError(
                f"several slices lie at one place ({listed(both)})",
                str(path),
                "Give each time, echo or copy of a series a folder of its own.",
            )
        return order
    if len(headers) == 1:
        return np.arange(len(planes.planes))
    numbers = [header.number_of_frame(0, "", "InstanceNumber") for header in headers]
    known = [number for number in numbers if number is not None]
    if any(header.frames > 1 for header in headers) or len(set(known)) < len(headers):
        raise UserError(
            "its slices say neither where they lie nor which follows which",
            str(path),
            "Give images with ImagePositionPatient or InstanceNumber, or one file of several frames.",
        )
    return np.argsort(np.array(known), kind="stable")


def _affine(planes: Planes) -> NDArray[np.float64] | None:
    """From voxel (column, row, slice) to millimetres, right, anterior and superior."""
    first, last = planes.planes[0].position, planes.planes[-1].position
    if planes.directions is None or planes.spacing is None or first is None or last is None:
        return None
    row, column = planes.directions
    count = len(planes.planes)
    affine = np.eye(4)
    affine[:3, 0] = row * planes.spacing[1]
    affine[:3, 1] = column * planes.spacing[0]
    affine[:3, 2] = (last - first) / (count - 1) if count > 1 else np.cross(row, column)
    affine[:3, 3] = first
    return np.asarray(np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine)
