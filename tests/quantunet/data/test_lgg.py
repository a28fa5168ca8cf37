# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from quantunet.config import ModelConfig
from quantunet.data import Split, load_data
from quantunet.data_config import LggConfig
from tests.quantunet.data.look_alikes import draw_lgg
from tests.quantunet.refusal import refused

NETWORK = ModelConfig(in_channels=3, depth=2, image_size=(32, 32))


@pytest.fixture
def lgg(tmp_path: Path) -> Path:
    return draw_lgg(tmp_path)


def load(path: Path, **settings: object) -> Split:
    return load_data(LggConfig.model_validate({"path": path, **settings}), NETWORK)


def patients(names: tuple[str, ...]) -> set[str]:
    return {"_".join(name.split("_")[:3]) for name in names}


@pytest.mark.parametrize("seed", range(4))
def test_a_patient_is_in_one_part_even_with_two_scans(lgg: Path, seed: int) -> None:
    split = load(lgg, split_seed=seed, test_fraction=0.25, validation_fraction=0.25)
    assert split.test is not None
    parts = [patients(part.names) for part in (split.train, split.validation, split.test)]
    assert [len(part) for part in parts] == [2, 1, 1]
    assert set.union(*parts) == {"TCGA_CS_4941", "TCGA_CS_4942", "TCGA_DU_5849", "TCGA_HT_7473"}
    assert len(split.train) + len(split.validation) + len(split.test) == 20


def test_three_sequences_or_the_chosen_one(lgg: Path) -> None:
    image = np.asarray(Image.open(lgg / "TCGA_CS_4941_19960909" / "TCGA_CS_4941_19960909_2.tif"))
    for channels, sequence, expected in (
        (3, "flair", image.transpose(2, 0, 1)),
        (1, "flair", image[None, ..., 1]),
        (1, "post", image[None, ..., 2]),
    ):
        network = NETWORK.model_copy(update={"in_channels": channels})
        split = load_data(LggConfig.model_validate({"path": lgg, "sequence": sequence}), network)
        found = [
            part.images[part.names.index("TCGA_CS_4941_19960909_2")]
            for part in (split.train, split.validation)
            if "TCGA_CS_4941_19960909_2" in part.names
        ]
        assert np.array_equal(found[0], expected)


def test_the_copy_of_itself_that_the_archive_holds_is_ignored(lgg: Path) -> None:
    alone = load(lgg.parent)
    shutil.copytree(lgg, lgg.parent / "lgg-mri-segmentation" / "kaggle_3m")
    both = load(lgg.parent)
    assert both.notes == ("40 files ignored, whose names come a second time",)
    assert both.train.names == alone.train.names
    assert np.array_equal(both.train.images, alone.train.images)


def test_slices_without_tumour_are_kept_or_skipped(lgg: Path) -> None:
    kept = load(lgg)
    assert sum(not mask.any() for part in (kept.train, kept.validation) for mask in part.masks) == 5
    skipped = load(lgg, empty_masks="skip")
    assert len(skipped.train) + len(skipped.validation) == 15
    assert skipped.notes[0].startswith("5 skipped, nothing is marked: TCGA_CS_4941_19960909_1, ")


def test_a_network_of_two_channels_is_refused(lgg: Path) -> None:
    with refused(r"model\.in_channels: the slices have three channels"):
        load_data(LggConfig(path=lgg), NETWORK.model_copy(update={"in_channels": 2}))


def scan(lgg: Path) -> Path:
    return lgg / "TCGA_DU_5849_19950405"


def remove_masks(lgg: Path) -> None:
    for number in (2, 3):
        (scan(lgg) / f"TCGA_DU_5849_19950405_{number}_mask.tif").unlink()


def remove_image(lgg: Path) -> None:
    (scan(lgg) / "TCGA_DU_5849_19950405_4.tif").unlink()


def truncate(lgg: Path) -> None:
    file = scan(lgg) / "TCGA_DU_5849_19950405_1.tif"
    file.write_bytes(file.read_bytes()[:500])


def mask_of_another_size(lgg: Path) -> None:
    Image.new("L", (16, 32)).save(scan(lgg) / "TCGA_DU_5849_19950405_1_mask.tif")


def nothing_marked(lgg: Path) -> None:
    for file in lgg.rglob("*_mask.tif"):
        Image.new("L", (32, 32)).save(file)


def no_slice(lgg: Path) -> None:
    for file in lgg.rglob("*.tif"):
        file.unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (remove_masks, r"kaggle_3m: 2 images without a mask: TCGA_DU_5849_19950405/TCGA_DU_5849_19950405_2\.tif"),
        (remove_image, r"_4_mask\.tif: has no image"),
        (truncate, r"_1\.tif: is not a readable image"),
        (mask_of_another_size, r"_1_mask\.tif: the mask has 32x16 pixels, its image 32x32"),
        (nothing_marked, r"no mask of the training part marks anything"),
        (no_slice, r"holds no file named like TCGA_CS_4941_19960909_1\.tif"),
    ],
)
def test_damage_is_named(lgg: Path, damage: Callable[[Path], None], said: str) -> None:
    damage(lgg)
    with refused(said):
        load(lgg)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with refused(r"none: is not a folder"):
        load(tmp_path / "none")
