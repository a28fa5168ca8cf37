# SPDX-License-Identifier: BSD-3-Clause
"""Many images for one network: the slices it was not trained on, each time mirrored, turned, bent and lit differently."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from quantunet.checkpoint import load_checkpoint
from quantunet.checkpoints import DEMO
from quantunet.data import load_data
from quantunet.data.augment import augmented
from quantunet.data_config import AugmentConfig

SETTINGS = AugmentConfig(rotate=30, scale=0.2, elastic=1.5, brightness=0.2, gamma=0.3, noise=0.02)


def many_images(count: int, seed: int, checkpoint: Path = DEMO) -> NDArray[np.float32]:
    """Images (count, C, H, W) of values k/255, the same at every call with one seed.

    Raises:
        UserError: the data that the network was trained on is not on this machine.
    """
    network = load_checkpoint(checkpoint)
    assert network.data is not None
    pairs = load_data(network.data, network.config, log_notes=False).validation
    chosen = np.arange(count) % len(pairs)
    images, masks = np.array(pairs.images[chosen]), np.array(pairs.masks[chosen])
    augmented(images, masks, SETTINGS, (seed, 0))
    return images.astype(np.float32) / np.float32(255)
