# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from quantunet.config import ModelConfig
from quantunet.data import Split, load_data
from quantunet.data_config import VolumesConfig
from tests.quantunet.data.look_alikes import ball, draw_volumes, write_volume
from tests.quantunet.refusal import refused

NETWORK = ModelConfig(depth=1, image_size=(18, 20))


def load(path: Path, network: ModelConfig = NETWORK, **settings: object) -> Split:
    return load_data(VolumesConfig.model_validate({"path": path, "labels": [1, 2], **settings}), network)


def by_name(split: Split) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Name -> image CHW and mask HW of all parts."""
    parts = [part for part in (split.train, split.validation, split.test) if part is not None]
    return {
        name: (image, mask[0])
        for part in parts
        for name, image, mask in zip(part.names, part.images, part.masks, strict=True)
    }


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd"])
def test_slices_with_a_target_split_by_case(tmp_path: Path, suffix: str) -> None:
    split = load(draw_volumes(tmp_path, suffix=suffix), test_fraction=0.25)
    assert split.test is not None
    cases = [{name.split()[0] for name in part.names} for part in (split.train, split.validation, split.test)]
    assert [len(part) for part in cases] == [2, 1, 1]
    found = by_name(split)
    for case in range(4):
        values, labels = ball(case)
        low, high = np.percentile(values, [0.5, 99.5])
        for index in range(9):
            if not labels[..., index].any():
                assert f"case{case} slice {index}" not in found
                continue
            image, mask = found[f"case{case} slice {index}"]
            assert np.array_equal(mask, labels[..., index] > 0)
            expected = np.clip((values[..., index] - low) / (high - low), 0, 1) * 255
            assert np.abs(image[0] - expected).max() <= 0.51


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_volumes_can_be_sliced_along_any_axis(tmp_path: Path, axis: int) -> None:
    _, labels = ball(0)
    shape = labels.take(0, axis).shape
    network = ModelConfig(depth=1, image_size=tuple(length + length % 2 for length in shape))
    found = by_name(load(draw_volumes(tmp_path), network, axis=axis, empty_masks="keep"))
    assert len(found) == 4 * labels.shape[axis]
    for index in range(labels.shape[axis]):
        _, mask = found[f"case0 slice {index}"]
        marked = labels.take(index, axis) > 0
        assert np.array_equal(mask[: shape[0], : shape[1]], marked)  # odd lengths get a pixel at the end


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd"])
def test_the_orientation_in_the_file_decides_what_an_axis_is(tmp_path: Path, suffix: str) -> None:
    """Stored from superior to inferior first, then to the left, then to the back: sliced like the other."""
    affine = np.diag([2.0, 1.5, 3, 1])
    affine[:3, 3] = (-10, 4, 7)
    # New axes (a, b, c) = old (z, x, y), each mirrored: old index = permuted (length - 1 - new index).
    lengths = (18, 20, 9)
    turn = np.zeros((4, 4))
    for old, new in ((2, 0), (0, 1), (1, 2)):
        turn[old, new], turn[old, 3] = -1, lengths[old] - 1
    turn[3, 3] = 1
    for index in range(2):
        for kind, array in zip(("images", "masks"), ball(index), strict=True):
            write_volume(tmp_path / "plain" / kind / f"c{index}{suffix}", array, affine)
            turned = np.ascontiguousarray(array.transpose(2, 0, 1)[::-1, ::-1, ::-1])
            write_volume(tmp_path / "turned" / kind / f"c{index}{suffix}", turned, affine @ turn)
    plain, turned_ = (by_name(load(tmp_path / name)) for name in ("plain", "turned"))
    assert plain.keys() == turned_.keys()
    for name, (image, mask) in plain.items():
        assert np.array_equal(turned_[name][0], image)
        assert np.array_equal(turned_[name][1], mask)


def test_one_file_a_channel_in_a_folder_a_case(tmp_path: Path) -> None:
    for index in range(3):
        values, labels = ball(index)
        for name, array in (("flair", values), ("t1ce", -values), ("seg", labels)):
            write_volume(tmp_path / f"P{index}" / f"P{index}_{name}.nii.gz", array)
    network = NETWORK.model_copy(update={"in_channels": 2})
    layout = {"images": ["{case}/{case}_flair", "{case}/{case}_t1ce"], "mask": "{case}/{case}_seg"}
    found = by_name(load(tmp_path, network, **layout))
    for image, mask in found.values():
        assert image.shape == (2, 18, 20)
        assert image[0][mask > 0].min() > image[0][mask == 0].max()
        assert image[1][mask > 0].max() < image[1][mask == 0].min()


def test_masks_beside_their_images_and_channels_as_the_fourth_axis(tmp_path: Path) -> None:
    for index in range(2):
        values, labels = ball(index)
        write_volume(tmp_path / f"P{index}.nii", np.stack([values, -values], axis=-1))
        write_volume(tmp_path / f"P{index}_mask.nrrd", labels)
    network = NETWORK.model_copy(update={"in_channels": 2})
    found = by_name(load(tmp_path, network, images=["{case}"], mask="{case}_mask"))
    assert {name.split()[0] for name in found} == {"P0", "P1"}
    for image, mask in found.values():
        assert image[0][mask > 0].min() > image[1][mask > 0].max()


def test_labels_choose_the_target(tmp_path: Path) -> None:
    found = by_name(load(draw_volumes(tmp_path), labels=[2]))
    everything = by_name(load(tmp_path))
    assert found.keys() < everything.keys()
    for name, (_, mask) in found.items():
        assert 0 < mask.sum() < everything[name][1].sum()


def test_a_window_is_the_same_for_all_volumes(tmp_path: Path) -> None:
    found = by_name(load(draw_volumes(tmp_path), window=[-100, 900]))
    values, _ = ball(0)
    image, _ = found["case0 slice 4"]
    assert np.abs(image[0] - np.clip((values[..., 4] + 100) / 1000, 0, 1) * 255).max() <= 0.51


def test_scans_of_a_patient_stay_together(tmp_path: Path) -> None:
    for patient in range(3):
        for scan in range(2):
            values, labels = ball(10 * patient + scan)
            write_volume(tmp_path / "images" / f"p{patient}_s{scan}.nii", values)
            write_volume(tmp_path / "masks" / f"p{patient}_s{scan}.nii", labels)
    split = load(tmp_path, group_separator="_")
    parts = [{name.split("_")[0] for name in part.names} for part in (split.train, split.validation)]
    assert [len(part) for part in parts] == [2, 1]
    assert not parts[0] & parts[1]


def test_volumes_of_one_value_and_values_that_are_no_numbers_are_reported(tmp_path: Path) -> None:
    draw_volumes(tmp_path)
    values, labels = ball(1)
    write_volume(tmp_path / "images" / "case0.nii.gz", np.full((18, 20, 9), 7.0, np.float32), np.eye(4))
    holed = values.astype(np.float32)
    holed[0, 0, :3] = np.nan, np.inf, -np.inf
    write_volume(tmp_path / "images" / "case1.nii.gz", holed, np.eye(4))
    split = load(tmp_path, empty_masks="keep")
    assert not [name for name in by_name(split) if name.startswith("case0")]
    assert split.notes[1:] == (
        "3 voxels of case1 are not finite and became black",
        "9 skipped, one value throughout: case0 slice 0, case0 slice 1, case0 slice 2 and 6 more",
    )
    image, _ = by_name(split)["case1 slice 1"]
    assert image[0, 0, 0] == 0
    assert labels.any()


def remove_masks(folder: Path) -> None:
    for index in (1, 2):
        (folder / "masks" / f"case{index}.nii.gz").unlink()


def remove_image(folder: Path) -> None:
    (folder / "images" / "case1.nii.gz").unlink()


def truncate(folder: Path) -> None:
    file = folder / "images" / "case2.nii.gz"
    file.write_bytes(file.read_bytes()[:3000])


def text(folder: Path) -> None:
    (folder / "masks" / "case2.nii.gz").unlink()
    (folder / "masks" / "case2.nrrd").write_text("no volume")


def another_size(folder: Path) -> None:
    write_volume(folder / "masks" / "case3.nii.gz", np.ones((18, 20, 8), np.uint8), np.eye(4))


def elsewhere(folder: Path) -> None:
    affine = np.eye(4)
    affine[2, 3] = 3
    write_volume(folder / "masks" / "case3.nii.gz", ball(3)[1], affine)


def flat(folder: Path) -> None:
    write_volume(folder / "images" / "case3.nii.gz", np.ones((18, 20), np.int16), np.eye(4))


def twice(folder: Path) -> None:
    write_volume(folder / "images" / "case3.nrrd", ball(3)[0])


def channels(folder: Path) -> None:
    write_volume(folder / "images" / "case3.nii.gz", np.ones((18, 20, 9, 2), np.int16), np.eye(4))


def not_a_number(folder: Path) -> None:
    write_volume(folder / "masks" / "case3.nii.gz", np.full((18, 20, 9), np.nan, np.float32), np.eye(4))


def renamed(folder: Path) -> None:
    (folder / "images").rename(folder / "scans")
    (folder / "masks").rename(folder / "truth")


def nothing(folder: Path) -> None:
    for file in folder.rglob("*.gz"):
        file.unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (remove_masks, r"2 images without a mask: case1 lacks masks/case1, case2 lacks masks/case2"),
        (remove_image, r"case1 lacks images/case1"),
        (truncate, r"case2\.nii\.gz: is not a readable volume"),
        (text, r"case2\.nrrd: is not a readable volume"),
        (another_size, r"case3\.nii\.gz: has 18x20x8 voxels, case3\.nii\.gz 18x20x9"),
        (elsewhere, r"masks/case3\.nii\.gz: lies elsewhere than case3\.nii\.gz, by up to 3\.0 voxels"),
        (flat, r"has 2 axes \(18x20\)"),
        (twice, r"case3\.nii\.gz and case3\.nrrd have one stem"),
        (channels, r"model\.in_channels: case3 has 2 channel\(s\), the network takes 1"),
        (not_a_number, r"not finite"),
        (renamed, r"no volume lies at images/\{case\} or masks/\{case\}; there are scans/case0, (.|\n)*data\.images"),
        (nothing, r"and no volume at all"),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    draw_volumes(tmp_path)
    damage(tmp_path)
    with refused(said):
        load(tmp_path)


def test_labels_that_no_mask_has_are_named_with_those_there_are(tmp_path: Path) -> None:
    with refused(r"values in the masks: 0, 1, 2, data\.labels are \[7\]"):
        load(draw_volumes(tmp_path), labels=[7], empty_masks="keep")
    with refused(r"nothing is left for the train part \(.*no mask holds 7.*; 36 skipped, nothing is marked"):
        load(tmp_path, labels=[7])


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with refused(r"none: is not a folder"):
        load(tmp_path / "none")


def test_a_header_cannot_name_data_outside_of_its_folder(tmp_path: Path) -> None:
    folder = draw_volumes(tmp_path / "data", suffix=".nrrd")
    (tmp_path / "secret").write_bytes(bytes(1000))
    file = sorted((folder / "images").iterdir())[0]
    head, _, data = file.read_bytes().partition(b"\n\n")
    file.with_suffix(".nhdr").write_bytes(head + b"\ndata file: ../../secret\n\n")
    file.unlink()
    with refused("outside of the folder of the header"):
        load(folder)
    (folder / "images" / "beside.raw").write_bytes(data)
    file.with_suffix(".nhdr").write_bytes(head + b"\ndata file: beside.raw\n\n")
    load(folder)


def test_a_volume_that_takes_all_memory_is_refused(tmp_path: Path) -> None:
    folder = draw_volumes(tmp_path, suffix=".nii")
    file = sorted((folder / "images").iterdir())[0]
    data = bytearray(file.read_bytes())
    data[40:48] = np.array([3, 30_000, 30_000, 30_000], "<i2").tobytes()
    file.write_bytes(data)
    with refused("voxels, more than"):
        load(folder)


def test_a_header_cannot_skip_lines_without_end(tmp_path: Path) -> None:
    folder = draw_volumes(tmp_path, suffix=".nrrd")
    file = sorted((folder / "images").iterdir())[0]
    head, _, data = file.read_bytes().partition(b"\n\n")
    file.write_bytes(head + b"\nline skip: 1099511627776\n\n" + data)
    with refused("lines are to be skipped"):
        load(folder)


def test_blocks_of_volumes_are_kept_apart_and_the_gap_is_told(tmp_path: Path) -> None:
    split = load(draw_volumes(tmp_path), split="blocks", block_gap=1, validation_fraction=0.25)
    assert {name.split()[0] for name in split.validation.names} == {"case0"}
    assert set(split.train.case_names) == {"case2", "case3"}
    assert "1 cases left out between the blocks of the split: case1" in split.notes
