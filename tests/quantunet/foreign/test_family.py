# SPDX-License-Identifier: BSD-3-Clause
"""The tables name every layer of ours once, and theirs as their files do."""

from __future__ import annotations

import pytest
from torch import nn

from quantunet.config import ModelConfig
from quantunet.foreign.family import Family, families
from quantunet.model import QuantUNet
from tests.quantunet.foreign.miniatures import DEPTH, BrainSegmentation, Milesial

NETWORKS: dict[str, nn.Module] = {
    "milesial/Pytorch-UNet": Milesial(bias=True),
    "mateuszbuda/brain-segmentation-pytorch": BrainSegmentation(),
}


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_every_table_is_complete(family: Family) -> None:
    names = family.ours_and_theirs(DEPTH)
    ours = QuantUNet(ModelConfig(depth=DEPTH, base_width=1, precision="float"))
    layers = {name for name, module in ours.named_modules() if isinstance(module, nn.Conv2d | nn.ConvTranspose2d)}
    norms = {name for name, module in ours.named_modules() if isinstance(module, nn.BatchNorm2d)}
    assert names.keys() == layers | {name for name in norms if not name.startswith("up.")}
    theirs = {key.rpartition(".")[0] for key in NETWORKS[family.name].state_dict()}
    assert set(names.values()) == theirs


def test_levels_are_counted_from_the_finest() -> None:
    milesial, brain = (
        next(family for family in families() if family.name == name).ours_and_theirs(4) for name in NETWORKS
    )
    assert milesial["encoder.0.conv1"] == "inc.double_conv.0"
    assert milesial["encoder.3.norm2"] == "down3.maxpool_conv.1.double_conv.4"
    assert (milesial["up.3.conv"], milesial["up.0.conv"]) == ("up1.up", "up4.up")
    assert (brain["up.3.conv"], brain["decoder.0.conv2"]) == ("upconv4", "decoder1.dec1conv2")
