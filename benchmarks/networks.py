# SPDX-License-Identifier: BSD-3-Clause
"""Networks made on the spot for benchmarks: random weights, widths set by hand.

Folding, simulation and synthesis see shapes and widths; what the weights are changes little. Nothing is trained.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

#: Width in bits of weights and activations, in turn.
WIDTHS = (3, 4, 5, 4)
CALIBRATION_IMAGES = 60


def random_network(
    base_width: int, image_size: tuple[int, int], depth: int = 4, images: np.ndarray | None = None
) -> Any:
    """A `quantunet.model.QuantUNet` for images of `image_size` (height, width), ready for export.

    Scales of activations come from `images` (N, 1, H, W) in turn, or from noise.
    """
    import torch

    from quantunet.config import MIN_BITS, ModelConfig
    from quantunet.model import QuantUNet
    from quantunet.quantizers import freeze_widths, learned_widths

    torch.manual_seed(0)
    network = QuantUNet(ModelConfig(base_width=base_width, depth=depth, image_size=image_size))
    network.train()
    with torch.no_grad():
        for number in range(CALIBRATION_IMAGES):  # the activations' scales come from the first images
            noise = torch.rand(1, 1, *image_size)
            network(noise if images is None else torch.from_numpy(images[number % len(images)][None]))
        for position, (_, width) in enumerate(learned_widths(network)):
            width.bit_width_offset.fill_(float(WIDTHS[position % len(WIDTHS)] - MIN_BITS))
    freeze_widths(network)
    return network.eval()


def reference() -> Any:
    """The reference network's shape: base width 8, depth 4, 128x128."""
    return random_network(8, (128, 128))


def random_images(count: int, image_size: tuple[int, int], path: Path) -> Path:
    """Write `count` images (N, 1, H, W) float32 of 8-bit pixels k/255 to `path`."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, 1, *image_size))
    np.save(path, (pixels / 255).astype(np.float32))
    return path
