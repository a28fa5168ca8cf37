# SPDX-License-Identifier: BSD-3-Clause
"""Training batches that depend on nothing but the seed and the step, so that a resumed training sees the
same ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quantunet.data.augment import augmented
from quantunet.data.pairs import Pairs, masks_as_float
from quantunet.data_config import AugmentConfig


def batch(
    pairs: Pairs, size: int, seed: int, step: int, augment: bool | AugmentConfig
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The images (k/255) and masks (0 and 1, below 0 where ignored) of one step, float32 NCHW.

    Without replacement, unless there are fewer pairs than `size`. If `augment` is true they are mirrored,
    shifted and brightened; settings choose more, see `quantunet.data.augment`.
    """
    random = np.random.default_rng([seed, step])
    chosen = random.choice(len(pairs), size, replace=len(pairs) < size)
    images, masks = np.asarray(pairs.images[chosen]), np.asarray(pairs.masks[chosen])
    if isinstance(augment, AugmentConfig):
        augmented(images, masks, augment, (seed, step))
    elif augment:
        for index in range(size):
            images[index], masks[index] = _augmented(images[index], masks[index], random)
    return images.astype(np.float32) / np.float32(255), masks_as_float(masks)


def _augmented(
    image: NDArray[np.uint8], mask: NDArray[np.uint8], random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """CHW: mirrored along each axis with probability 1/2, shifted by at most 1/16 of the size, brightness
    +-10 %.
    """
    _, height, width = image.shape
    shift = (
        int(random.integers(-(height // 16), height // 16 + 1)),
        int(random.integers(-(width // 16), width // 16 + 1)),
    )
    for axis in (1, 2):
        if random.random() < 0.5:
            image, mask = np.flip(image, axis), np.flip(mask, axis)
    image, mask = (_shifted(array, shift) for array in (image, mask))
    gain = random.uniform(0.9, 1.1)
    return (image * gain).round().clip(0, 255).astype(np.uint8), mask


def _shifted(array: NDArray[np.uint8], shift: tuple[int, int]) -> NDArray[np.uint8]:
    """CHW moved by (rows, columns); what comes in from outside is 0."""
    moved = np.zeros_like(array)
    target, source = [slice(None)], [slice(None)]
    for offset, length in zip(shift, array.shape[1:], strict=True):
        target.append(slice(max(offset, 0), length + min(offset, 0)))
        source.append(slice(max(-offset, 0), length - max(offset, 0)))
    moved[tuple(target)] = array[tuple(source)]
    return moved
