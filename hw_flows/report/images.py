# SPDX-License-Identifier: BSD-3-Clause
"""Images and masks as PNG, small enough to stand inside a page."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

#: Background, then one colour a class, far apart for colour-blind eyes too (Okabe and Ito).
CLASS_COLOURS = (
    (12, 16, 24),
    (240, 240, 240),
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (204, 121, 167),
    (213, 94, 0),
)


def image_png(image: np.ndarray) -> str:
    """Data URI of an image (C, H, W), smallest value black, largest white; 3 channels in colour, else grey."""
    channels = image if image.shape[0] == 3 else image[:1]
    low, high = float(np.nanmin(channels)), float(np.nanmax(channels))
    scaled = np.nan_to_num((channels - low) / (high - low if high > low else 1.0))
    pixels = np.round(255 * scaled).astype(np.uint8)
    return _data_uri(Image.fromarray(pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels[0]))


def mask_png(mask: np.ndarray) -> str:
    """Data URI of a mask (H, W) of class numbers, 0 the background."""
    palette = np.array(CLASS_COLOURS, dtype=np.uint8)
    classes = mask.astype(np.int64)
    shown = np.where(classes == 0, 0, (classes - 1) % (len(palette) - 1) + 1)
    return _data_uri(Image.fromarray(palette[shown]))


def _data_uri(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
