# SPDX-License-Identifier: BSD-3-Clause
"""A network is recognized by its names and shapes; what does not fit is said, and what would."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from quantunet.config import ModelConfig
from quantunet.foreign.layout import check_fits, recognize, usable
from tests.quantunet.foreign.miniatures import BrainSegmentation, Milesial
from tests.quantunet.refusal import refused

FILE = Path("net.pth")


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize(
    ("kind", "settings", "interpolates"),
    [(Milesial, {}, False), (Milesial, {"bilinear": True}, True), (BrainSegmentation, {}, False)],
)
def test_depth_width_and_channels_are_in_the_shapes(
    kind: type[nn.Module], settings: dict[str, Any], interpolates: bool, depth: int
) -> None:
    found = recognize(kind(channels=3, classes=2, depth=depth, **settings).state_dict(), FILE)
    assert (found.depth, found.base_width, found.in_channels, found.out_channels) == (depth, 4, 3, 2)
    assert found.interpolates is interpolates


def test_what_lies_beside_the_weights_of_a_family_is_no_weight() -> None:
    state = {**Milesial().state_dict(), "mask_values": [0, 255]}
    assert recognize(state, FILE).family.name == "milesial/Pytorch-UNet"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"base_width": 8}, "base width 8. *Train with --base-width 4 .keys"),
        ({"depth": 4, "image_size": (16, 16)}, "depth 4. *Train with --depth 2 .keys"),
        ({"decoder": "upsample"}, "decoder upsample. *Train with --decoder transpose .keys"),
        (
            {"base_width": 64, "depth": 1},
            "is a network of milesial/Pytorch-UNet: depth 2, base width 4, transposed convolutions, 1 channels of the "
            "image, 1 of the answer; configured: depth 1, base width 64. *Train with --depth 2 --base-width 4",
        ),
    ],
)
def test_another_configuration_is_told_the_options_that_would_match(settings: dict[str, Any], said: str) -> None:
    config = ModelConfig.model_validate({"base_width": 4, "depth": 2, "image_size": (16, 16), **settings})
    with refused(said.replace(". *", r"\n *")):
        check_fits(recognize(Milesial().state_dict(), FILE), config, FILE)


def test_a_network_that_is_wider_than_any_of_ours_is_refused() -> None:
    state: dict[str, Any] = {**Milesial().state_dict(), "inc.double_conv.0.weight": torch.zeros(1).expand(500, 1, 3, 3)}
    with refused("base width 500, .* which no QuantU-Net has"):
        check_fits(recognize(state, FILE), ModelConfig(), FILE)


def test_names_of_another_network_are_told() -> None:
    state = {f"layer{n}.0.weight": torch.ones(1) for n in range(9)}
    with refused(re.escape("holds layer0.0.weight, layer1.0.weight, layer2.0.weight, layer3.0.weight and 5 more")):
        recognize(state, FILE)


def test_missing_and_additional_weights_are_told() -> None:
    state = Milesial().state_dict()
    with refused("is not milesial/Pytorch-UNet as it is known here: with up1.attention.weight"):
        recognize({**state, "up1.attention.weight": torch.ones(1)}, FILE)
    without = {name: value for name, value in state.items() if "up2.conv" not in name}
    with refused(r"known here: without up2\.conv\.double_conv\.0\.weight, .* and 6 more"):
        recognize(without, FILE)
    with refused("are of no convolution of images"):
        recognize({**state, "outc.conv.weight": torch.ones(3)}, FILE)


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (torch.ones(3, 2), r"w has shape \(3, 2\) instead of \(2, 3\)"),
        ([1, 2], r"w has shape list instead of \(2, 3\)"),
        (torch.ones(2, 3, dtype=torch.int64), "w holds int64"),
        (torch.full((2, 3), torch.nan), "w holds values that are not finite"),
    ],
)
def test_tensors_that_are_no_weights_are_refused(tensor: Any, said: str) -> None:
    with refused(said):
        usable(tensor, (2, 3), "w", FILE)


def test_half_precision_is_taken() -> None:
    assert usable(torch.ones(2, dtype=torch.float16), (2,), "w", FILE).dtype == torch.float64
