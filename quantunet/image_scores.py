# SPDX-License-Identifier: BSD-3-Clause
"""Segmentation scores of each image by itself: pixel accuracy, Dice, IoU and the 95 % Hausdorff distance.

The distance is MONAI's (`monai.metrics.compute_hausdorff_distance`, Euclidean, in pixels of the network's image): the
edge of a mask are its pixels that have a neighbour outside of it above, below, left or right, what lies beyond the
image counting as outside; for each edge pixel of one mask the distance to the nearest edge pixel of the other is
taken, of these the 95th percentile, and of both directions the larger (Huttenlocher et al. 1993; the percentile
instead of the largest, as one stray pixel would decide that).

Where a mask is empty there is no such distance. Both empty: 0. One of them empty: the diagonal of the image, which no
distance exceeds, so that an image where nothing is found counts as the worst and is not left out of a mean.

MONAI takes seconds to import and is imported only when a distance is asked for.
"""

from __future__ import annotations

import math
import statistics
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from quantunet.data.pairs import Pairs
from quantunet.metrics import COUNTS, Scores, counts_of, scores_of_counts
from quantunet.model import QuantUNet

PERCENTILE = 95


@dataclass(frozen=True)
class ImageScores:
    """Scores of one image, in 0..1, and a distance in pixels; pixels that nobody labelled are left out."""

    name: str
    case: str
    """What it is an image of: images of one case (a patient, an exam, a volume) are not independent."""
    dice: float
    iou: float
    pixel_accuracy: float
    hausdorff95: float
    """0 to the diagonal of the image."""


@dataclass(frozen=True)
class Measured:
    """Scores of a set of images: over all their pixels together, and of each."""

    whole: Scores
    images: tuple[ImageScores, ...]

    def mean(self, score: str) -> float:
        """Mean over the images of one of the scores of `ImageScores`."""
        return statistics.fmean(getattr(image, score) for image in self.images)

    def means(self) -> dict[str, float]:
        """`mean` of each score, by name."""
        return {name: self.mean(name) for name in ("dice", "iou", "pixel_accuracy", "hausdorff95")}


def measured_logits(logits: Tensor, masks: Tensor, names: Sequence[str], cases: Sequence[str]) -> Measured:
    """Scores of logits against masks of 0 and 1 (below 0: left out), both NCHW, an image each."""
    counts = [counts_of(logits[i : i + 1], masks[i : i + 1]) for i in range(len(logits))]
    images = map(_image_scores, counts, logits, masks, names, cases)
    return Measured(scores_of_counts(torch.stack(counts).sum(0)), tuple(images))


def measure(model: QuantUNet, pairs: Pairs) -> Measured:
    """Scores of `model`, in evaluation mode and with its type of numbers, on `pairs`.

    Images are computed one by one, as the network's other forms do: they then agree to the last digit.
    """
    like = next(model.parameters())
    was_training = model.training
    model.eval()
    counts, images = torch.zeros(COUNTS, dtype=torch.int64, device=like.device), []
    with torch.no_grad():
        for index in range(len(pairs)):
            image, mask = (torch.from_numpy(array).to(like) for array in pairs[index : index + 1].as_float())
            logits = model(image)
            own = counts_of(logits, mask)
            counts += own
            images.append(_image_scores(own, logits[0], mask[0], pairs.names[index], pairs.case_names[index]))
    model.train(was_training)
    return Measured(scores_of_counts(counts), tuple(images))


def _image_scores(counts: Tensor, logits: Tensor, mask: Tensor, name: str, case: str) -> ImageScores:
    """`logits` and `mask` are CHW."""
    own = scores_of_counts(counts)
    found, true = ((logits > 0) & (mask >= 0)).any(0), (mask > 0.5).any(0)
    return ImageScores(name, case, own.dice, own.iou, own.pixel_accuracy, hausdorff95(found, true))


def hausdorff95(found: Tensor, true: Tensor) -> float:
    """95 % Hausdorff distance of two masks HW of truth values, in pixels (see the module's text)."""
    if not (found.any() and true.any()):
        return 0.0 if bool(found.any()) == bool(true.any()) else math.hypot(*found.shape)
    from monai.metrics import compute_hausdorff_distance

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an argument that MONAI itself gives
        distance = compute_hausdorff_distance(
            found[None, None].float().cpu(),
            true[None, None].float().cpu(),
            include_background=True,
            percentile=PERCENTILE,
        )
    return float(distance)
