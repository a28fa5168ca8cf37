# SPDX-License-Identifier: BSD-3-Clause
"""How a picture becomes what the network takes: as in training. In a build's driver stands `quantunet/pixels.py` itself."""

from quantunet_common.pixels import (
    MOST_PADDED_PIXELS,
    fitted_pixels,
    laid_back,
    open_picture,
    padded_size,
    to_unit_range,
)

__all__ = ["MOST_PADDED_PIXELS", "fitted_pixels", "laid_back", "open_picture", "padded_size", "to_unit_range"]
