# SPDX-License-Identifier: BSD-3-Clause
"""How an image and its mask are fitted to the network's input. The image's part is in `quantunet_common.pixels`, which the
driver of a board has too; a pixel of the mask is set where the mask covers more than half of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantunet_common.pixels import fitted_pixels, resized

#: In a mask of 0 and 1: nobody said whether the pixel is of the target.
IGNORED = 2


def fitted(
    image: NDArray[np.float32],
    mask: NDArray[np.bool_],
    size: tuple[int, int],
    ignored: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Image CHW in 0..1 and mask HW as 0..255 and as 0 and 1, both CHW of `size` (height, width).

    A pixel more than half of which is `ignored` is `IGNORED` in the mask; of the others the rest decides.
    """
    pixels = fitted_pixels(image, size)
    covered = resized(mask.astype(np.float32), size, Image.Resampling.BOX)
    if ignored is None:
        return pixels, (covered > 0.5).astype(np.uint8)[None]
    unknown = resized(ignored.astype(np.float32), size, Image.Resampling.BOX)
    target = (covered > 0.5 * (1 - unknown)).astype(np.uint8)
    return pixels, np.where(unknown > 0.5, np.uint8(IGNORED), target)[None]
