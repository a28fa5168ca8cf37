# SPDX-License-Identifier: BSD-3-Clause
"""DICOM in the folder loader: images and masks of every kind, patients kept together, and nothing told of them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from quantunet.config import FolderConfig, ModelConfig, parse_config
from quantunet.data import load_data, load_folder_pairs
from quantunet_common.errors import UserError
from tests.quantunet.refusal import refused
from tests.quantunet_common.dicom_files import (
    LABEL_MAP,
    MARKER,
    ULTRASOUND,
    save,
    segmentation,
    write_image,
)

NETWORK = ModelConfig(depth=2, image_size=(16, 16))
RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
LEFT, ABOVE = np.arange(16)[None] < np.full((16, 1), 6), np.arange(16)[:, None] < np.full((1, 16), 9)


def config(folder: Path, **settings: Any) -> FolderConfig:
    return parse_config(FolderConfig, {"path": folder, **settings}, "test")


def draw(folder: Path, count: int = 6, patients: int = 3) -> list[Dataset]:
    """Images of patients in turn, with masks as PNG."""
    (folder / "masks").mkdir(parents=True)
    images = []
    for index in range(count):
        images.append(write_image(folder / "images" / f"c{index}.dcm", RAMP ^ index, f"p{index % patients}"))
        Image.fromarray((255 * LEFT).astype(np.uint8)).save(folder / "masks" / f"c{index}.png")
    return images


def test_images_are_read_as_their_copies_in_png_are(tmp_path: Path) -> None:
    draw(tmp_path, 2)
    for file in list((tmp_path / "images").iterdir()):
        file.rename(file.with_suffix("") if file.stem == "c0" else file)  # known by its mark
    pairs = load_folder_pairs(config(tmp_path), NETWORK)
    assert pairs.names == ("c0", "c1")
    assert np.array_equal(pairs.images[:, 0], [RAMP, RAMP ^ 1])
    assert np.array_equal(pairs.masks[:, 0], [LEFT, LEFT])


def test_a_segment_is_chosen_by_number_or_label_or_by_its_value(tmp_path: Path) -> None:
    images = draw(tmp_path, 2)
    apart = ABOVE & ~LEFT
    for index, image in enumerate(images):
        (tmp_path / "masks" / f"c{index}.png").unlink()
        made = segmentation(np.stack([LEFT, apart]), [1, 2], [image, image], labels=["Liver", f"{MARKER}  tumour"])
        save(made, tmp_path / "masks" / f"c{index}.dcm")
    for settings, expected in (
        ({"segment": 1}, LEFT),
        ({"segment": "2"}, apart),
        ({"segment": "liver"}, LEFT),
        ({"segment": f"{MARKER} Tumour"}, apart),
        ({"labels": [2]}, apart),
        ({"labels": "nonzero"}, LEFT | ABOVE),
    ):
        pairs = load_folder_pairs(config(tmp_path, **settings), NETWORK)
        assert np.array_equal(pairs.masks[0, 0], expected), settings
    with refused(r"3 values: 0 (.|\n)*not said which are the target(.|\n)*data\.labels"):
        load_folder_pairs(config(tmp_path), NETWORK)
    with refused(r"2 segmentations without the segment 'kidney', taken as nothing marked"):
        load_data(config(tmp_path, segment="kidney", validation_fraction=0.5, patients="names"), NETWORK)


def test_segments_that_overlap_are_chosen_from(tmp_path: Path) -> None:
    (image,) = draw(tmp_path, 1)
    (tmp_path / "masks" / "c0.png").unlink()
    save(segmentation(np.stack([LEFT, ABOVE]), [1, 2], [image] * 2, labels=["a", "b"]), tmp_path / "masks" / "c0.dcm")
    with refused(r"its segments \(1, 2\) overlap(.|\n)*data\.segment"):
        load_folder_pairs(config(tmp_path), NETWORK)
    assert np.array_equal(load_folder_pairs(config(tmp_path, segment=2), NETWORK).masks[0, 0], ABOVE)


def test_frames_of_ultrasound_with_the_masks_that_refer_to_them(tmp_path: Path) -> None:
    frames = np.stack([np.repeat((RAMP ^ index)[..., None], 3, axis=-1) for index in range(4)])
    image = write_image(tmp_path / "images" / "a.dcm", frames, SOPClassUID=ULTRASOUND)
    made = segmentation(np.stack([LEFT, ABOVE]), [1, 1], [image] * 2, source_frames=[4, 2])
    save(made, tmp_path / "masks" / "a.dcm")
    pairs = load_folder_pairs(config(tmp_path), NETWORK)
    assert pairs.names == ("a frame 1", "a frame 2", "a frame 3", "a frame 4") and set(pairs.case_names) == {"a"}
    assert np.array_equal(pairs.images[:, 0], frames[..., 0])
    nothing = np.zeros_like(LEFT)
    assert np.array_equal(pairs.masks[:, 0], [nothing, ABOVE, nothing, LEFT])


def test_frames_of_a_segmentation_that_refers_to_nothing_follow_those_of_the_image(tmp_path: Path) -> None:
    frames = np.stack([RAMP, RAMP ^ 1])
    write_image(tmp_path / "images" / "a.dcm", frames)
    save(segmentation(np.stack([LEFT, ABOVE]), [1, 1], [None] * 2), tmp_path / "masks" / "a.dcm")
    assert np.array_equal(load_folder_pairs(config(tmp_path), NETWORK).masks[:, 0], [LEFT, ABOVE])
    save(segmentation(np.stack([LEFT]), [1], [None]), tmp_path / "masks" / "a.dcm")
    with refused(r"do not say which of 2 image\(s\) they are of"):
        load_folder_pairs(config(tmp_path), NETWORK)


def test_label_maps_and_shares(tmp_path: Path) -> None:
    (image,) = draw(tmp_path, 1)
    (tmp_path / "masks" / "c0.png").unlink()
    pixels = (LEFT + 2 * (ABOVE & ~LEFT)).astype(np.uint8)
    for kind, segments in (("LABELMAP", ("a", "b")), ("FRACTIONAL", ("a",))):
        made = segmentation(np.stack([LEFT]), [1], [image], labels=segments, SegmentationType=kind)
        made.BitsAllocated, made.BitsStored, made.HighBit = 8, 8, 7
        made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = (
            LABEL_MAP if kind == "LABELMAP" else made.SOPClassUID
        )
        made.PixelData = (pixels if kind == "LABELMAP" else RAMP).tobytes()
        save(made, tmp_path / "masks" / "c0.dcm")
        chosen = {"segment": 2} if kind == "LABELMAP" else {"threshold": 128}
        expected = ABOVE & ~LEFT if kind == "LABELMAP" else RAMP >= 128
        assert np.array_equal(load_folder_pairs(config(tmp_path, **chosen), NETWORK).masks[0, 0], expected), kind


def test_masks_that_are_dicom_images(tmp_path: Path) -> None:
    write_image(tmp_path / "images" / "a.dcm", np.stack([RAMP, RAMP ^ 1]))
    write_image(tmp_path / "masks" / "a.dcm", np.stack([LEFT, ABOVE]).astype(np.uint8), WindowCenter=9, WindowWidth=1)
    assert np.array_equal(load_folder_pairs(config(tmp_path), NETWORK).masks[:, 0], [LEFT, ABOVE])


def test_images_of_one_patient_stay_in_one_part_and_the_case_is_named_after_a_file(tmp_path: Path) -> None:
    draw(tmp_path, 6, patients=3)
    split = load_data(config(tmp_path, validation_fraction=0.34), NETWORK)
    patients = [{int(name[1]) % 3 for name in pairs.names} for pairs in (split.train, split.validation)]
    assert not patients[0] & patients[1] and patients[0] | patients[1] == {0, 1, 2}
    assert set(split.train.case_names + split.validation.case_names) == {"c0", "c1", "c2"}
    assert "6 DICOM images of 3 patients, kept together by PatientID" in split.notes
    apart = load_data(config(tmp_path, validation_fraction=0.34, patients="names"), NETWORK)
    assert set(apart.train.case_names + apart.validation.case_names) == {f"c{index}" for index in range(6)}


def test_one_patient_is_not_split_unless_it_is_said(tmp_path: Path) -> None:
    draw(tmp_path, 4, patients=1)
    with refused(r"all 4 DICOM images are of one patient(.|\n)*data\.patients: names"):
        load_data(config(tmp_path), NETWORK)
    assert len(load_data(config(tmp_path, patients="names"), NETWORK).train) == 3
    assert len(load_folder_pairs(config(tmp_path), NETWORK)) == 4


def test_images_without_a_patient_are_cases_of_their_own(tmp_path: Path) -> None:
    draw(tmp_path, 4, patients=2)
    for index in (0, 2):
        write_image(tmp_path / "images" / f"c{index}.dcm", RAMP ^ index, PatientID="")
    split = load_data(config(tmp_path), NETWORK)
    assert "2 DICOM images without a PatientID: each is a case of its own" in split.notes


def test_windows_are_used_and_told_unless_percentiles_are_asked_for(tmp_path: Path) -> None:
    deep = RAMP.astype(np.uint16) * 16
    (tmp_path / "masks").mkdir()
    write_image(tmp_path / "images" / "a.dcm", deep, WindowCenter=512, WindowWidth=1024)
    Image.fromarray((255 * LEFT).astype(np.uint8)).save(tmp_path / "masks" / "a.png")
    windowed = load_folder_pairs(config(tmp_path), NETWORK).images[0, 0]
    assert (windowed == 255).mean() > 0.7
    assert (load_folder_pairs(config(tmp_path, contrast="percentiles"), NETWORK).images[0, 0] == 255).mean() < 0.02


def exchanged(folder: Path, image: Dataset) -> str:
    save(segmentation(np.stack([LEFT]), [1], [image]), folder / "images" / "c0.dcm")
    return "is a segmentation, where an image should be"


def of_other_images(folder: Path, image: Dataset) -> str:
    other = write_image(folder.parent / "other.dcm", RAMP)
    save(segmentation(np.stack([LEFT]), [1], [other]), folder / "masks" / "c0.dcm")
    return "lies on none of the planes of its image, or refers to other images"


def of_another_size(folder: Path, image: Dataset) -> str:
    save(segmentation(np.zeros((1, 4, 4), np.uint8), [1], [image]), folder / "masks" / "c0.dcm")
    return "the segmentation has 4x4 pixels, its image 16x16"


def without_segments(folder: Path, image: Dataset) -> str:
    save(segmentation(np.stack([LEFT]), [1], [image], SegmentSequence=[]), folder / "masks" / "c0.dcm")
    return "does not tell its segments"


def of_an_unknown_kind(folder: Path, image: Dataset) -> str:
    made = segmentation(np.stack([LEFT]), [1], [image], SegmentationType=MARKER.upper())
    save(made, folder / "masks" / "c0.dcm")
    return "a segmentation of a kind that is not read"


def beside_a_picture(folder: Path, image: Dataset) -> str:
    save(segmentation(np.stack([LEFT]), [1], [image]), folder / "masks" / "c0.dcm")
    (folder / "images" / "c0.dcm").unlink()
    Image.fromarray(RAMP).save(folder / "images" / "c0.png")
    return "a DICOM segmentation, its image is not DICOM"


def one_mask_of_many_frames(folder: Path, image: Dataset) -> str:
    write_image(folder / "images" / "c0.dcm", np.stack([RAMP, RAMP]))
    Image.fromarray(RAMP).save(folder / "masks" / "c0.png")
    return "is one mask, its image has 2 frames"


@pytest.mark.parametrize(
    "make",
    [
        exchanged,
        of_other_images,
        of_another_size,
        without_segments,
        of_an_unknown_kind,
        beside_a_picture,
        one_mask_of_many_frames,
    ],
)
def test_what_does_not_fit_together_ends_in_one_message_without_a_patient(tmp_path: Path, make: Any) -> None:
    folder = tmp_path / "data"
    (image,) = draw(folder, 1)
    (folder / "masks" / "c0.png").unlink()
    if make is exchanged:
        Image.fromarray(RAMP).save(folder / "masks" / "c0.png")
    message = make(folder, image)
    with pytest.raises(UserError, match=message) as error:
        load_folder_pairs(config(folder), NETWORK)
    assert MARKER.lower() not in str(error.value).lower()


def test_a_segment_of_what_has_none(tmp_path: Path) -> None:
    draw(tmp_path, 1)
    with refused(r"no DICOM segmentation, and data\.segment names a segment"):
        load_folder_pairs(config(tmp_path, segment=1), NETWORK)
    with refused(r"a segment is a number from 1 on, or a label"):
        config(tmp_path, segment=0)
    with refused(r"segment and labels exclude each other"):
        config(tmp_path, segment=1, labels=[1])


def test_nothing_of_a_patient_is_told_or_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    images = draw(tmp_path, 6)
    for index, image in enumerate(images):
        (tmp_path / "masks" / f"c{index}.png").unlink()
        save(segmentation(np.stack([LEFT]), [1], [image]), tmp_path / "masks" / f"c{index}.dcm")
    with caplog.at_level(logging.DEBUG):
        split = load_data(config(tmp_path), NETWORK)
    kept = [vars(split), vars(split.train), vars(split.validation), caplog.text]
    assert MARKER.lower() not in repr(kept).lower() and "19000101" not in repr(kept)
