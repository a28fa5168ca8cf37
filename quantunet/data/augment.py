# SPDX-License-Identifier: BSD-3-Clause
"""Augmentation by MONAI's transforms, which move an image and its mask together.

MONAI rather than torchvision's v2 transforms: it is 1.7 MB of plain Python that runs on any build of torch,
while torchvision on PyPI is compiled against the CUDA build and cannot be imported beside a CPU-only torch;
each of its transforms has its own random state, where torchvision's draw from torch's global one, on which a
resumed training could not rely; and it has the elastic deformations that U-Nets are trained with.

It is imported only when used: a network is trained without it as long as `augment` is true or false.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantunet.data_config import AugmentConfig

_BOTH = ("image", "mask")


def augmented(
    images: NDArray[np.uint8], masks: NDArray[np.uint8], settings: AugmentConfig, seed: tuple[int, int]
) -> None:
    """Change images (0..255) and masks (0, 1 and `IGNORED`), both NCHW, in place.

    What happens to an image depends on `seed` and its place in the batch only, so that processes which each
    take a part of the batch see the same images. What comes in from outside the image is 0.
    """
    transform = _transform(settings, images.shape[2], images.shape[3])
    for index in range(len(images)):
        state = np.random.SeedSequence([*seed, index]).generate_state(1)[0]
        transform.set_random_state(seed=int(state))
        changed = transform(
            {
                "image": images[index].astype(np.float32) / np.float32(255),
                "mask": masks[index].astype(np.float32),
            }
        )
        image, mask = np.asarray(changed["image"]), np.asarray(changed["mask"])
        images[index] = (image * 255).round().clip(0, 255).astype(np.uint8)
        masks[index] = mask.round()


@functools.lru_cache(maxsize=4)
def _transform(settings: AugmentConfig, height: int, width: int) -> Any:
    from monai import transforms

    steps: list[Any] = []
    for axis, name in enumerate(("vertical", "horizontal")):
        if settings.mirror in (name, "both"):
            steps.append(transforms.RandFlipd(_BOTH, prob=0.5, spatial_axis=axis))
    if settings.rotate or settings.scale or settings.shift:
        steps.append(
            transforms.RandAffined(
                _BOTH,
                prob=settings.probability,
                rotate_range=np.deg2rad(settings.rotate),
                scale_range=(settings.scale, settings.scale),
                translate_range=(settings.shift * height, settings.shift * width),
                mode=("bilinear", "nearest"),
                padding_mode="zeros",
            )
        )
    if settings.elastic:
        steps.append(
            transforms.Rand2DElasticd(
                _BOTH,
                spacing=(max(height / 8, 1), max(width / 8, 1)),
                magnitude_range=(settings.elastic, settings.elastic),
                prob=settings.probability,
                mode=("bilinear", "nearest"),
                padding_mode="zeros",
            )
        )
    if settings.brightness:
        steps.append(transforms.RandScaleIntensityd("image", factors=settings.brightness, prob=settings.probability))
    if settings.gamma:
        range_ = (1 / (1 + settings.gamma), 1 + settings.gamma)
        steps.append(transforms.RandAdjustContrastd("image", gamma=range_, prob=settings.probability))
    if settings.noise:
        steps.append(transforms.RandGaussianNoised("image", std=settings.noise, prob=settings.probability))
    return transforms.Compose(steps)
