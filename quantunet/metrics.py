"""What a network reaches and what it costs: segmentation scores and learned bit widths."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from quantunet.data.pairs import Pairs
from quantunet.losses import FLOAT_BITS
from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths


@dataclass(frozen=True)
class Scores:
    """Segmentation scores in 0..1 over all pixels of all images together."""

    dice: float
    iou: float
    pixel_accuracy: float
    images: int


def scores(logits: Tensor, masks: Tensor) -> Scores:
    """Scores of logits against masks of 0 and 1, both NCHW; a logit above 0 is inside.

    Dice and IoU of nothing found where nothing is are 1.
    """
    found, true = logits > 0, masks > 0.5
    both = int((found & true).sum())
    sizes = int(found.sum()) + int(true.sum())
    either = sizes - both
    return Scores(
        dice=2 * both / sizes if sizes else 1.0,
        iou=both / either if either else 1.0,
        pixel_accuracy=float((found == true).float().mean()),
        images=len(logits),
    )


def evaluate(model: QuantUNet, pairs: Pairs, batch_size: int = 16) -> Scores:
    """Scores of `model`, in evaluation mode, on `pairs`."""
    images, masks = (torch.from_numpy(array) for array in pairs.as_float())
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(batch) for batch in images.split(batch_size)])
    model.train(was_training)
    return scores(logits, masks)


@dataclass(frozen=True)
class LayerWidths:
    """One convolution: its learned widths in bits; None for the output, which is not quantized."""

    name: str
    weights: int
    weight_bits: int
    activation: str | None
    activation_bits: int | None


@dataclass(frozen=True)
class Widths:
    """Learned widths of a whole network. Sizes are those of the convolution weights."""

    layers: tuple[LayerWidths, ...]
    mean_weight_bits_per_layer: float
    mean_bits_per_weight: float
    mean_activation_bits: float
    weights: int
    size_bytes: float
    float32_bytes: int
    compression: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def widths(model: QuantUNet) -> Widths:
    """The learned widths of `model`, rounded as the network uses them; a shared activation counts once in
    the mean.
    """
    bits = {name: int(width()) for name, width in learned_widths(model)}
    layers = []
    for layer in model.layers():
        weights: int = layer.convolution.weight.numel()
        activation_bits = bits[layer.activation] if layer.activation is not None else None
        layers.append(LayerWidths(layer.name, weights, bits[layer.name], layer.activation, activation_bits))
    total = sum(layer.weights for layer in layers)
    used = sum(layer.weights * layer.weight_bits for layer in layers)
    activations = {layer.activation: layer.activation_bits for layer in layers if layer.activation_bits is not None}
    return Widths(
        layers=tuple(layers),
        mean_weight_bits_per_layer=sum(layer.weight_bits for layer in layers) / len(layers),
        mean_bits_per_weight=used / total,
        mean_activation_bits=sum(activations.values()) / len(activations),
        weights=total,
        size_bytes=used / 8,
        float32_bytes=total * FLOAT_BITS // 8,
        compression=total * FLOAT_BITS / used,
    )
