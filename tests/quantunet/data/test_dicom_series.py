# SPDX-License-Identifier: BSD-3-Clause
"""DICOM series as volumes: order, place in space, and masks of every kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from quantunet.config import ModelConfig, parse_config
from quantunet.data import load_data
from quantunet.data.dicom_series import read_series, read_series_mask
from quantunet.data_config import VolumesConfig
from tests.quantunet.refusal import refused
from tests.quantunet_common.dicom_files import MARKER, item, save, segmentation, write_image, write_series

NETWORK = ModelConfig(depth=2, image_size=(16, 16))
#: Slices, rows, columns.
VALUES = np.random.default_rng(2).integers(0, 2000, (5, 12, 10)).astype(np.int16)
MARKED = VALUES > 1200


def stored(values: np.ndarray) -> np.ndarray:
    """As `Volume` has it."""
    return values.transpose(2, 1, 0)[..., None]


def test_a_series_is_ordered_by_position_and_lies_where_it_says(tmp_path: Path) -> None:
    write_series(tmp_path / "s", VALUES)
    volume = read_series(tmp_path / "s").volume
    assert np.array_equal(volume.values, stored(VALUES - 1024.0))
    expected = np.diag([-0.25, -0.5, 2.0, 1.0])
    expected[:3, 3] = 10, 20, 0
    assert volume.affine is not None and np.allclose(volume.affine, expected)


def test_without_positions_the_instance_numbers_order_it(tmp_path: Path) -> None:
    for index, pixels in enumerate(VALUES):
        write_image(tmp_path / "s" / f"{9 - index}.dcm", pixels, InstanceNumber=index + 3)
    volume = read_series(tmp_path / "s").volume
    assert np.array_equal(volume.values, stored(VALUES)) and volume.affine is None
    write_image(tmp_path / "s" / "0.dcm", VALUES[0], InstanceNumber=3)
    with refused(r"neither where they lie nor which follows which"):
        read_series(tmp_path / "s")


def test_one_file_of_several_frames(tmp_path: Path) -> None:
    groups = [item(PlanePositionSequence=[item(ImagePositionPatient=[0, 0, 9 - 3 * index])]) for index in range(5)]
    shared = item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        PixelMeasuresSequence=[item(PixelSpacing=[1, 1])],
    )
    write_image(
        tmp_path / "a.dcm",
        VALUES,
        PerFrameFunctionalGroupsSequence=groups,
        SharedFunctionalGroupsSequence=[shared],
    )
    series = read_series(tmp_path / "a.dcm")
    assert np.array_equal(series.volume.values, stored(VALUES[::-1]))
    assert [plane.frame for plane in series.planes.planes] == [5, 4, 3, 2, 1]


def placed(made: Any, heights: list[float], aside: float = 0.0) -> Any:
    """With frames that say where they lie, and refer to nothing."""
    for group, height in zip(made.PerFrameFunctionalGroupsSequence, heights, strict=True):
        group.PlanePositionSequence = [item(ImagePositionPatient=[-10.0 + aside, -20.0, height])]
    made.SharedFunctionalGroupsSequence = [
        item(PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])])
    ]
    return made


def test_a_segmentation_finds_its_slices_by_reference_or_by_place(tmp_path: Path) -> None:
    sources = write_series(tmp_path / "s", VALUES)
    series = read_series(tmp_path / "s")
    expected = np.zeros(VALUES.shape)
    expected[[3, 1]] = MARKED[[3, 1]]
    by_reference = segmentation(MARKED[[3, 1]], [1, 1], [sources[3], sources[1]])
    by_place = placed(segmentation(MARKED[[3, 1]], [1, 1], [None, None]), [6.1, 1.9])
    for made in (by_reference, by_place):
        save(made, tmp_path / "seg.dcm")
        mask = read_series_mask(tmp_path / "seg.dcm", series, None)
        assert np.array_equal(mask.volume.values, stored(expected)) and not mask.strangers
    save(placed(segmentation(MARKED[[3, 1]], [1, 1], [None, None]), [6, 99]), tmp_path / "seg.dcm")
    assert read_series_mask(tmp_path / "seg.dcm", series, 1).strangers == 1
    save(placed(segmentation(MARKED[[3, 1]], [1, 1], [None, None]), [6, 2], 1.0), tmp_path / "seg.dcm")
    with refused(r"lies 4\.0 pixels beside its image"):
        read_series_mask(tmp_path / "seg.dcm", series, 1)


def test_volumes_of_series_with_segmentations_folders_and_nifti(tmp_path: Path) -> None:
    for index in range(6):
        values = np.roll(VALUES, index, axis=1)
        folder = tmp_path / "images" / f"c{index}"
        sources = write_series(folder, values, f"p{index // 2}")
        marked = values > 1200
        if index < 2:
            save(segmentation(marked, [1] * 5, sources), tmp_path / "masks" / f"c{index}.dcm")
        elif index < 4:
            write_series(tmp_path / "masks" / f"c{index}", marked.astype(np.int16) + 1024)
        else:
            affine = read_series(folder).volume.affine
            assert affine is not None
            if index == 5:  # as dcm2niix stores it
                marked = marked[:, ::-1]
                affine = affine @ np.array([[1, 0, 0, 0], [0, -1, 0, 11], [0, 0, 1, 0], [0, 0, 0, 1.0]])
            nibabel.save(
                nibabel.Nifti1Image(marked.transpose(2, 1, 0).astype(np.uint8), affine),
                tmp_path / "masks" / f"c{index}.nii",
            )
    config = parse_config(VolumesConfig, {"path": tmp_path, "validation_fraction": 0.34}, "test")
    split = load_data(config, NETWORK)
    assert len(split.train) == 20 and len(split.validation) == 10
    assert set(split.train.case_names + split.validation.case_names) == {"c0", "c2", "c4"}
    for pairs in (split.train, split.validation):
        bright = pairs.images[pairs.masks == 1].mean()
        assert bright > 1.8 * pairs.images[pairs.masks == 0].mean()
    assert MARKER not in repr(split.notes)


def mixed(folder: Path) -> str:
    write_image(folder / "zz.dcm", VALUES[0], "another", ImagePositionPatient=[0, 0, 50], InstanceNumber=9)
    return "is of another series than"


def twice(folder: Path) -> str:
    (folder / "copy.dcm").write_bytes(next(folder.iterdir()).read_bytes())
    return r"several slices lie at one place \((.+), (.+)\)"


def larger(folder: Path) -> str:
    write_image(folder / "zz.dcm", np.zeros((4, 4), np.int16), ImagePositionPatient=[0, 0, 50], InstanceNumber=9)
    return r"has 4x4 pixels, .* 12x10"


def turned(folder: Path) -> str:
    write_image(
        folder / "zz.dcm", VALUES[0], ImagePositionPatient=[0, 0, 50], ImageOrientationPatient=[0, 1, 0, 0, 0, 1]
    )
    return "its slices do not lie in parallel"


def coloured(folder: Path) -> str:
    for file in folder.iterdir():
        file.unlink()
    write_image(folder / "a.dcm", np.zeros((12, 10, 3), np.uint8))
    return "has colours, where grey values are needed"


@pytest.mark.parametrize("make", [mixed, twice, larger, turned, coloured])
def test_a_folder_that_is_no_series_is_refused(tmp_path: Path, make: Any) -> None:
    write_series(tmp_path / "s", VALUES)
    message = make(tmp_path / "s")
    with refused(message):
        read_series(tmp_path / "s")
