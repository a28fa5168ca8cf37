# SPDX-License-Identifier: BSD-3-Clause
"""The network in float64, with the scales that its export holds.

A quantizer rounds, so what lies within rounding of a boundary between two integers goes either way with the arithmetic.
In float64 sums are good to 1e-16, but a scale that is computed in float64 is not the float32 number that the QONNX file
has: they differ by up to 6e-8, and in a network of a million activations some lie that close to a boundary.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from brevitas.core.quant import RescalingIntQuant
from numpy.typing import NDArray
from torch import Tensor, nn

from quantunet.model import QuantUNet


class _Constant(nn.Module):
    """A scale that depends on nothing."""

    def __init__(self, scale: Tensor) -> None:
        super().__init__()
        self.scale: Tensor
        self.register_buffer("scale", scale)

    def forward(self, x: Tensor, threshold: Tensor | None = None) -> Tensor:
        return self.scale


def exact_network(model: QuantUNet) -> QuantUNet:
    """`model` itself, made to compute in float64 what its QONNX export means; in evaluation mode, for good.

    Every weight is the integer that float32 rounds it to times its scale, every scale is the float32 number of the
    export. A float network only changes its precision. Its widths can still be read.
    """
    model.eval()
    if model.config.precision == "float":
        return model.double()
    convolutions: list[Any] = [layer.convolution for layer in model.layers()]
    with torch.no_grad():
        weights = [_exported_weights(convolution) for convolution in convolutions]
        of_weights = {id(convolution.weight_quant.tensor_quant) for convolution in convolutions}
        for module in model.modules():
            if isinstance(module, RescalingIntQuant) and id(module) not in of_weights:
                # In evaluation mode the scale of an activation does not depend on what is quantized.
                _, scale, *_ = module(torch.zeros(1, device=next(model.parameters()).device))
                module.scaling_impl = _Constant(scale.clone())
            elif isinstance(module, nn.BatchNorm2d):
                module.eps = torch.tensor(module.eps, dtype=torch.float32).item()
        for convolution, (_, scale) in zip(convolutions, weights, strict=True):
            convolution.weight_quant.tensor_quant.scaling_impl = _Constant(scale)
        model.double()
        for convolution, (integers, scale) in zip(convolutions, weights, strict=True):
            convolution.weight.copy_(integers.double() * scale.double())
    return model


def exact_logits(model: QuantUNet, images: NDArray[np.float32]) -> NDArray[np.float64]:
    """The logits (N, classes, H, W) of images (N, C, H, W) in k/255; `model` is left as `exact_network` leaves it."""
    exact = exact_network(model)
    with torch.no_grad():
        # One image at a time: as the network's other forms do, and as much memory as one takes.
        return np.concatenate([exact(torch.from_numpy(image[None]).double()).numpy() for image in images])


def _exported_weights(convolution: Any) -> tuple[Tensor, Tensor]:
    """Integers, as float32 rounds them, and scale of a quantized convolution."""
    weights = convolution.quant_weight()
    return torch.round(weights.value / weights.scale), weights.scale.clone()
