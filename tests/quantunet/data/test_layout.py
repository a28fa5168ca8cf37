# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from pathlib import Path

import pytest

from quantunet.data.layout import matched_files
from quantunet.data_config import FolderConfig
from tests.quantunet.refusal import refused


def stem_of(file: Path) -> str | None:
    return file.stem if file.suffix == ".png" else None


def matched(folder: Path, *files: str, **patterns: object) -> dict[str, tuple[tuple[str, ...], str]]:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    config = FolderConfig.model_validate({"path": folder, **patterns})
    found = matched_files(config, "image", stem_of, (".png",))
    return {
        case: (tuple(file.relative_to(folder).as_posix() for file in images), mask.relative_to(folder).as_posix())
        for case, (images, mask) in found.items()
    }


def test_folders_of_images_and_masks(tmp_path: Path) -> None:
    files = ("images/b.png", "images/a.png", "masks/a.png", "masks/b.png", "images/notes.txt", "images/._a.png")
    found = matched(tmp_path, *files, "images/more/c.png")
    assert found == {"a": (("images/a.png",), "masks/a.png"), "b": (("images/b.png",), "masks/b.png")}


@pytest.mark.parametrize(
    ("files", "patterns"),
    [
        (("x/a.png", "x/a_mask.png"), {"images": "x/{case}", "mask": "x/{case}_mask"}),
        (("a/image.png", "a/mask.png"), {"images": "{case}/image", "mask": "{case}/mask"}),
        (
            ("a/a_t1.png", "a/a_t2.png", "a/a_seg.png"),
            {"images": ["{case}/{case}_t1", "{case}/{case}_t2"], "mask": "{case}/{case}_seg"},
        ),
        (
            ("training/images/a_training.png", "training/1st/a_manual1.png"),
            {"images": "training/images/{case}_training", "mask": "training/1st/{case}_manual1"},
        ),
        (("train/a.png", "gt/lung/a-1.png"), {"images": "train/{case}", "mask": "gt/lung/{case}-1"}),
    ],
)
def test_layouts_by_pattern(tmp_path: Path, files: tuple[str, ...], patterns: dict[str, object]) -> None:
    assert matched(tmp_path, *files, **patterns) == {"a": (files[:-1], files[-1])}


def test_a_case_without_its_mask_is_told_how_masks_may_be_named(tmp_path: Path) -> None:
    with refused("a lacks masks/a") as raised:
        matched(tmp_path, "images/a.png", "masks/a_label.png", "images/b.png", "masks/b.png")
    assert 'data.mask: "masks/{case}_label" (--mask "masks/{case}_label")' in raised.value.fix


def test_of_several_ways_to_read_a_name_the_one_that_fits_most_is_told(tmp_path: Path) -> None:
    files = [f"{name}{case}.png" for case in ("a", "b") for name in ("images/", "masks/label_")]
    with refused("2 images without a mask") as raised:
        matched(tmp_path, *files)
    assert '"masks/label_{case}"' in raised.value.fix


def test_what_there_is_instead_is_named(tmp_path: Path) -> None:
    with refused(r"no image lies at images/\{case\}; there are train/a, train/b"):
        matched(tmp_path, "train/a.png", "train/b.png", "masks/a.png")
    config = FolderConfig(path=tmp_path, images=("train/{case}",))
    with refused(r"a\.png and b\.png have one stem"):
        matched_files(config, "image", lambda file: "same", (".png",))
    with refused("none: is not a folder"):
        matched(tmp_path / "none")
