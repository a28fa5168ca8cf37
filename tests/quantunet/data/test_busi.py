# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from quantunet.config import ModelConfig
from quantunet.data import Pairs, Split, load_data
from quantunet.data_config import BusiConfig
from tests.quantunet.data.look_alikes import disc, draw_busi
from tests.quantunet.refusal import refused

NETWORK = ModelConfig(depth=2, image_size=(20, 24))


@pytest.fixture
def busi(tmp_path: Path) -> Path:
    return draw_busi(tmp_path)


def load(path: Path, **settings: object) -> Split:
    return load_data(BusiConfig.model_validate({"path": path, **settings}), NETWORK)


def together(split: Split) -> dict[str, np.ndarray]:
    """Name -> mask, of all parts."""
    parts: list[Pairs] = [split.train, split.validation]
    return {name: mask[0] for part in parts for name, mask in zip(part.names, part.masks, strict=True)}


def test_every_class_is_in_both_parts_and_no_image_in_two(busi: Path) -> None:
    split = load(busi)
    assert split.notes == ()
    assert (len(split.train), len(split.validation)) == (12, 3)
    assert not set(split.train.names) & set(split.validation.names)
    for part in (split.train, split.validation):
        assert {name.split("/")[0] for name in part.names} == {"benign", "malignant", "normal"}


def test_masks_of_all_kinds_are_read_and_normal_images_have_empty_ones(busi: Path) -> None:
    masks = together(load(busi))
    for number in range(1, 6):  # 1 bit, RGB, RGBA
        assert np.array_equal(masks[f"benign/benign ({number})"] * 255, disc(number)[1])
        assert not masks[f"normal/normal ({number})"].any()


def test_several_lesions_of_an_image_are_one_mask(busi: Path) -> None:
    second = np.zeros((20, 24), np.uint8)
    second[:4, :4] = 255
    Image.fromarray(second).save(busi / "benign" / "benign (2)_mask_1.png")
    assert np.array_equal(together(load(busi))["benign/benign (2)"] * 255, disc(2)[1] | second)


def test_colours_become_grey_or_stay(busi: Path) -> None:
    Image.new("RGB", (24, 20), (255, 0, 51)).save(busi / "benign" / "benign (1).png")

    def pixel(channels: int) -> list[int]:
        split = load_data(BusiConfig(path=busi), NETWORK.model_copy(update={"in_channels": channels}))
        for part in (split.train, split.validation):
            if "benign/benign (1)" in part.names:
                return [int(value) for value in part.images[part.names.index("benign/benign (1)"), :, 3, 3]]
        raise AssertionError

    assert pixel(3) == [255, 0, 51]
    assert pixel(1) == [82]  # 0.299 red + 0.114 blue


def test_the_folder_above_is_found_and_classes_can_be_chosen(busi: Path) -> None:
    names = together(load(busi.parent, classes=["benign", "malignant"]))
    assert {name.split("/")[0] for name in names} == {"benign", "malignant"}


def test_copies_of_an_image_are_used_once(busi: Path) -> None:
    for suffix in (".png", "_mask.png"):
        shutil.copy(busi / "benign" / f"benign (1){suffix}", busi / "malignant" / f"malignant (9){suffix}")
    shutil.copy(busi / "benign" / "benign (3).png", busi / "benign" / "benign (7).png")
    shutil.copy(busi / "benign" / "benign (4)_mask.png", busi / "benign" / "benign (7)_mask.png")
    split = load(busi)
    assert len(together(split)) == 15
    assert split.notes == (
        "2 skipped, copies of another image: benign/benign (7) = benign/benign (3), "
        "malignant/malignant (9) = benign/benign (1)",
        "1 of these copies have another mask than the first: benign/benign (7)",
    )


def test_lesions_without_a_mark_and_strange_files_are_reported(busi: Path) -> None:
    Image.new("L", (24, 20)).save(busi / "malignant" / "malignant (2)_mask.png")
    (busi / "benign" / "Thumbs.db").write_text("x")
    (busi / "benign" / ".DS_Store").write_text("x")
    split = load(busi)
    assert "malignant/malignant (2)" not in together(split)
    assert split.notes == (
        "1 files are no images of BUSI and were ignored: benign/Thumbs.db",
        "1 skipped, a lesion whose mask is empty: malignant/malignant (2)",
    )


def test_empty_masks_can_be_skipped(busi: Path) -> None:
    assert not [name for name in together(load(busi, empty_masks="skip")) if name.startswith("normal")]


def remove_mask(busi: Path) -> None:
    (busi / "benign" / "benign (2)_mask.png").unlink()


def remove_image(busi: Path) -> None:
    (busi / "malignant" / "malignant (2).png").unlink()


def truncate(busi: Path) -> None:
    file = busi / "normal" / "normal (1).png"
    file.write_bytes(file.read_bytes()[:70])


def mask_of_another_size(busi: Path) -> None:
    Image.new("L", (5, 7)).save(busi / "benign" / "benign (4)_mask.png")


def remove_class(busi: Path) -> None:
    shutil.rmtree(busi / "normal")


def another_layout(busi: Path) -> None:
    for folder in list(busi.iterdir()):
        folder.rename(busi / f"x{folder.name}")


def all_at_once(busi: Path) -> None:
    for number in range(1, 6):
        (busi / "benign" / f"benign ({number})_mask.png").unlink()
    remove_image(busi)


def several_unreadable(busi: Path) -> None:
    truncate(busi)
    mask_of_another_size(busi)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (remove_mask, r"benign \(2\)\.png: has no mask"),
        (remove_image, r"malignant \(2\)_mask\.png: has no image"),
        (truncate, r"normal \(1\)\.png: is not a readable image"),
        (mask_of_another_size, r"benign \(4\)_mask\.png: the mask has 7x5 pixels, its image 20x24"),
        (remove_class, r"normal: is not a folder(.|\n)*leave normal out of data\.classes"),
        (another_layout, r"none of the folders benign, malignant, normal"),
        (
            all_at_once,
            r"5 images without a mask: benign/benign \(1\)\.png: has no mask, .* and 2 more; "
            r"1 masks without an image: malignant/malignant \(2\)_mask",
        ),
        (several_unreadable, r"2 unusable files: benign/benign \(4\)_mask.*normal/normal \(1\)\.png"),
    ],
)
def test_damage_is_named(busi: Path, damage: Callable[[Path], None], said: str) -> None:
    damage(busi)
    with refused(said):
        load(busi)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with refused(r"none: is not a folder(.|\n)*Dataset_BUSI_with_GT"):
        load(tmp_path / "none")
