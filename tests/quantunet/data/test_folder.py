# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from quantunet.config import FolderConfig, ModelConfig
from quantunet.data import load_data, load_folder_pairs
from tests.quantunet.conftest import draw_pairs
from tests.quantunet.refusal import refused

NETWORK = ModelConfig(depth=2, image_size=(16, 16))


def test_pairs_are_fitted_to_the_network(pairs_folder: Path) -> None:
    pairs = load_folder_pairs(FolderConfig(path=pairs_folder), NETWORK)
    assert pairs.images.shape == pairs.masks.shape == (12, 1, 16, 16)
    # 20x16 pictures padded to 20x20: the outermost columns are empty, the disc is where its mask is.
    assert not pairs.images[..., 0].any()
    assert pairs.images[pairs.masks == 1].mean() > 140 > 60 > pairs.images[pairs.masks == 0].mean()


def test_a_group_stays_on_one_side_of_the_split(pairs_folder: Path) -> None:
    split = load_data(FolderConfig(path=pairs_folder, group_separator="_", validation_fraction=0.5), NETWORK)
    groups = [{name.split("_")[0] for name in pairs.names} for pairs in (split.train, split.validation)]
    assert not groups[0] & groups[1]
    assert len(split.train) == len(split.validation) == 6
    assert groups[0] | groups[1] == {f"case{index}" for index in range(6)}


def test_an_image_of_the_right_size_is_kept_as_it_is(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "d", 2, size=(16, 16))
    pairs = load_folder_pairs(FolderConfig(path=folder), NETWORK)
    for index, name in enumerate(pairs.names):
        assert np.array_equal(pairs.images[index, 0], np.asarray(Image.open(folder / "images" / f"{name}.png")))
        mask = np.asarray(Image.open(folder / "masks" / f"{name}.png"))
        assert np.array_equal(pairs.masks[index, 0] * 255, mask)


def test_colour_images_and_binary_masks_of_another_type(tmp_path: Path) -> None:
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
    Image.new("RGB", (16, 16), (255, 0, 51)).save(tmp_path / "images" / "a.png")
    Image.fromarray(np.eye(16, dtype=np.uint8)).save(tmp_path / "masks" / "a.tif")  # 0 and 1
    pairs = load_folder_pairs(FolderConfig(path=tmp_path), ModelConfig(depth=1, in_channels=3, image_size=(16, 16)))
    assert pairs.images[0, :, 3, 3].tolist() == [255, 0, 51]
    assert np.array_equal(pairs.masks[0, 0], np.eye(16))


def test_12_bit_values_in_16_bit_images_keep_their_grey_levels_and_the_summary_says_so(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "d", 6, size=(16, 16))
    ramp = (np.arange(256) * 16).astype(np.uint16).reshape(16, 16)
    for file in (folder / "images").iterdir():
        Image.fromarray(ramp ^ (2 * int(file.stem[4]) + int(file.stem[-1]))).save(file)
    split = load_data(FolderConfig(path=folder), NETWORK)
    assert len(np.unique(split.train.images[0])) > 240
    assert split.train.images[0].min() == 0 and split.train.images[0].max() == 255
    assert split.notes == (
        "6 images of more than 8 bits, with values from 0 to 4085: each is scaled by its own 0.5th and 99.5th percentile",
    )


def test_masks_with_a_suffix_and_folders_of_any_name(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "d", 6)
    expected = load_folder_pairs(FolderConfig(path=folder), NETWORK)
    (folder / "images").rename(folder / "Training_Input")
    (folder / "masks").rename(folder / "GroundTruth")
    for file in list((folder / "GroundTruth").iterdir()):
        file.rename(file.with_stem(f"{file.stem}_segmentation"))
    config = FolderConfig(path=folder, images="Training_Input/{case}", mask="GroundTruth/{case}_segmentation")
    pairs = load_folder_pairs(config, NETWORK)
    assert pairs.names == expected.names
    assert np.array_equal(pairs.images, expected.images) and np.array_equal(pairs.masks, expected.masks)


def test_masks_beside_their_images(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "d", 6)
    for file in list((folder / "masks").iterdir()):
        file.rename(folder / "images" / f"{file.stem}_mask.png")
    pairs = load_folder_pairs(FolderConfig(path=folder, images="images/{case}", mask="images/{case}_mask"), NETWORK)
    assert len(pairs) == 6 and pairs.names[0] == "case0_0"


def test_one_grey_file_a_channel(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "d", 4, size=(16, 16))
    (folder / "t1").mkdir()
    for file in (folder / "images").iterdir():
        Image.fromarray(255 - np.asarray(Image.open(file))).save(folder / "t1" / file.name)
    config = FolderConfig(path=folder, images=("images/{case}", "t1/{case}"))
    pairs = load_folder_pairs(config, NETWORK.model_copy(update={"in_channels": 2}))
    assert np.array_equal(pairs.images[:, 0], 255 - pairs.images[:, 1])
    with refused(r"2 patterns, one a channel, the network takes 3"):
        load_folder_pairs(config, NETWORK.model_copy(update={"in_channels": 3}))


