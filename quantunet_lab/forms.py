"""The answers of a network in each of its forms: checkpoint, QONNX file, simulated hardware.

All compute in float64, in which the forms give the same integers at every quantizer; in float32 the order of
sums decides values that lie within rounding of a quantizer's boundary.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from quantunet.model import QuantUNet


def network_logits(model: QuantUNet, images: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logits float64 (N, classes, H, W) of a network for images float32 (N, C, H, W) in k/255.

    `model` is left in float64 and in evaluation mode.
    """
    exact = model.double().eval()
    with torch.no_grad():
        # One image at a time: as the other forms do, and as much memory as one takes.
        return np.concatenate([exact(torch.from_numpy(image[None]).double()).numpy() for image in images])
