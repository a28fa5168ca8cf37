# SPDX-License-Identifier: BSD-3-Clause
"""DICOM files for training: errors with their place, where planes lie in space, and who is the same patient.

`quantunet_common.dicom` reads the pixels, as the driver of a board does. No value of an element but sizes and numbers of
bits gets into a message, a note or a record; names of files do.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantunet.data.problems import several
from quantunet.data_config import FolderConfig, VolumesConfig
from quantunet_common.dicom import grey_values, stored_frames
from quantunet_common.dicom_file import UnreadableDicom, looks_like_dicom, read_text
from quantunet_common.dicom_header import DicomHeader, read_header
from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file
from quantunet_common.pixels import SUFFIXES

_TAGS = (
    *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "InstanceNumber", "SeriesInstanceUID"),
    *("SegmentSequence", "SegmentationType"),
)
#: What is told by its suffix, and not opened to look for the mark of DICOM.
_OTHERS = (*SUFFIXES, ".nii", ".gz", ".nrrd", ".nhdr", ".npy")
#: Of this process alone: what is made with it tells nobody who it was.
_KEY = secrets.token_bytes(32)


@dataclass(frozen=True)
class Plane:
    """One frame: of which object (`instance`), its number in it from 1, and where its first pixel lies in mm, if it says."""

    instance: str
    frame: int
    position: NDArray[np.float64] | None


@dataclass(frozen=True)
class Planes:
    """Frames of one size. `directions` are those along a row and along a column, `spacing` the distances of rows and of
    columns in mm; None where they are not stated or differ.
    """

    rows: int
    columns: int
    planes: tuple[Plane, ...]
    directions: NDArray[np.float64] | None
    spacing: tuple[float, float] | None


def is_dicom(file: Path) -> bool:
    """Whether a file has the suffix of DICOM, or its mark and no suffix of another kind."""
    return file.suffix.lower() not in _OTHERS and looks_like_dicom(file)


@contextmanager
def told(file: Path) -> Iterator[None]:
    """Errors of reading `file`, with what to do."""
    try:
        yield
    except UnreadableDicom as error:
        fix = error.fix or "Replace or remove the file."
        raise UserError(f"is not a readable DICOM file ({error})", str(file), fix) from None
    except OSError as error:
        raise UserError(
            f"the file cannot be read ({error.strerror})", str(file), "Check that you may read it."
        ) from error


def open_dicom(file: Path) -> DicomHeader:
    """All before the pixels.

    Raises:
        UserError: it is unreadable, see `quantunet_common.dicom_header.read_header`.
    """
    require_input_file(file)
    with told(file):
        return read_header(file, _TAGS)


def stored_of(header: DicomHeader) -> Iterator[NDArray[Any]]:
    """The frames as stored, see `quantunet_common.dicom.stored_frames`.

    Raises:
        UserError: they are damaged.
    """
    with told(header.file):
        yield from stored_frames(header)


def values_of(header: DicomHeader) -> Iterator[NDArray[np.float32]]:
    """Grey values HW of every frame, in the unit that the file states.

    Raises:
        UserError: it has colours, or is damaged.
    """
    if header.colours:
        raise UserError("has colours, where grey values are needed", str(header.file), "Write it as grey.")
    for frame, stored in enumerate(stored_of(header)):
        with told(header.file):
            yield grey_values(header, frame, stored)


def planes_of(header: DicomHeader) -> Planes:
    """Where the frames lie.

    Raises:
        UserError: what the file says of that is damaged.
    """
    instance = header.text("SOPInstanceUID")
    with told(header.file):
        positions = [
            _vector(header, frame, "PlanePositionSequence", "ImagePositionPatient", 3) for frame in range(header.frames)
        ]
        turned = [
            _vector(header, frame, "PlaneOrientationSequence", "ImageOrientationPatient", 6)
            for frame in range(header.frames)
        ]
        spaced = _vector(header, 0, "PixelMeasuresSequence", "PixelSpacing", 2)
    first = turned[0]
    alike = first is not None and all(other is not None and np.allclose(first, other, atol=1e-3) for other in turned)
    sound = alike and first is not None and _is_right_angled(first)
    return Planes(
        header.rows,
        header.columns,
        tuple(Plane(instance, number, position) for number, position in enumerate(positions, 1)),
        first.reshape(2, 3) if sound and first is not None else None,
        (float(spaced[0]), float(spaced[1])) if spaced is not None and (spaced > 0).all() else None,
    )


def _vector(header: DicomHeader, frame: int, sequence: str, keyword: str, length: int) -> NDArray[np.float64] | None:
    numbers = header.numbers_of_frame(frame, sequence, keyword)
    return np.array(numbers, np.float64) if len(numbers) == length else None


def _is_right_angled(six: NDArray[np.float64]) -> bool:
    rows, columns = six.reshape(2, 3)
    return bool(np.allclose([rows @ rows, columns @ columns], 1, atol=1e-2) and abs(rows @ columns) < 1e-2)


def patient_groups(
    images: Mapping[str, Path], config: FolderConfig | VolumesConfig, *, are_split: bool = True
) -> tuple[dict[str, str], list[str]]:
    """Case -> name of its group, for the cases whose image is DICOM and names its patient; and what is to be noted.

    Cases of one PatientID are one group, which is named after the first of them: nothing that is written tells who it is.
    Of a series the first file is asked.

    Raises:
        UserError: all cases have one PatientID, and they `are_split`.
    """
    if config.patients == "names" or config.group_separator is not None:
        return {}, []
    first: dict[bytes, str] = {}
    groups: dict[str, str] = {}
    unnamed = 0
    for case, file in images.items():
        if not is_dicom(file):
            continue
        key = _patient_key(file)
        if key is None:
            unnamed += 1
        else:
            groups[case] = first.setdefault(key, case)
    if are_split and len(groups) > 1 and len(first) == 1 and len(groups) == len(images):
        raise UserError(
            f"all {len(groups)} DICOM images are of one patient (PatientID), and patients are not split",
            str(config.path),
            "Add other patients. If all got one PatientID when names were taken out, say who is who by the names of files: "
            "data.patients: names, with data.group_separator.",
        )
    notes = []
    if len(first) < len(groups):
        notes.append(
            f"{several(len(groups), 'DICOM image')} of {several(len(first), 'patient')}, kept together by PatientID"
        )
    if unnamed:
        notes.append(f"{several(unnamed, 'DICOM image')} without a PatientID: each is a case of its own")
    return groups, notes


def _patient_key(file: Path) -> bytes | None:
    try:
        require_input_file(file)
        with told(file):
            patient = read_text(file, "PatientID")
    except UserError:  # reading the image says what is wrong with it
        return None
    return hashlib.blake2b(patient.encode("utf-8", "surrogateescape"), key=_KEY).digest() if patient else None
