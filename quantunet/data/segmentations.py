# SPDX-License-Identifier: BSD-3-Clause
"""Masks in DICOM segmentation objects (DICOM-SEG): frames of segments, laid on the images that they are of.

A frame finds its image by where it lies, if image and segmentation say so, else by the image and frame that it refers to,
else, where there are as many frames as images, by its number. Labels of segments are compared, never told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantunet.data.dicom_files import Planes, planes_of, stored_of
from quantunet.data.problems import listed
from quantunet_common.dicom_file import quiet
from quantunet_common.dicom_header import DicomHeader
from quantunet_common.errors import UserError

#: Of whole masks, as for volumes.
MOST_VOXELS = 2**28


@dataclass(frozen=True)
class SegmentedPlanes:
    """Masks SHW, one for each plane of the image: 0 and 1 (or shares, as stored, of a fractional segmentation) of the
    segment that was asked for, or the numbers of all. `lacks_segment`: the file has no such segment. `strangers` is the number
    of frames that lie on none of the planes.
    """

    values: NDArray[np.integer[Any]]
    lacks_segment: bool
    strangers: int


def read_segmentation(header: DicomHeader, planes: Planes, segment: int | str | None) -> SegmentedPlanes:
    """The masks of `planes`.

    Args:
        segment: number or label; None for the numbers of all.

    Raises:
        UserError: it is damaged, of another size or place, of other images, or its segments overlap.
    """
    file = str(header.file)
    shape = len(planes.planes), planes.rows, planes.columns
    if (header.rows, header.columns) != shape[1:]:
        raise UserError(
            f"the segmentation has {header.rows}x{header.columns} pixels, its image {shape[1]}x{shape[2]}",
            file,
            "Give the segmentation the size of its image.",
        )
    if shape[0] * shape[1] * shape[2] > MOST_VOXELS:
        raise UserError(
            f"has {'x'.join(map(str, shape))} voxels, more than {MOST_VOXELS:,}", file, "Give smaller ones."
        )
    kind = header.text("SegmentationType")
    if kind not in ("BINARY", "FRACTIONAL", "LABELMAP"):
        raise UserError(
            "is a segmentation of a kind that is not read", file, "Write a binary one, or masks as PNG or NIfTI."
        )
    known = _labels(header)
    wanted = _wanted(known, segment)
    if kind == "FRACTIONAL" and segment is None and len(wanted) > 1:
        raise UserError(
            f"has shares of several segments ({_shown(wanted)})",
            file,
            "Name one: data.segment (--segment), a number or label.",
        )
    places = _places(header, planes, kind)
    if all(place is None for place in places):
        raise UserError(
            "the segmentation lies on none of the planes of its image, or refers to other images",
            file,
            "Give each image its own segmentation.",
        )
    deep = header.bits_allocated > 8 or max(wanted, default=0) > 255
    values = np.zeros(shape, np.uint16 if deep else np.uint8)
    for number, pixels in enumerate(stored_of(header)):
        place = places[number]
        if place is None:
            continue
        if kind == "LABELMAP":
            values[place] = pixels if segment is None else np.isin(pixels, list(wanted))
            continue
        owner = _segment_of(header, number)
        if owner not in known:
            raise UserError(
                f"frame {number + 1} is of a segment that it does not list",
                file,
                "Replace the file, or write masks as PNG.",
            )
        if owner not in wanted:
            continue
        marked = pixels if kind == "FRACTIONAL" or segment is not None else pixels * values.dtype.type(owner)
        if segment is None and ((values[place] > 0) & (pixels > 0)).any():
            raise UserError(
                f"its segments ({_shown(wanted)}) overlap",
                file,
                "Name one: data.segment (--segment), a number or label.",
            )
        np.maximum(values[place], marked, out=values[place])
    return SegmentedPlanes(values, segment is not None and not wanted, sum(place is None for place in places))


def _labels(header: DicomHeader) -> dict[int, str]:
    """Number of each segment -> its label, as it is compared."""
    try:
        with quiet():
            labels = {
                int(item.SegmentNumber): _plain(str(item.get("SegmentLabel") or ""))
                for item in header.data.get("SegmentSequence") or ()
            }
    except Exception:  # elements may be damaged in many ways
        labels = {}
    if not labels or not all(0 <= number < 2**16 for number in labels):
        raise UserError(
            "does not tell its segments (SegmentSequence)", str(header.file), "Replace the file, or write masks as PNG."
        )
    return labels


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()


def _wanted(labels: dict[int, str], segment: int | str | None) -> set[int]:
    """Numbers of the segments that are asked for."""
    if segment is None:
        return set(labels)
    return {number for number, label in labels.items() if segment == number or _plain(str(segment)) == label != ""}


def _segment_of(header: DicomHeader, frame: int) -> int | None:
    number = header.number_of_frame(frame, "SegmentIdentificationSequence", "ReferencedSegmentNumber")
    return None if number is None else int(number)


def _places(header: DicomHeader, planes: Planes, kind: str) -> list[int | None]:
    """The index of the plane on which each frame lies; None where it is none of them."""
    own = planes_of(header)
    if _are_placed(own) and _are_placed(planes):
        return _by_position(header, own, planes)
    sources = [_source_of(header, frame) for frame in range(header.frames)]
    if all(source is not None for source in sources):
        known = {(plane.instance, plane.frame): index for index, plane in enumerate(planes.planes)}
        return [known.get(source) for source in sources if source is not None]
    owners = [0 if kind == "LABELMAP" else _segment_of(header, frame) for frame in range(header.frames)]
    numbers: Counter[int | None] = Counter()
    places: list[int | None] = []
    for owner in owners:
        places.append(numbers[owner])
        numbers[owner] += 1
    if set(numbers.values()) != {len(planes.planes)}:
        raise UserError(
            f"its frames do not say which of {len(planes.planes)} image(s) they are of",
            str(header.file),
            "Write a segmentation that refers to its images or says where its frames lie.",
        )
    return places


def _are_placed(planes: Planes) -> bool:
    return planes.directions is not None and all(plane.position is not None for plane in planes.planes)


def _by_position(header: DicomHeader, own: Planes, planes: Planes) -> list[int | None]:
    assert own.directions is not None and planes.directions is not None
    if not np.allclose(own.directions, planes.directions, atol=1e-2):
        raise UserError(
            "the planes of the segmentation are turned against those of its image",
            str(header.file),
            "Resample the segmentation to the planes of its image.",
        )
    normal = np.cross(*planes.directions)
    there = np.array([plane.position for plane in planes.planes])
    heights = there @ normal
    gaps = np.diff(np.sort(heights))
    least = float(gaps[gaps > 1e-3].min()) if (gaps > 1e-3).any() else 1.0
    rows, columns = planes.spacing or (1.0, 1.0)
    places: list[int | None] = []
    for plane in own.planes:
        offset = np.asarray(plane.position) - there
        nearest = int(np.abs(offset @ normal).argmin())
        if abs(offset[nearest] @ normal) > least / 2:
            places.append(None)
            continue
        aside = np.abs(planes.directions @ offset[nearest]) / (columns, rows)
        if aside.max() > 0.5:
            raise UserError(
                f"the segmentation lies {aside.max():.1f} pixels beside its image",
                str(header.file),
                "Resample the segmentation to the planes of its image.",
            )
        places.append(nearest)
    return places


def _source_of(header: DicomHeader, frame: int) -> tuple[str, int] | None:
    """Object and frame (from 1) that a frame was made from; None if it does not name one."""
    found = header.of_frame(frame, "DerivationImageSequence", "SourceImageSequence")
    with quiet():
        try:
            if not found or len(found) != 1:
                return None
            frames = found[0].get("ReferencedFrameNumber")
            if frames is not None and not isinstance(frames, (int, float, str)):
                (frames,) = frames
            return str(found[0].ReferencedSOPInstanceUID).strip(), int(frames or 1)
        except Exception:  # elements may be damaged in many ways
            return None


def _shown(numbers: set[int]) -> str:
    return listed([str(number) for number in sorted(numbers)], 12)
