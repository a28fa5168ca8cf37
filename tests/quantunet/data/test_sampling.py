# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import numpy as np

from quantunet.data.pairs import Pairs
from quantunet.data.sampling import batch


def ramp(count: int) -> Pairs:
    images = np.random.default_rng(0).integers(0, 200, (count, 1, 32, 16)).astype(np.uint8)
    return Pairs(images, (images > 99).astype(np.uint8), tuple(str(index) for index in range(count)))


def test_a_batch_depends_on_seed_and_step_only() -> None:
    pairs = ramp(9)
    images, masks = batch(pairs, 4, seed=3, step=5, augment=True)
    again, _ = batch(pairs, 4, seed=3, step=5, augment=True)
    assert np.array_equal(images, again)
    for seed, step in ((3, 6), (4, 5)):
        assert not np.array_equal(images, batch(pairs, 4, seed=seed, step=step, augment=True)[0])
    assert images.shape == masks.shape == (4, 1, 32, 16)


def test_without_augmentation_each_image_is_itself_and_comes_once() -> None:
    pairs = ramp(6)
    images, masks = batch(pairs, 6, seed=0, step=0, augment=False)
    known = {picture.tobytes() for picture in pairs.as_float()[0]}
    assert {picture.tobytes() for picture in images} == known
    assert np.array_equal(masks, images > 99.5 / 255)


def test_images_and_masks_move_together() -> None:
    pairs = ramp(8)
    bright = Pairs((pairs.masks * 200).astype(np.uint8), pairs.masks, pairs.names)
    for step in range(20):
        images, masks = batch(bright, 8, seed=1, step=step, augment=True)
        assert np.array_equal(images > 0, masks > 0)
        assert images.max() <= 1
    assert np.array_equal(bright.images, (pairs.masks * 200).astype(np.uint8))  # the data itself is untouched


def test_a_batch_may_be_larger_than_the_data() -> None:
    assert len(batch(ramp(2), 5, seed=0, step=0, augment=True)[0]) == 5
