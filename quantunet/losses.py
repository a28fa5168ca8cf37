# SPDX-License-Identifier: BSD-3-Clause
"""The loss: binary cross-entropy + soft Dice + lambda x bit penalty.

The bit penalty is a sum of terms (`quantunet.bit_terms`), each times its share (`bit_terms` of the
configuration). Every term is 0.25 where all widths are 8 bits, so that lambda means the same for each:

- mean: the mean width of the weight tensors and the mean width of the activation tensors, each tensor
  counting once, averaged with equal shares and divided by 32. It is thus the size of a number relative to
  float32, 0.0625 (2 bits) to 0.25 (8 bits), and lambda = 0.25 costs 0.25 / 32 = 0.0078 for each bit of the
  mean width.
- weight_memory, thresholds, products: what the board pays, divided by four times what it would pay for the
  same network with 8 bits everywhere.

QuantU-Net (arXiv 2503.08719) publishes lambda = 0.25 and a mean of 4.24 bits, not the form of its bit term;
with the mean alone, which is the default, 0.25 lands close to that mean. Activations are penalized as well
as weights because the thresholds that implement them grow with 2^bits. In the mean, layers are not weighted
by their number of weights: the few weights of the outer layers would then stay at 8 bits, although those
layers see the most pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from quantunet.bit_terms import HARDWARE_TERMS, mean_bits, relative_terms
from quantunet.config import MAX_BITS, BitTerms
from quantunet.model import QuantUNet

FLOAT_BITS = 32


def dice_loss(logits: Tensor, masks: Tensor, smooth: float = 1.0) -> Tensor:
    """1 - soft Dice, averaged over images and channels. NCHW logits, masks of 0 and 1; a value in 0..1.

    Pixels whose mask is below 0 are left out.
    """
    probability = torch.sigmoid(logits)
    if (masks < 0).any():
        probability, masks = probability * (masks >= 0), masks.clamp(min=0)
    both = (probability * masks).sum((2, 3))
    either = probability.sum((2, 3)) + masks.sum((2, 3))
    return (1 - (2 * both + smooth) / (either + smooth)).mean()


def segmentation_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Binary cross-entropy + Dice loss. NCHW logits, masks of 0 and 1; pixels below 0 are left out of both."""
    known = masks >= 0
    if known.all():
        return functional.binary_cross_entropy_with_logits(logits, masks) + dice_loss(logits, masks)
    each = functional.binary_cross_entropy_with_logits(logits, masks.clamp(min=0), reduction="none") * known
    # The mean of each image, so that processes which share a batch average to the mean of the whole.
    entropy = each.sum((1, 2, 3)) / known.sum((1, 2, 3)).clamp(min=1)
    return entropy.mean() + dice_loss(logits, masks)


def bit_penalty(model: QuantUNet, terms: BitTerms | None = None) -> Tensor:
    """The bit penalty of a quantized network (see the module's text), differentiable in the widths.

    Args:
        terms: shares of the terms; None: the mean alone.
    """
    shares = (terms or BitTerms()).model_dump()
    parts = []
    if shares["mean"]:
        parts.append(shares["mean"] * (mean_bits(model) / FLOAT_BITS))
    if any(shares[name] for name in HARDWARE_TERMS):
        relative = relative_terms(model)
        parts += [shares[name] * relative[name] * (MAX_BITS / FLOAT_BITS) for name in HARDWARE_TERMS if shares[name]]
    return torch.stack(parts).sum() if parts else torch.zeros(())


def distillation_loss(logits: Tensor, teacher: Tensor, masks: Tensor, temperature: float) -> Tensor:
    """Divergence of the probabilities of each pixel from the teacher's, both at `temperature`, times its square.

    As in Hinton et al. (arXiv 1503.02531), for one class against none: the mean over pixels of the Kullback-Leibler
    divergence; 0 where the logits are the teacher's. NCHW; pixels whose mask is below 0 are left out. The square keeps
    the size of the gradients as it is with another temperature.
    """
    wanted = torch.sigmoid(teacher / temperature)
    each = functional.binary_cross_entropy_with_logits(logits / temperature, wanted, reduction="none")
    each = each - functional.binary_cross_entropy_with_logits(teacher / temperature, wanted, reduction="none")
    known = masks >= 0
    of_image = (each * known).sum((1, 2, 3)) / known.sum((1, 2, 3)).clamp(min=1)
    return temperature**2 * of_image.mean()
