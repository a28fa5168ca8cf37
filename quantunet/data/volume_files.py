# SPDX-License-Identifier: BSD-3-Clause
"""Volumes from NIfTI and NRRD files, with where they say that they lie in space; `quantunet.data.dicom_series` has DICOM."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import nibabel
import nrrd
import numpy as np
from nibabel.orientations import apply_orientation, inv_ornt_aff, io_orientation
from numpy.typing import NDArray

from quantunet.data.dicom_files import is_dicom
from quantunet_common.dicom_file import name_without_suffix
from quantunet_common.errors import UserError
from quantunet_common.files import require_input_file

_Kind = TypeVar("_Kind", bound=np.generic)

#: A GiB as float32; a small file may claim, or unpack to, any size.
MOST_VOXELS = 2**28
SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr")

#: Axes of NRRD's spaces in the directions right, anterior, superior.
_TO_RAS = {
    "right-anterior-superior": (1, 1, 1),
    "ras": (1, 1, 1),
    "left-anterior-superior": (-1, 1, 1),
    "las": (-1, 1, 1),
    "left-posterior-superior": (-1, -1, 1),
    "lps": (-1, -1, 1),
}


@dataclass(frozen=True)
class Volume:
    """Values float32 ``[X, Y, Z, channels]`` as stored, and the 4x4 matrix from voxel to millimetres in RAS.

    `affine` is None where the file does not state it.
    """

    values: NDArray[np.float32]
    affine: NDArray[np.float64] | None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape[:3]


def stem_of(file: Path) -> str | None:
    """The name without the suffix of a volume, of a DICOM file, or of a folder with DICOM files; None if it is none of these."""
    if file.is_dir():
        return file.name if _holds_dicom(file) else None
    for suffix in SUFFIXES:
        if file.name.lower().endswith(suffix) and len(file.name) > len(suffix):
            return file.name[: -len(suffix)]
    return name_without_suffix(file) if is_dicom(file) else None


def _holds_dicom(folder: Path) -> bool:
    try:
        return any(map(is_dicom, folder.iterdir()))
    except OSError:
        return False


def read_volume(file: Path) -> Volume:
    """Read a file with three axes, or four of which one holds the channels.

    Raises:
        UserError: it is unreadable, damaged, or has other axes.
    """
    require_input_file(file)
    try:
        values, affine = _read_nrrd(file) if file.suffix.lower() in (".nrrd", ".nhdr") else _read_nifti(file)
    except ImportError:  # of a reader that is not installed
        raise
    except Exception as error:  # damaged headers and data end in errors of many types, in both libraries
        said = " ".join(str(error).split())[:200]
        raise UserError(
            f"is not a readable volume ({said or type(error).__name__})", str(file), "Replace or remove the file."
        ) from error
    while values.ndim > 4 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim not in (3, 4) or 0 in values.shape:
        raise UserError(
            f"has {values.ndim} axes ({'x'.join(str(length) for length in values.shape)})",
            str(file),
            "Give volumes of three axes, or four with the channels as the last.",
        )
    return Volume(values if values.ndim == 4 else values[..., None], affine)


def oriented(values: NDArray[_Kind], affine: NDArray[np.float64] | None) -> NDArray[_Kind]:
    """Axes turned and mirrored so that they run to the right, to the front and up; as stored without
    `affine`.
    """
    if affine is None:
        return values
    turned: NDArray[_Kind] = apply_orientation(values, io_orientation(affine))
    return turned


def upright(volume: Volume) -> Volume:
    """The same with axes to the right, to the front and up, as near as its own are; as stored where it does not state them."""
    if volume.affine is None:
        return volume
    turned = volume.affine @ inv_ornt_aff(io_orientation(volume.affine), volume.shape)
    return Volume(oriented(volume.values, volume.affine), turned)


def voxels_apart(volume: Volume, other: Volume) -> float:
    """How far, in voxels of the first, the corners of two volumes of one shape lie apart; 0 if unknown."""
    if volume.affine is None or other.affine is None:
        return 0.0
    ends = [(0, length - 1) for length in volume.shape]
    corners = np.array(np.meshgrid(*ends, [1], indexing="ij")).reshape(4, -1)
    distances = np.linalg.norm(((volume.affine - other.affine) @ corners)[:3], axis=0)
    voxel = np.linalg.norm(volume.affine[:3, :3], axis=0).min()
    return float(distances.max() / voxel) if voxel > 0 else 0.0


def _read_nifti(file: Path) -> tuple[NDArray[np.float32], NDArray[np.float64] | None]:
    image = nibabel.load(file)
    _check_voxels(image.shape)
    values: NDArray[np.float32] = image.get_fdata(dtype=np.float32, caching="unchanged")
    stated = int(image.header["sform_code"]) or int(image.header["qform_code"])
    return values, _usable(image.affine) if stated else None


def _read_nrrd(file: Path) -> tuple[NDArray[np.float32], NDArray[np.float64] | None]:
    with file.open("rb") as opened:
        header = nrrd.read_header(opened)
    _check_voxels(header["sizes"])
    lines = int(header.get("line skip", header.get("lineskip", 0)))
    if lines > file.stat().st_size:  # the reader would go through them all
        raise ValueError(f"{lines:,} lines are to be skipped")
    detached = header.get("data file", header.get("datafile"))
    if detached is not None:
        _check_beside(file, str(detached))
    values, header = nrrd.read(str(file))
    directions = np.array(header.get("space directions", np.zeros((0, 3))), dtype=np.float64)
    if values.ndim == 4:  # the axis of the channels has no direction, and is the first by custom
        lengthless = [axis for axis, row in enumerate(directions) if not np.isfinite(row).all()]
        channels = lengthless[0] if lengthless else 0
        values = np.moveaxis(values, channels, -1)
        directions = np.delete(directions, channels, axis=0) if len(directions) == 4 else directions
    signs = _TO_RAS.get(str(header.get("space", "")).lower())
    if signs is None or directions.shape != (3, 3):
        return values.astype(np.float32), None
    affine = np.eye(4)
    affine[:3, :3] = directions.T
    affine[:3, 3] = header.get("space origin", np.zeros(3))
    return values.astype(np.float32), _usable(np.diag([*signs, 1.0]) @ affine)


def _check_voxels(sizes: Iterable[int]) -> None:
    count = math.prod(max(0, int(size)) for size in sizes)
    if count > MOST_VOXELS:
        raise ValueError(f"{count:,} voxels, more than {MOST_VOXELS:,}")


def _check_beside(file: Path, name: str) -> None:
    """A header may name a file that holds the data: only one in its own folder."""
    data = file.parent / name
    if Path(name).name != name or data.is_symlink():
        raise ValueError(f"the data are said to lie at {name}, outside of the folder of the header")
    require_input_file(data)


def _usable(affine: NDArray[np.float64]) -> NDArray[np.float64] | None:
    sound = np.isfinite(affine).all() and abs(np.linalg.det(affine[:3, :3])) > 0
    return np.asarray(affine, np.float64) if sound else None
