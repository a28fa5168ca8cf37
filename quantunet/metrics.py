# SPDX-License-Identifier: BSD-3-Clause
"""What a network reaches and what it costs: segmentation scores and bit widths."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from quantunet.data.pairs import Pairs
from quantunet.losses import FLOAT_BITS
from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths

if TYPE_CHECKING:
    from quantunet.engine import TrainingEngine


@dataclass(frozen=True)
class Scores:
    """Segmentation scores in 0..1 over all pixels of all images together, but those that nobody labelled."""

    dice: float
    iou: float
    pixel_accuracy: float
    images: int


def scores(logits: Tensor, masks: Tensor) -> Scores:
    """Scores of logits against masks of 0 and 1, both NCHW; a logit above 0 is inside. Pixels whose mask is below 0
    are left out.

    Dice and IoU of nothing found where nothing is are 1.
    """
    return scores_of_counts(counts_of(logits, masks))


#: Numbers of `counts_of`.
COUNTS = 5


def counts_of(logits: Tensor, masks: Tensor) -> Tensor:
    """int64, to be added up over sets of images: pixels found and true, found plus true, judged right, in all; images."""
    known = masks >= 0
    found, true = (logits > 0) & known, masks > 0.5
    sizes = found.sum() + true.sum()
    counts = ((found & true).sum(), sizes, ((found == true) & known).sum(), known.sum())
    return torch.stack([*counts, sizes.new_tensor(len(logits))])


def scores_of_counts(counts: Tensor) -> Scores:
    """Scores of what `counts_of` counted."""
    both, sizes, right, pixels, images = counts.tolist()
    either = sizes - both
    return Scores(
        dice=2 * both / sizes if sizes else 1.0,
        iou=both / either if either else 1.0,
        pixel_accuracy=right / pixels if pixels else 1.0,
        images=images,
    )


def evaluate(model: QuantUNet, pairs: Pairs, batch_size: int = 16, engine: TrainingEngine | None = None) -> Scores:
    """Scores of `model`, in evaluation mode and on its device, on `pairs`.

    With an `engine` each process measures its share, and all get the scores of the whole.
    """
    if engine is not None:
        pairs = pairs[engine.share(len(pairs.images))]
    like = next(model.parameters())
    counts = torch.zeros(COUNTS, dtype=torch.int64, device=like.device)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        # A batch at a time as float: a data set of thousands of slices takes four times its memory that way.
        for first in range(0, len(pairs.images), batch_size):
            some, true = (torch.from_numpy(array) for array in pairs[first : first + batch_size].as_float())
            counts += counts_of(model(some.to(like)), true.to(like))
    model.train(was_training)
    return scores_of_counts(counts if engine is None else engine.total(counts))


@dataclass(frozen=True)
class LayerWidths:
    """One convolution: its widths in bits, 32 in a float network; None for the output, which is not quantized."""

    name: str
    weights: int
    weight_bits: int
    activation: str | None
    activation_bits: int | None


@dataclass(frozen=True)
class Widths:
    """Widths of a whole network. Sizes are those of the convolution weights."""

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
    """The widths of `model`, rounded as the network uses them; a shared activation counts once in the mean."""
    bits = {name: int(width()) for name, width in learned_widths(model)}
    layers = []
    for layer in model.layers():
        weights: int = layer.convolution.weight.numel()
        activation_bits = bits.get(layer.activation, FLOAT_BITS) if layer.activation is not None else None
        weight_bits = bits.get(layer.name, FLOAT_BITS)
        layers.append(LayerWidths(layer.name, weights, weight_bits, layer.activation, activation_bits))
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