def test_the_suffix_that_masks_have_is_proposed(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "d", 6)
    for file in list((folder / "masks").iterdir()):
        file.rename(file.with_stem(f"{file.stem}_mask"))
    with refused(r'6 images without a mask(.|\n)*data\.mask: "masks/\{case\}_mask"'):
        load_folder_pairs(FolderConfig(path=folder), NETWORK)


def remove_mask(folder: Path) -> None:
    (folder / "masks" / "case1_0.png").unlink()


def truncate_image(folder: Path) -> None:
    file = folder / "images" / "case0_1.png"
    file.write_bytes(file.read_bytes()[:60])


def text_as_image(folder: Path) -> None:
    (folder / "images" / "case0_1.png").write_text("no picture")


def mask_of_another_size(folder: Path) -> None:
    Image.new("L", (5, 7)).save(folder / "masks" / "case0_0.png")


def two_of_one_stem(folder: Path) -> None:
    Image.new("L", (16, 20)).save(folder / "images" / "case0_0.bmp")


def label_mask(folder: Path) -> None:
    Image.fromarray(np.full((20, 16), 3, np.uint8)).save(folder / "masks" / "case0_0.png")


def no_masks(folder: Path) -> None:
    (folder / "masks").rename(folder / "labels")


def empty(folder: Path) -> None:
    for file in folder.glob("*/*"):
        file.unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (remove_mask, r"case1_0 lacks masks/case1_0"),
        (truncate_image, r"case0_1\.png: is not a readable image"),
        (text_as_image, r"case0_1\.png: is not a readable image"),
        (mask_of_another_size, r"case0_0\.png: the mask has 7x5 pixels, its image 20x16"),
        (two_of_one_stem, r"case0_0\.bmp and case0_0\.png have one stem"),
        (
            label_mask,
            r"d: the masks hold 3 values: 0 \([\d,]+ pixels, .*, in 3 of 4 masks\), 3 \(320 pixels, 25\.00%, in 1 of 4 masks\), 255",
        ),
        (no_masks, r"4 images without a mask: case0_0 lacks masks/case0_0"),
        (empty, r"no image lies at images/\{case\} or masks/\{case\}, and no image at all"),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    folder = draw_pairs(tmp_path / "d", 4)
    load_data(FolderConfig(path=folder), NETWORK)  # sound before
    damage(folder)
    with refused(said):
        load_data(FolderConfig(path=folder), NETWORK)


def test_one_group_cannot_be_split(tmp_path: Path) -> None:
    with refused(r"1 group\(s\)"):
        load_data(FolderConfig(path=draw_pairs(tmp_path / "d", 2), group_separator="_"), NETWORK)


def test_what_is_no_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "data", 6)
    (folder / "images" / "case0_0.png").unlink()
    os.mkfifo(folder / "images" / "case0_0.png")
    with refused(r"case0_0\.png.*not a regular file"):
        load_data(FolderConfig(path=folder), NETWORK)


@pytest.mark.parametrize(("size", "said"), [((9000, 8000), "72000000|9000x8000"), ((60_000, 1), "60000x60000")])
def test_a_picture_that_takes_all_memory_is_refused(tmp_path: Path, size: tuple[int, int], said: str) -> None:
    folder = draw_pairs(tmp_path / "data", 6)
    for kind in ("images", "masks"):
        Image.new("1", size).save(folder / kind / "case0_0.png")
    with refused(said):
        load_data(FolderConfig(path=folder), NETWORK)


def test_a_name_of_any_bytes_is_taken(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "data", 6)
    for kind in ("images", "masks"):
        (folder / kind / "case0_0.png").rename(folder / kind / "a\udcff.png")
    split = load_data(FolderConfig(path=folder), NETWORK)
    assert "a\udcff" in (*split.train.names, *split.validation.names)


def test_postscript_under_the_name_of_an_image_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = draw_pairs(tmp_path / "data", 6)
    (folder / "images" / "case0_0.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 16\n")
    monkeypatch.setattr("subprocess.Popen", lambda *args, **kwargs: pytest.fail("a program was started"))
    with refused(r"case0_0\.png: is not a readable image"):
        load_data(FolderConfig(path=folder), NETWORK)


def test_images_that_use_a_part_of_the_range_can_be_stretched(tmp_path: Path) -> None:
    """Two microscopes: the same cell with values up to 200 and up to 20."""
    cell = np.zeros((16, 16))
    cell[4:12, 4:12] = 1
    for name, most in (("bright", 200), ("dark", 20)):
        for kind, values in (("images", 4 + cell * most), ("masks", 255 * cell)):
            (tmp_path / kind).mkdir(exist_ok=True)
            Image.fromarray(values.astype(np.uint8)).save(tmp_path / kind / f"{name}.png")
    network = ModelConfig(depth=1, image_size=(16, 16))
    plain, stretched = (
        load_folder_pairs(FolderConfig(path=tmp_path, contrast=contrast), network).images
        for contrast in ("as_stored", "percentiles")
    )
    assert [int(image.max()) for image in plain] == [204, 24]
    assert np.array_equal(stretched[0], stretched[1])
    assert (stretched.min(), stretched.max()) == (0, 255)
