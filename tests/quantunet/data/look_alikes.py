# SPDX-License-Identifier: BSD-3-Clause
"""Small data sets with the layouts of the public ones: noise with a bright disc, and the disc as mask."""

from __future__ import annotations

import tarfile
from pathlib import Path

import nibabel
import nrrd
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.uint8]


def disc(seed: int, size: tuple[int, int] = (20, 24), radius: float = 5) -> tuple[Array, Array]:
    """A grey image HW and its mask of 0 and 255."""
    random = np.random.default_rng(seed)
    center = random.uniform(0.35, 0.65, 2) * size
    rows, columns = np.mgrid[: size[0], : size[1]]
    inside = (rows - center[0]) ** 2 + (columns - center[1]) ** 2 < radius**2
    image = random.integers(0, 80, size) + 150 * inside
    return image.astype(np.uint8), (255 * inside).astype(np.uint8)


def draw_busi(folder: Path, each: int = 5) -> Path:
    """Ultrasound as RGB, masks as 1 bit, RGB or RGBA; normal images have empty masks."""
    root = folder / "Dataset_BUSI_with_GT"
    seed = 0
    for name in ("benign", "malignant", "normal"):
        (root / name).mkdir(parents=True)
        for number in range(1, each + 1):
            seed += 1
            image, mask = disc(seed, radius=5 if name != "normal" else 0)
            stem = root / name / f"{name} ({number})"
            Image.fromarray(np.stack([image] * 3, axis=-1)).save(f"{stem}.png")
            picture = Image.fromarray(mask).convert(("1", "RGB", "RGBA")[number % 3])
            picture.save(f"{stem}_mask.png")
    return root


LGG_PATIENTS = ("CS_4941_19960909", "CS_4942_19970222", "DU_5849_19950405", "HT_7473_19970826", "HT_7473_19980105")


def draw_lgg(folder: Path, slices: int = 4) -> Path:
    """Four patients, one with two scans; the first slice of each scan has no tumour."""
    root = folder / "kaggle_3m"
    for case, name in enumerate(LGG_PATIENTS):
        scan = root / f"TCGA_{name}"
        scan.mkdir(parents=True)
        for number in range(1, slices + 1):
            flair, mask = disc(100 * case + number, (32, 32), radius=0 if number == 1 else 7)
            image = np.stack([flair // 2, flair, 255 - flair], axis=-1)
            Image.fromarray(image).save(scan / f"TCGA_{name}_{number}.tif")
            Image.fromarray(mask).save(scan / f"TCGA_{name}_{number}_mask.tif")
    (root / "data.csv").write_text("Patient\n")
    return root


def ball(seed: int, shape: tuple[int, int, int] = (18, 20, 9)) -> tuple[NDArray[np.int16], Array]:
    """A volume in XYZ with values as of a scanner, and its labels: 1 in a ball, 2 in its middle."""
    random = np.random.default_rng(seed)
    center = random.uniform(0.4, 0.6, 3) * shape
    distance = np.sqrt(((np.indices(shape).T - center) ** 2).sum(-1).T)
    labels = (distance < 3.5).astype(np.uint8) + (distance < 1.5)
    values = random.integers(-50, 50, shape) + 900 * (labels > 0) - 100
    return values.astype(np.int16), labels


def write_volume(file: Path, values: NDArray[np.generic], affine: NDArray[np.float64] | None = None) -> None:
    """As NIfTI or NRRD, by the suffix; without `affine` the file does not say where it lies."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".nrrd":
        header = {} if affine is None else _nrrd_header(affine)
        nrrd.write(str(file), values, header)
        return
    image = nibabel.Nifti1Image(values, affine)
    if affine is None:
        image.header.set_sform(None, 0)
        image.header.set_qform(None, 0)
    nibabel.save(image, file)


def _nrrd_header(affine: NDArray[np.float64]) -> dict[str, object]:
    in_lps = np.diag([-1.0, -1, 1, 1]) @ affine
    return {
        "space": "left-posterior-superior",
        "space directions": in_lps[:3, :3].T,
        "space origin": in_lps[:3, 3],
    }


def draw_volumes(folder: Path, count: int = 4, suffix: str = ".nii.gz") -> Path:
    for index in range(count):
        values, labels = ball(index)
        write_volume(folder / "images" / f"case{index}{suffix}", values, np.eye(4))
        write_volume(folder / "masks" / f"case{index}{suffix}", labels, np.eye(4))
    return folder


def draw_pyradiomics(folder: Path) -> Path:
    """The unpacked source package, with its five cases."""
    root = folder / "pyradiomics-3.0.1"
    for index, case in enumerate(("brain1", "brain2", "breast1", "lung1", "lung2")):
        values, labels = ball(index)
        write_volume(root / "data" / f"{case}_image.nrrd", values, np.eye(4))
        write_volume(root / "data" / f"{case}_label.nrrd", (labels > 0).astype(np.int16), np.eye(4))
    (root / "setup.py").write_text("raise SystemExit('not run')\n")
    return root


def packed(root: Path) -> Path:
    """`root` as a .tar.gz beside it."""
    archive = root.with_name(root.name + ".tar.gz")
    with tarfile.open(archive, "w:gz") as package:
        package.add(root, root.name)
    return archive
