"""The loss: binary cross-entropy + soft Dice + lambda x bit width.

Normalization of the bit term: the mean width of the weight tensors and the mean width of the activation
tensors, each tensor counting once, averaged with equal shares and divided by 32. It is thus the size of a
number relative to float32, 0.0625 (2 bits) to 0.25 (8 bits), and lambda = 0.25 costs 0.25 / 32 = 0.0078 for
each bit of the mean width. QuantU-Net (arXiv 2503.08719) publishes lambda = 0.25 and a mean of 4.24 bits,
not the form of its bit term; with this one, 0.25 lands close to that mean. Activations are penalized as
well as weights because the thresholds that implement them grow with 2^bits. Layers are not weighted by
their number of weights: the few weights of the outer layers would then stay at 8 bits, although those
layers see the most pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths

FLOAT_BITS = 32


def dice_loss(logits: Tensor, masks: Tensor, smooth: float = 1.0) -> Tensor:
    """1 - soft Dice, averaged over images and channels. NCHW logits, masks of 0 and 1; a value in 0..1."""
    probability = torch.sigmoid(logits)
    both = (probability * masks).sum((2, 3))
    either = probability.sum((2, 3)) + masks.sum((2, 3))
    return (1 - (2 * both + smooth) / (either + smooth)).mean()


def segmentation_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Binary cross-entropy + Dice loss. NCHW logits, masks of 0 and 1."""
    return functional.binary_cross_entropy_with_logits(logits, masks) + dice_loss(logits, masks)


def bit_penalty(model: QuantUNet) -> Tensor:
    """Mean learned width as a fraction of 32 bits (see the module's text), differentiable in the widths."""
    layers = {layer.name for layer in model.layers()}
    weights: list[Tensor] = []
    activations: list[Tensor] = []
    for name, width in learned_widths(model):
        (weights if name in layers else activations).append(width())
    mean = (torch.stack(weights).mean() + torch.stack(activations).mean()) / 2
    return mean / FLOAT_BITS
