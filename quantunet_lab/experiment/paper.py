# SPDX-License-Identifier: BSD-3-Clause
"""The published result, to stand beside ours.

S. Boerkamp and A. Thomas, "QuantU-Net: Efficient Wearable Medical Imaging Using Bitwidth as a Trainable
Parameter", arXiv 2503.08719. Its data set, image size, channels, optimizer, number of steps and the form of
its bit term could not be found; it builds no hardware.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """Figures as published; accuracies in percent on the validation data."""

    source: str = "QuantU-Net, arXiv 2503.08719"
    mean_bits: float = 4.24
    accuracy: float = 94.25
    float_accuracy: float = 96.14
    size_ratio: str = "about 8"
    penalty: float = 0.25

    @property
    def accuracy_lost(self) -> float:
        """Points."""
        return round(self.float_accuracy - self.accuracy, 2)


PUBLISHED = Published()

COMPARABLE = (
    "The method: quantization-aware training of a U-Net with Brevitas, BCE + Dice + lambda x bit widths, one training "
    "that finds weights and widths together.",
    "The mean width, if the paper's is a mean over layers (it has 23 layers and 6 widths to choose from); both of our "
    "means are given.",
    "The loss of accuracy between float and learned widths, each trained the same way: a difference within one data "
    "set, in points.",
)
NOT_COMPARABLE = (
    "Accuracies as such: the paper's data set, image size and channels were not found, and these are other images, "
    "with another share of background.",
    "Lambda: the form of the paper's bit term was not found; ours is normalized as quantunet/losses.py says.",
    "The size ratio to the last digit: the paper says about 8; ours counts the weights of the convolutions.",
)
