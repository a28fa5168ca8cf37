from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from quantunet.config import FolderConfig, ModelConfig
from quantunet.data import load_data, load_folder_pairs
from quantunet.errors import QuantUNetError
from tests.quantunet.conftest import draw_pairs

NETWORK = ModelConfig(depth=2, image_size=(16, 16))


def test_pairs_are_fitted_to_the_network(pairs_folder: Path) -> None:
    pairs = load_folder_pairs(pairs_folder, NETWORK)
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
    pairs = load_folder_pairs(folder, NETWORK)
    for index, name in enumerate(pairs.names):
        assert np.array_equal(pairs.images[index, 0], np.asarray(Image.open(folder / "images" / f"{name}.png")))
        mask = np.asarray(Image.open(folder / "masks" / f"{name}.png"))
        assert np.array_equal(pairs.masks[index, 0] * 255, mask)


def test_colour_images_and_binary_masks_of_another_type(tmp_path: Path) -> None:
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
    Image.new("RGB", (16, 16), (255, 0, 51)).save(tmp_path / "images" / "a.png")
    Image.fromarray(np.eye(16, dtype=np.uint8)).save(tmp_path / "masks" / "a.tif")  # 0 and 1
    pairs = load_folder_pairs(tmp_path, ModelConfig(depth=1, in_channels=3, image_size=(16, 16)))
    assert pairs.images[0, :, 3, 3].tolist() == [255, 0, 51]
    assert np.array_equal(pairs.masks[0, 0], np.eye(16))


def test_16_bit_images_keep_their_range(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "d", 1, size=(16, 16))
    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16).reshape(16, 16)
    Image.fromarray(ramp).save(folder / "images" / "case0_0.png")
    pairs = load_folder_pairs(folder, NETWORK)
    assert np.array_equal(pairs.images[0, 0], np.arange(256).reshape(16, 16))


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
        (remove_mask, r"image `case1_0` has no partner in masks/"),
        (truncate_image, r"case0_1\.png: is not a readable image"),
        (text_as_image, r"case0_1\.png: is not a readable image"),
        (mask_of_another_size, r"case0_0\.png: the mask has 7x5 pixels, its image 20x16"),
        (two_of_one_stem, r"case0_0\.bmp and case0_0\.png have one stem"),
        (label_mask, r"largest value is 3"),
        (no_masks, r"masks: is not a folder"),
        (empty, r"holds no image"),
    ],
)
def test_damage_is_named(tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    folder = draw_pairs(tmp_path / "d", 4)
    load_data(FolderConfig(path=folder), NETWORK)  # sound before
    damage(folder)
    with pytest.raises(QuantUNetError, match=said):
        load_data(FolderConfig(path=folder), NETWORK)


def test_one_group_cannot_be_split(tmp_path: Path) -> None:
    with pytest.raises(QuantUNetError, match=r"1 group\(s\)"):
        load_data(FolderConfig(path=draw_pairs(tmp_path / "d", 2), group_separator="_"), NETWORK)


def test_what_is_no_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    folder = draw_pairs(tmp_path / "data", 6)
    (folder / "images" / "case0_0.png").unlink()
    os.mkfifo(folder / "images" / "case0_0.png")
    with pytest.raises(QuantUNetError, match=r"case0_0\.png.*no regular file"):
        load_data(FolderConfig(path=folder), NETWORK)


@pytest.mark.parametrize(("size", "said"), [((9000, 8000), "72000000|9000x8000"), ((60_000, 1), "60000x60000")])
def test_a_picture_that_takes_all_memory_is_refused(tmp_path: Path, size: tuple[int, int], said: str) -> None:
    folder = draw_pairs(tmp_path / "data", 6)
    for kind in ("images", "masks"):
        Image.new("1", size).save(folder / kind / "case0_0.png")
    with pytest.raises(QuantUNetError, match=said):
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
    with pytest.raises(QuantUNetError, match=r"case0_0\.png: is not a readable image"):
        load_data(FolderConfig(path=folder), NETWORK)
