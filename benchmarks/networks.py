# SPDX-License-Identifier: BSD-3-Clause
"""Networks made on the spot for benchmarks: random weights, widths set by hand.

Folding, simulation and synthesis see shapes and widths; what the weights are changes little. Nothing is trained.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from quantunet.model import QuantUNet


def random_network(base_width: int, image_size: tuple[int, int], depth: int = 4) -> QuantUNet:
    """A network for images of `image_size` (height, width), ready for export, calibrated on noise."""
    from quantunet.config import ModelConfig
    from quantunet.untrained import CALIBRATION_IMAGES, untrained_network

    noise = np.random.default_rng(0).random((CALIBRATION_IMAGES, 1, *image_size), dtype=np.float32)
    return untrained_network(ModelConfig(base_width=base_width, depth=depth, image_size=image_size), noise)


def reference() -> QuantUNet:
    """The reference network's shape: base width 8, depth 4, 128x128."""
    return random_network(8, (128, 128))


def random_images(count: int, image_size: tuple[int, int], path: Path) -> Path:
    """Write `count` images (N, 1, H, W) float32 of 8-bit pixels k/255 to `path`."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, 1, *image_size))
    np.save(path, (pixels / 255).astype(np.float32))
    return path
