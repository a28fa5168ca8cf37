# SPDX-License-Identifier: BSD-3-Clause
"""What a data set's masks mean together: what is accepted, with which target, and what is refused in which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from quantunet.data.mask_values import Masks
from quantunet.mask_config import MaskValues
from tests.quantunet.refusal import refused

Pixels = np.ndarray


def png(*values: int, palette: list[int] | None = None) -> Image.Image:
    """Two rows of pixels in blocks of four for each value."""
    row = np.repeat(np.array(values, np.uint8), 4)
    image = Image.fromarray(np.stack([row, row]))
    if palette is not None:
        image = Image.frombytes("P", image.size, image.tobytes())
        image.putpalette(palette)
    return image


def colours(*values: tuple[int, ...]) -> Image.Image:
    row = np.repeat(np.array(values, np.uint8), 4, axis=0)
    return Image.fromarray(np.stack([row, row]))


def read(
    folder: Path, pictures: list[Image.Image], suffix: str = "png", **settings: object
) -> tuple[Masks, list[Pixels]]:
    """All masks of a data set, with the first pixel of each block: 1 target, 0 background, -1 ignored."""
    masks = Masks(MaskValues.model_validate(settings), folder)
    found = []
    for index, picture in enumerate(pictures):
        file = folder / f"m{index}.{suffix}"
        picture.save(file)
        target, ignored = masks.read(file, (picture.height, picture.width))
        masks.saw(target)
        assert ignored is None or not (target & ignored).any()
        found.append((target.astype(int) - (0 if ignored is None else ignored))[0, ::4].tolist())
    masks.check()
    return masks, found


BLACK_RED_GREEN = [0, 0, 0, 128, 0, 0, 0, 128, 0]
WITH_BORDER = BLACK_RED_GREEN + [0] * 756 + [224, 224, 192]


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        ([png(0, 255), png(0)], [[0, 1], [0]]),
        ([png(0, 1), png(1), png(0)], [[0, 1], [1], [0]]),
        ([png(0, 255).convert("1"), png(255, 0), png(255, 0).convert("RGB")], [[0, 1], [1, 0], [1, 0]]),
        ([png(0, 255).convert("RGBA")], [[0, 1]]),
        ([png(0, 1, palette=BLACK_RED_GREEN), png(0, palette=BLACK_RED_GREEN)], [[0, 1], [0]]),
        ([png(0, 1, palette=[0, 0, 0, 255, 255, 255])], [[0, 1]]),
        ([png(0, 255, palette=[part for i in range(256) for part in (i, i, i)])], [[0, 1]]),
        ([Image.fromarray(np.array([[0, 65535] * 4], np.uint16).repeat(4, axis=1))], [[0, 1] * 4]),
        ([colours((0, 0, 0), (255, 255, 255))], [[0, 1]]),
    ],
)
def test_masks_of_0_and_255_or_of_0_and_1_need_no_word(
    tmp_path: Path, pictures: list[Image.Image], expected: list[list[int]]
) -> None:
    masks, found = read(tmp_path, pictures)
    assert found == expected
    assert masks.notes() == []


@pytest.mark.parametrize(
    ("pictures", "said"),
    [
        ([png(0, 127, 255)], r"3 values: 0 \(8 pixels, 33\.33%, in 1 of 1 mask\), 127 \(8 pixels.*\), 255"),
        ([png(255, 128, 0)], r"3 values: 0 .*, 128 .*, 255 .*data\.labels: \[128, 255\]|3 values"),
        ([png(0, 127)], r"2 values: 0 .*, 127"),
        ([png(128, 255)], r"2 values: 128 .*, 255"),
        ([png(38, 75)], r"2 values: 38 .*, 75"),
        ([png(0, 38)], r"2 values: 0 .*, 38"),
        ([png(7)], r"1 value: 7"),
        (
            [png(0, 1), png(0, 255), png(0)],
            r"3 values: 0 \(24 pixels, .*, in 3 of 3 masks\), 1 \(8 pixels, .*, in 1 of 3 masks\)",
        ),
        ([png(0, 128), png(0, 255)], r"3 values"),
        ([png(0, 1, palette=WITH_BORDER), png(0, 255, palette=WITH_BORDER)], r"3 values: 0 .*, 1 .*, 255"),
        ([png(0, 255, palette=WITH_BORDER)], r"index 255 of a palette may be the target or a border"),
        ([png(0, 1, palette=[255, 255, 255, 0, 0, 0])], r"m0\.png index 1 is #000000, darker than index 0, #ffffff"),
        (
            [png(0, 1, palette=[0, 0, 0, 255, 255, 255]), png(0, palette=[255, 255, 255])],
            r"index 0 is #000000 in m0\.png and #ffffff in m1\.png",
        ),
        ([png(0, 2, palette=BLACK_RED_GREEN)], r"2 values: 0 .*, 2"),
        ([colours((0, 0, 0), (255, 0, 0))], r"2 values: 0 .*, #ff0000 (.|\n)*data\.labels: \[\"#ff0000\"\]"),
        ([colours((0, 0, 0), (255, 0, 0), (0, 255, 0))], r"3 values"),
        ([colours((0, 0, 0), (255, 255, 255), (255, 0, 0))], r"3 values: 0 .*, 255 .*, #ff0000"),
        ([colours((0, 0, 0, 0), (255, 255, 255, 255))], r"2 values: 255 .*, #00000000"),
        (
            [Image.fromarray(np.arange(256, dtype=np.uint8)[None])],
            r"256 values: .* and 250 more(.|\n)*data\.threshold: 128",
        ),
    ],
)
def test_what_is_not_clear_is_refused_with_all_values_and_their_pixels(
    tmp_path: Path, pictures: list[Image.Image], said: str
) -> None:
    with refused(said) as raised:
        read(tmp_path, pictures)
    assert raised.value.where == str(tmp_path)
    assert "data.labels" in raised.value.fix


@pytest.mark.parametrize(
    ("pictures", "settings", "expected"),
    [
        ([png(0, 127, 255)], {"labels": [127]}, [[0, 1, 0]]),
        ([png(0, 127, 255)], {"labels": [127, 255]}, [[0, 1, 1]]),
        ([png(255, 128, 0)], {"labels": [0, 128]}, [[0, 1, 1]]),  # REFUGE: optic disc with its cup
        ([png(255, 128, 0)], {"labels": 0}, [[0, 0, 1]]),
        ([png(0, 1), png(0, 255)], {"labels": [1, 255]}, [[0, 1], [0, 1]]),
        ([png(0, 3, 17)], {"labels": "nonzero"}, [[0, 1, 1]]),
        ([png(0, 1, 255)], {"ignore": [255]}, [[0, 1, -1]]),
        ([png(0, 1, 255, palette=WITH_BORDER)], {"ignore": [255]}, [[0, 1, -1]]),
        ([png(0, 1, 2, 255, palette=WITH_BORDER)], {"labels": [2], "ignore": [255]}, [[0, 0, 1, -1]]),
        ([png(0, 15, 255)], {"labels": "nonzero", "ignore": [255]}, [[0, 1, -1]]),
        ([png(0, 90, 128, 200)], {"threshold": 128}, [[0, 0, 1, 1]]),
        ([png(0, 90, 128, 255)], {"threshold": 128, "ignore": 255}, [[0, 0, 1, -1]]),
        ([colours((0, 0, 0), (255, 0, 0), (0, 255, 0))], {"labels": ["#FF0000"]}, [[0, 1, 0]]),
        ([colours((0, 0, 0), (255, 0, 0), (0, 255, 0))], {"labels": [[0, 255, 0]]}, [[0, 0, 1]]),
        ([colours((0, 0, 0), (255, 0, 0), (9, 0, 0))], {"labels": ["#ff0000"], "ignore": ["#090000"]}, [[0, 1, -1]]),
        ([colours((0, 0, 0), (255, 255, 255), (255, 0, 0)), png(0, 255)], {"labels": ["#ffffff"]}, [[0, 1, 0], [0, 1]]),
        ([colours((9, 9, 9, 0), (255, 0, 0, 255))], {"labels": "nonzero"}, [[0, 1]]),
        ([colours((0, 0, 0, 255), (255, 0, 0, 128))], {"labels": ["#ff000080"]}, [[0, 1]]),
    ],
)
def test_the_configuration_chooses(
    tmp_path: Path, pictures: list[Image.Image], settings: dict[str, object], expected: list[list[int]]
) -> None:
    masks, found = read(tmp_path, pictures, **settings)
    assert found == expected
    assert masks.notes()[0].startswith("the masks hold")


def test_the_summary_tells_what_was_chosen_and_what_is_not_there(tmp_path: Path) -> None:
    masks, _ = read(tmp_path, [png(0, 0, 0, 128, 255)], labels=[128, 7], ignore=[255])
    assert masks.notes() == [
        "the masks hold 3 values: 0 (24 pixels, 60.00%, in 1 of 1 mask), 128 (8 pixels, 20.00%, in 1 of 1 mask), "
        "255 (8 pixels, 20.00%, in 1 of 1 mask); the target is 128, 7, 255 left out",
        "no mask holds 7, which the configuration names",
    ]


def test_target_and_background_exchanged_are_noticed(tmp_path: Path) -> None:
    """Two values, so that nothing is missing, but all that surrounds the organ is marked."""
    pixels = np.full((12, 12), 255, np.uint8)
    pixels[4:8, 4:8] = 0
    masks, _ = read(tmp_path, [Image.fromarray(pixels)] * 3)
    assert masks.notes() == [
        "the target covers the border of 3 of 3 images all round: look whether target and background are exchanged "
        "(qu-data --pictures); data.labels: [0] takes what is 0"
    ]
    assert read(tmp_path, [Image.fromarray(255 - pixels)] * 3)[0].notes() == []


def test_a_background_that_is_not_0_is_noticed(tmp_path: Path) -> None:
    """REFUGE: 255 around the optic disc, 128 the disc, 0 the cup in it."""
    pixels = np.full((12, 12), 255, np.uint8)
    pixels[3:9, 3:9], pixels[5:7, 5:7] = 128, 0
    with refused(r"0 \(12 pixels.*128 \(96 pixels.*255 \(324 pixels") as raised:
        read(tmp_path, [Image.fromarray(pixels)] * 3, "bmp")
    assert raised.value.fix.startswith(
        "255 surrounds all else, as background does. Name those of the target, such as data."
    )
    assert "data.labels: [0, 128] (--labels 0,128);" in raised.value.fix


def test_black_on_nothing_is_named_as_the_target_that_it_may_be(tmp_path: Path) -> None:
    with refused(r"2 values: 0 .*, #00000000 ") as raised:
        read(tmp_path, [colours((9, 9, 9, 0), (0, 0, 0, 255), (9, 9, 9, 0))])
    assert "data.labels: [0] (--labels 0);" in raised.value.fix
    assert read(tmp_path, [colours((9, 9, 9, 0), (0, 0, 0, 255))], labels=[0])[1] == [[0, 1]]


def test_jpeg_is_taken_as_black_and_white_or_refused(tmp_path: Path) -> None:
    rows, columns = np.mgrid[:40, :40]
    disc = ((rows - 20) ** 2 + (columns - 20) ** 2 < 100).astype(np.uint8)
    masks, _ = read(tmp_path, [Image.fromarray(255 * disc)], "jpg")
    assert masks.notes() == ["1 JPEG mask: values were taken as 0 and 255, whichever is nearer"]
    three = Image.fromarray(127 * disc + 128 * (disc & (rows > 20)).astype(np.uint8))
    with refused(r"values: (.|\n)*data\.threshold"):
        read(tmp_path, [three], "jpg")
    with refused(r"JPEG changes values(.|\n)*PNG"):
        read(tmp_path, [three], "jpg", labels=[127])
    masks, _ = read(tmp_path, [three], "jpg", threshold=64)
    target, _ = masks.read(tmp_path / "m0.jpg", (40, 40))
    assert (target != disc.astype(bool)).mean() < 0.01


def test_a_threshold_needs_numbers(tmp_path: Path) -> None:
    with refused("with colours, which a threshold does not suit"):
        read(tmp_path, [colours((0, 0, 0), (255, 0, 0))], threshold=9)
    with refused("with a palette, which a threshold does not suit"):
        read(tmp_path, [png(0, 1, palette=BLACK_RED_GREEN)], threshold=1)


def test_palettes_that_differ_are_told_where_labels_count_by_index(tmp_path: Path) -> None:
    pictures = [png(0, 1, palette=[0, 0, 0, 255, 255, 255]), png(0, 1, palette=[0, 0, 0, 255, 0, 0])]
    masks, found = read(tmp_path, pictures, labels=[1])
    assert found == [[0, 1], [0, 1]]
    assert any("masks count by index" in note for note in masks.notes())


def test_a_photograph_in_place_of_a_mask_is_counted_no_further_than_needed(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (100, 100, 3)).astype(np.uint8)
    with refused(r"more than 4,096 values"):
        read(tmp_path, [Image.fromarray(noise)])


def test_probabilities_are_rounded_or_thresholded(tmp_path: Path) -> None:
    soft = Image.fromarray(np.array([[0, 0.3, 0.6, 1]], np.float32).repeat(4, axis=1))
    masks, found = read(tmp_path, [soft], "tif")
    assert found == [[0, 0, 1, 1]]
    assert masks.notes() == ["1 mask with fractions, which were rounded"]
    assert read(tmp_path, [soft], "tif", threshold=0.25)[1] == [[0, 1, 1, 1]]


def test_a_public_data_set_is_to_be_restored_where_its_masks_are_strange(tmp_path: Path) -> None:
    masks = Masks(None, tmp_path)
    png(0, 127, 255).save(tmp_path / "a.png")
    masks.read(tmp_path / "a.png", (2, 12))
    with refused(r"3 values(.|\n)*restore them from the archive"):
        masks.check()
