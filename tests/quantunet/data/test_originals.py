# SPDX-License-Identifier: BSD-3-Clause
"""Tiny archives that look like the published ones."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from quantunet.cli_data import ORIGINAL_NAMES, data_main
from quantunet.config import ModelConfig
from quantunet.data import load_data
from quantunet.data.originals import ORIGINALS, filled_outline, write_layout
from quantunet.data_config import FolderConfig, VolumesConfig
from tests.quantunet.data.look_alikes import ball, write_volume
from tests.quantunet.refusal import refused

NETWORK = ModelConfig(depth=1, image_size=(16, 16))


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, format="PNG")
    return buffer.getvalue()


def zipped(file: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def outline(box: tuple[int, int, int, int], size: tuple[int, int] = (60, 80)) -> np.ndarray:
    """An ellipse HW in `box` (left, top, right, bottom), one pixel thick, what lies outside of the image cut off."""
    picture = Image.new("L", (size[1], size[0]))
    ImageDraw.Draw(picture).ellipse(box, outline=255)
    return np.asarray(picture)


def disc(box: tuple[int, int, int, int], size: tuple[int, int] = (60, 80)) -> np.ndarray:
    picture = Image.new("L", (size[1], size[0]))
    ImageDraw.Draw(picture).ellipse(box, fill=255)
    return np.asarray(picture) > 0


@pytest.mark.parametrize(
    "box", [pytest.param((10, 10, 60, 45), id="whole"), pytest.param((-20, 10, 40, 45), id="cut-off")]
)
def test_an_ellipse_is_filled(box: tuple[int, int, int, int]) -> None:
    filled, true = filled_outline(outline(box) > 0), disc(box)
    assert (filled == true).mean() > 0.99
    assert filled.sum() > 10 * (outline(box) > 0).sum() / 2


def test_what_is_no_outline_is_refused() -> None:
    with pytest.raises(ValueError, match="no area"):
        filled_outline(np.zeros((5, 5), bool))


def test_hc18_is_halved_and_filled_and_split_by_exam(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    members, boxes = {}, {"000_HC": (10, 10, 60, 45), "000_2HC": (20, 8, 70, 50), "001_HC": (5, 5, 50, 50)}
    for name, box in {**boxes, "002_HC": (8, 9, 62, 48)}.items():
        image = random.integers(0, 255, (60, 80))
        members[f"training_set/{name}.png"] = png(image)
        members[f"training_set/{name}_Annotation.png"] = png(outline(box))
        if name == "000_HC":
            first = image
    members["__MACOSX/training_set/._000_HC.png"] = b"nothing"
    output = tmp_path / "hc18"
    assert write_layout("hc18", zipped(tmp_path / "training_set.zip", members), output) == 4
    written = np.asarray(Image.open(output / "images" / "000_HC.png"))
    assert written.shape == (30, 40)
    assert np.abs(written - first.reshape(30, 2, 40, 2).mean((1, 3))).max() <= 0.5
    mask = np.asarray(Image.open(output / "masks" / "000_HC.png")) > 0
    assert (mask == disc(boxes["000_HC"]).reshape(30, 2, 40, 2).mean((1, 3)).round()).mean() > 0.97
    split = load_data(FolderConfig(path=output, group_separator="_"), NETWORK)
    parts = [set(part.case_names) for part in (split.train, split.validation)]
    assert parts[0] | parts[1] == {"000", "001", "002"}
    assert not parts[0] & parts[1]


def test_dsb2018_unites_the_masks_and_keeps_grey_grey(tmp_path: Path) -> None:
    """Grey images are stored as RGBA there; histology has colours."""
    root = tmp_path / "stage1_train"
    for name, tint in (("0a1b", (1, 1, 1)), ("2c3d", (1, 0.5, 0.8))):
        for kind in ("images", "masks"):
            (root / name / kind).mkdir(parents=True)
        grey = np.arange(20 * 30).reshape(20, 30) % 200
        rgba = np.stack([*(grey * part for part in tint), np.full((20, 30), 255)], axis=-1)
        (root / name / "images" / f"{name}.png").write_bytes(png(rgba))
        for index, (top, left) in enumerate([(2, 3), (10, 20)]):
            nucleus = np.zeros((20, 30))
            nucleus[top : top + 4, left : left + 4] = 255
            (root / name / "masks" / f"{index}ff.png").write_bytes(png(nucleus))
    output = tmp_path / "dsb2018"
    assert write_layout("dsb2018", root, output) == 2
    modes = {file.stem: Image.open(file).mode for file in (output / "images").iterdir()}
    assert modes == {"0a1b": "L", "2c3d": "RGB"}
    mask = np.asarray(Image.open(output / "masks" / "0a1b.png"))
    assert set(np.unique(mask)) == {0, 255}
    assert (mask == 255).sum() == 32
    split = load_data(FolderConfig(path=output), NETWORK)
    assert len(split.train) + len(split.validation) == 2


def test_msd_hippocampus_is_written_as_it_is(tmp_path: Path) -> None:
    package = tmp_path / "Task04_Hippocampus.tar"
    with tarfile.open(package, "w") as archive:
        for index in range(3):
            for kind, values in zip(("imagesTr", "labelsTr"), ball(index), strict=True):
                file = tmp_path / "made" / kind / f"hippocampus_{index:03}.nii.gz"
                write_volume(file, values)
                archive.add(file, f"Task04_Hippocampus/{kind}/{file.name}")
                archive.addfile(tarfile.TarInfo(f"Task04_Hippocampus/{kind}/._{file.name}"), io.BytesIO())
        archive.addfile(tarfile.TarInfo("../../hippocampus_009.nii.gz"), io.BytesIO())
    output = tmp_path / "msd_hippocampus"
    assert write_layout("msd_hippocampus", package, output) == 3
    stored = (output / "masks" / "hippocampus_001.nii.gz").read_bytes()
    assert stored == (tmp_path / "made" / "labelsTr" / "hippocampus_001.nii.gz").read_bytes()
    split = load_data(VolumesConfig(path=output, labels=(1,), split="blocks"), NETWORK)
    assert set(split.validation.case_names) == {"hippocampus_000"}


def test_a_mask_that_lacks_is_named(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"000_HC.png": png(np.zeros((8, 8)))})
    with refused("000_HC: has no mask"):
        write_layout("hc18", archive, tmp_path / "out")


def test_another_archive_is_refused_with_where_to_get_the_right_one(tmp_path: Path) -> None:
    with refused("holds no file of HC18.*"):
        write_layout("hc18", zipped(tmp_path / "a.zip", {"other.png": b""}), tmp_path / "out")
    (tmp_path / "b.tar").write_bytes(b"no archive")
    with refused("is not a readable archive"):
        write_layout("hc18", tmp_path / "b.tar", tmp_path / "out")


def test_the_command_writes_the_layout_and_tells_the_terms(tmp_path: Path) -> None:
    members = {"000_HC.png": png(np.zeros((8, 8))), "000_HC_Annotation.png": png(outline((1, 1, 6, 6), (8, 8)))}
    archive, output = zipped(tmp_path / "a.zip", members), tmp_path / "out"
    arguments = ["--original", "hc18", "--data", str(archive)]
    done = CliRunner().invoke(data_main, [*arguments, "--output", str(output)])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == str(output)
    assert "CC BY 4.0" in done.stdout
    assert CliRunner().invoke(data_main, [*arguments, "--output", str(output)]).exit_code == 2
    assert CliRunner().invoke(data_main, arguments).exit_code == 2
    assert tuple(ORIGINALS) == ORIGINAL_NAMES
