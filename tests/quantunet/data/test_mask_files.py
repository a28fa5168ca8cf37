# SPDX-License-Identifier: BSD-3-Clause
"""Every way to write a mask into a file, and the values that are read from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from quantunet.data.mask_files import MaskPicture, mask_of_numbers, read_mask_file
from quantunet.mask_config import TRANSPARENT, Label
from tests.quantunet.data.look_alikes import disc
from tests.quantunet.refusal import refused

SHAPE = (40, 48)
#: 0 background, 1 in a disc, 2 in a smaller one.
LEVELS = np.where(disc(1, SHAPE, 6)[1] > 0, 2, (disc(1, SHAPE, 13)[1] > 0).astype(np.uint8)).astype(np.uint8)
VOC = [0, 0, 0, 128, 0, 0, 0, 128, 0]


def grey(*values: int, kind: type = np.uint8) -> Image.Image:
    return Image.fromarray(np.array(values, kind)[LEVELS])


def indexed(palette: list[int], *indices: int) -> Image.Image:
    image = Image.fromarray(np.array(indices or (0, 1, 2), np.uint8)[LEVELS], "L").convert("L")
    image = Image.frombytes("P", image.size, image.tobytes())
    image.putpalette(palette)
    return image


def coloured(*colours: tuple[int, ...]) -> Image.Image:
    return Image.fromarray(np.array(colours, np.uint8)[LEVELS])


def stored(image: Image.Image, folder: Path, suffix: str, **options: object) -> MaskPicture:
    file = folder / f"mask.{suffix}"
    image.save(file, **options)
    return read_mask_file(file, SHAPE)


@pytest.mark.parametrize(
    ("suffix", "make", "labels"),
    [
        ("png", lambda: grey(0, 127, 255), (0, 127, 255)),
        ("tif", lambda: grey(0, 1, 2), (0, 1, 2)),
        ("bmp", lambda: grey(255, 128, 0), (255, 128, 0)),
        ("pgm", lambda: grey(0, 38, 75), (0, 38, 75)),
        ("png", lambda: grey(0, 255, 255).convert("1"), (0, 255, 255)),
        ("tif", lambda: grey(0, 255, 255).convert("1"), (0, 255, 255)),
        ("png", lambda: grey(0, 300, 65535, kind=np.uint16), (0, 300, 65535)),
        ("tif", lambda: grey(0, 1, 65535, kind=np.uint16), (0, 1, 65535)),
        ("tif", lambda: grey(-1, 0, 70_000, kind=np.int32), (-1, 0, 70_000)),
        ("tif", lambda: grey(0, 1, 2, kind=np.float32), (0, 1, 2)),
        ("png", lambda: indexed(VOC), (0, 1, 2)),
        ("bmp", lambda: indexed(VOC), (0, 1, 2)),
        ("tif", lambda: indexed(VOC), (0, 1, 2)),
        ("gif", lambda: indexed(VOC), (0, 1, 2)),
        ("png", lambda: indexed([0, 0, 0] * 255 + [224, 224, 192], 0, 1, 255), (0, 1, 255)),
        ("png", lambda: coloured((0, 0, 0), (127, 127, 127), (255, 255, 255)), (0, 127, 255)),
        ("png", lambda: coloured((0, 0, 0), (255, 0, 0), (0, 255, 0)), (0, "#ff0000", "#00ff00")),
        ("bmp", lambda: coloured((255, 255, 255), (255, 0, 1), (0, 0, 0)), (255, "#ff0001", 0)),
        ("webp", lambda: coloured((0, 0, 0), (255, 0, 0), (9, 9, 9)), (0, "#ff0000", 9)),
        ("png", lambda: coloured((0, 0, 0, 255), (255, 255, 255, 255), (9, 9, 9, 255)), (0, 255, 9)),
        (
            "png",
            lambda: coloured((9, 8, 7, 0), (255, 0, 0, 255), (255, 0, 0, 128)),
            (TRANSPARENT, "#ff0000", "#ff000080"),
        ),
        ("png", lambda: Image.merge("LA", (grey(0, 7, 255), grey(255, 255, 255))), (0, 7, 255)),
        ("png", lambda: Image.merge("LA", (grey(0, 255, 255), grey(0, 255, 255))), (TRANSPARENT, 255, 255)),
    ],
)
def test_each_format_gives_its_values_where_they_lie(
    tmp_path: Path, suffix: str, make: Callable[[], Image.Image], labels: tuple[Label, ...]
) -> None:
    mask = stored(make(), tmp_path, suffix, **({"lossless": True} if suffix == "webp" else {}))
    counts: dict[Label, int] = {}
    for level, label in enumerate(labels):
        counts[label] = counts.get(label, 0) + int((level == LEVELS).sum())
        assert np.array_equal(
            mask.holds((label,)), np.isin(LEVELS, [i for i, other in enumerate(labels) if other == label])
        )
    assert mask.counts() == counts


def test_only_a_palette_that_is_no_grey_scale_counts_by_index(tmp_path: Path) -> None:
    assert stored(indexed(VOC), tmp_path, "png").palette == {0: 0, 1: "#800000", 2: "#008000"}
    ramp = stored(indexed([part for i in range(256) for part in (i, i, i)], 0, 127, 255), tmp_path, "png")
    assert not ramp.palette and ramp.levels is not None
    assert set(ramp.counts()) == {0, 127, 255}


@pytest.mark.parametrize("quality", [75, 85, 95])
def test_a_jpeg_of_black_and_white_is_restored(tmp_path: Path, quality: int) -> None:
    mask = stored(grey(0, 255, 255), tmp_path, "jpg", quality=quality)
    assert mask.was_restored and not mask.is_inexact_jpeg
    assert np.array_equal(mask.values == 255, LEVELS > 0)
    assert np.array_equal(np.unique(mask.values), (0, 255))
    in_colours = stored(grey(0, 255, 255).convert("RGB"), tmp_path, "jpg", quality=quality)
    assert np.array_equal(in_colours.values, mask.values)


@pytest.mark.parametrize("values", [(0, 127, 255), (0, 255, 127), (0, 38, 38), (0, 38, 255), (255, 128, 0)])
@pytest.mark.parametrize("quality", [75, 95, 100])
def test_a_jpeg_of_other_values_is_not(tmp_path: Path, values: tuple[int, ...], quality: int) -> None:
    mask = stored(grey(*values), tmp_path, "jpg", quality=quality)
    assert mask.is_inexact_jpeg and not mask.was_restored


def test_a_jpeg_of_one_colour_is_read(tmp_path: Path) -> None:
    for value in (0, 255):
        assert stored(grey(value, value, value), tmp_path, "jpg").counts() == {value: LEVELS.size}


@given(st.integers(1, 255), st.integers(1, 255))
def test_any_two_grey_values_are_told_apart(first: int, second: int) -> None:
    mask = mask_of_numbers(np.array((0, first, second), np.uint8)[LEVELS], Path("mask.png"))
    assert np.array_equal(mask.holds((first,)), np.isin(LEVELS, [1, 2] if first == second else [1]))


def test_numbers_are_rounded_and_must_be_numbers() -> None:
    assert not mask_of_numbers(np.array([0.0, 0.9999, 2]), Path("a")).was_rounded
    soft = mask_of_numbers(np.array([0.0, 0.4, 1.6]), Path("a"))
    assert soft.was_rounded and soft.values.tolist() == [0, 0, 2]
    for value, said in ((np.nan, "not finite"), (np.inf, "not finite"), (1e20, r"beyond 2\^31")):
        with refused(said):
            mask_of_numbers(np.array([0, value]), Path("a"))


def test_a_mask_of_another_size_or_of_several_pages_is_refused(tmp_path: Path) -> None:
    grey(0, 1, 2).rotate(90, expand=True).save(tmp_path / "turned.png")
    with refused("the mask has 48x40 pixels, its image 40x48"):
        read_mask_file(tmp_path / "turned.png", SHAPE)
    grey(0, 1, 2).save(tmp_path / "pages.tif", save_all=True, append_images=[grey(0, 2, 1)])
    with refused("several pictures"):
        read_mask_file(tmp_path / "pages.tif", SHAPE)
