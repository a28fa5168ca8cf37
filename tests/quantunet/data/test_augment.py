# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from quantunet.data.pairs import Pairs
from quantunet.data.sampling import batch
from quantunet.data_config import AugmentConfig

NOTHING = {"mirror": "none", "rotate": 0, "scale": 0, "shift": 0, "brightness": 0, "gamma": 0}


def blobs(count: int = 6, channels: int = 1) -> Pairs:
    """Images whose bright part is the mask, with a darker stripe."""
    rows, columns = np.mgrid[:32, :48]
    masks = np.stack([(rows - 12 - i) ** 2 / 2 + (columns - 20 + i) ** 2 < 64 for i in range(count)])[:, None]
    images = np.repeat(np.where(masks, 200, 60 * (rows > 24)).astype(np.uint8), channels, axis=1)
    return Pairs(images, masks.astype(np.uint8), tuple(str(index) for index in range(count)))


def drawn(step: int = 3, size: int = 6, channels: int = 1, **settings: Any) -> tuple[np.ndarray, np.ndarray]:
    return batch(blobs(channels=channels), size, seed=1, step=step, augment=AugmentConfig(**settings))


@pytest.mark.parametrize(
    "settings",
    [{}, {**NOTHING, "rotate": 90}, {**NOTHING, "scale": 0.3}, {**NOTHING, "shift": 0.2}, {**NOTHING, "elastic": 2}],
)
def test_images_and_masks_move_together(settings: dict[str, Any]) -> None:
    images, masks = drawn(**{**settings, "brightness": 0, "gamma": 0})
    still, _ = drawn(**NOTHING)
    assert set(np.unique(masks)) <= {0, 1}
    assert masks.any(axis=(1, 2, 3)).all()
    assert sum(not np.array_equal(a, b) for a, b in zip(images, still, strict=True)) >= 3
    # Only at the rim are pixels between: there the image is interpolated and the mask is not.
    assert ((images > 0.4) != (masks > 0)).mean() < 0.02


@pytest.mark.parametrize(
    ("settings", "rows", "columns"),
    [("vertical", True, False), ("horizontal", False, True), ("both", True, True), ("none", False, False)],
)
def test_mirroring_is_along_the_chosen_axes(settings: str, rows: bool, columns: bool) -> None:
    seen = set()
    pairs = blobs(1)
    original = pairs.masks[0, 0]
    options = {
        (False, False): original,
        (True, False): original[::-1],
        (False, True): original[:, ::-1],
        (True, True): original[::-1, ::-1],
    }
    for step in range(40):
        _, masks = batch(pairs, 1, seed=0, step=step, augment=AugmentConfig(**{**NOTHING, "mirror": settings}))
        seen |= {name for name, option in options.items() if np.array_equal(masks[0, 0], option)}
    assert seen == {(row, column) for row in {False, rows} for column in {False, columns}}


@pytest.mark.parametrize("settings", [{"brightness": 0.5}, {"gamma": 0.5}, {"noise": 0.1}])
def test_grey_values_change_and_masks_do_not(settings: dict[str, Any]) -> None:
    images, masks = drawn(**{**NOTHING, "probability": 1, **settings})
    still, still_masks = drawn(**NOTHING)
    assert np.array_equal(masks, still_masks)
    assert not np.array_equal(images, still)
    assert np.abs(images - still).max() < 0.55


def test_values_are_those_of_8_bits() -> None:
    images, _ = drawn(noise=0.2, channels=3)
    assert images.shape == (6, 3, 32, 48)
    assert images.dtype == np.float32
    assert 0 <= images.min() <= images.max() <= 1
    assert np.array_equal((images * 255).round().astype(np.uint8).astype(np.float32) / np.float32(255), images)


def test_without_strength_nothing_changes() -> None:
    images, masks = drawn(**NOTHING)
    expected = batch(blobs(), 6, seed=1, step=3, augment=False)
    assert np.array_equal(images, expected[0])
    assert np.array_equal(masks, expected[1])


def test_seed_and_step_decide_whatever_was_drawn_before() -> None:
    first, _ = drawn(step=5)
    drawn(step=6)
    again, _ = drawn(step=5)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, drawn(step=6)[0])


def test_the_data_itself_is_untouched() -> None:
    pairs = blobs()
    before = pairs.images.copy()
    batch(pairs, 6, seed=0, step=0, augment=AugmentConfig())
    assert np.array_equal(pairs.images, before)
