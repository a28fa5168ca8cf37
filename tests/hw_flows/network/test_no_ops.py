# SPDX-License-Identifier: BSD-3-Clause
"""`F.pad` as networks of users have it, and operators that do nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import brevitas.nn as qnn
import numpy as np
import pytest
import torch
from brevitas.quant import Uint8ActPerTensorFloat
from qonnx.core.modelwrapper import ModelWrapper
from torch import Tensor, nn
from torch.nn import functional

from hw_flows.machine.errors import UserError
from hw_flows.network.answers import answer, image_input
from hw_flows.network.clean import clean_network
from hw_flows.network.execute import execute_network
from hw_flows.network.file import load_network
from hw_flows.network.head import split_head
from tests.hw_flows.foreign import export_module


def activation(bits: int = 4) -> nn.Module:
    return qnn.QuantReLU(bit_width=bits, act_quant=Uint8ActPerTensorFloat, return_quant_tensor=False)


def convolution(i: int, o: int, padding: int = 1) -> nn.Module:
    return qnn.QuantConv2d(i, o, 3, padding=padding, bias=False, weight_bit_width=4)


class Up(nn.Module):
    """The join of PyTorch-UNet: what came up is padded to the size of the skip connection."""

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        diff_y, diff_x = x2.size()[2] - x1.size()[2], x2.size()[3] - x1.size()[3]
        x1 = functional.pad(x1, [diff_x // 2, diff_x - diff_x // 2, diff_y // 2, diff_y - diff_y // 2])
        return torch.cat([x2, x1], dim=1)


class PaddedUNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.start = activation(8)
        self.enter = nn.Sequential(convolution(1, 4), nn.BatchNorm2d(4))
        self.middle = nn.Sequential(nn.MaxPool2d(2), convolution(4, 4), activation(), nn.Upsample(scale_factor=2))
        self.back = nn.Sequential(convolution(4, 4), nn.BatchNorm2d(4))
        self.act, self.up = activation(), Up()
        self.leave = nn.Sequential(convolution(8, 4), activation(), convolution(4, 1))

    def forward(self, x: Tensor) -> Tensor:
        skip = self.act(self.enter(self.start(x)))
        return self.leave(self.up(self.act(self.back(self.middle(skip))), skip))


class Odd(nn.Module):
    """Two convolutions with anything before the first."""

    def __init__(self, before: Any, padding: int = 0) -> None:
        super().__init__()
        self.before, self.start = before, activation(8)
        self.rest = nn.Sequential(convolution(1, 4, padding), activation(), convolution(4, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.rest(self.before(self.start(x)))


class PaddedImage(Odd):
    def forward(self, x: Tensor) -> Tensor:
        return self.rest(self.start(self.before(x)))


def same_after_cleaning(module: nn.Module, folder: Path, size: tuple[int, int] = (8, 12), **options: Any) -> list[str]:
    """Operators of the clean network, which answers as the file does, and as Brevitas does."""
    torch.manual_seed(0)
    with torch.no_grad():
        for _ in range(3):
            module.train()(torch.rand(4, 1, *size))
    x = torch.rand(1, 1, *size)
    expected = export_module(module.eval(), x, folder / "network.onnx", **{"dynamo": False, **options})
    model = load_network(folder / "network.onnx")
    parts = split_head(model)
    logits = answer(parts, image_input(model, folder), x.numpy()).logits
    np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())
    clean = clean_network(ModelWrapper(parts.body))
    np.testing.assert_allclose(execute_network(clean, None, x.numpy()), logits, rtol=1e-12, atol=1e-12)
    return [node.op_type for node in clean.graph.node]


@pytest.mark.parametrize("dynamo", [False, True])
def test_a_pad_by_nothing_disappears(dynamo: bool, tmp_path: Path) -> None:
    assert "Pad" not in same_after_cleaning(PaddedUNet(), tmp_path, dynamo=dynamo)


def test_a_pad_of_a_skip_connection_stays(tmp_path: Path) -> None:
    assert "Pad" in same_after_cleaning(PaddedUNet(), tmp_path, size=(9, 12))


@pytest.mark.parametrize("border", [(1, 1, 1, 1), (1, 0, 2, 1)])
@pytest.mark.parametrize("network", [Odd, PaddedImage])
def test_a_border_of_zeros_becomes_the_convolution_s_own(network: type[Odd], border: Any, tmp_path: Path) -> None:
    operators = same_after_cleaning(network(lambda x: functional.pad(x, border)), tmp_path)
    assert "Pad" not in operators


def test_it_adds_to_the_padding_that_the_convolution_has(tmp_path: Path) -> None:
    assert "Pad" not in same_after_cleaning(Odd(nn.ZeroPad2d(1), padding=1), tmp_path)


@pytest.mark.parametrize(
    "before",
    [
        lambda x: functional.pad(x, (1, 1, 1, 1), value=0.5),
        lambda x: functional.pad(x, (0, 0, 0, 0, 1, 0))[:, :1],
    ],
    ids=["of halves", "of channels"],
)
def test_other_borders_are_refused(before: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\(Pad\): a border of .* has no hardware"):
        same_after_cleaning(Odd(before), tmp_path)


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        (lambda x: functional.pad(x, (-1, -1, -1, -1)), {"Slice"}),
        (lambda x: functional.pad(x, (-1, 1, 2, -1)), {"Slice"}),  # the convolution pads
        (lambda x: functional.max_pool2d(functional.pad(x, (1, 1, 1, 1)), 2), {"Pad", "MaxPool"}),
        (lambda x: x[:, :, 1:, :][:, :, :-2, 2:9], {"Slice"}),
    ],
    ids=["cut", "cut and padded", "padded before a pool", "sliced twice"],
)
def test_crops_and_borders_are_one_operator_each(before: Any, kept: set[str], tmp_path: Path) -> None:
    operators = same_after_cleaning(Odd(before), tmp_path)
    assert set(operators) - {"Quant", "Conv", "Relu"} == kept
    assert len([o for o in operators if o in kept]) == len(kept)


@pytest.mark.parametrize(
    "before",
    [
        lambda x: x.reshape(-1, 1, 8, 12),
        lambda x: x.float(),
        lambda x: functional.interpolate(x, size=(8, 12)),
        lambda x: x[:, :, 0:8, :],
        lambda x: torch.cat([x], 1),
        nn.Dropout(),
    ],
    ids=["reshape", "cast", "resize", "slice", "concat", "dropout"],
)
def test_what_changes_nothing_disappears(before: Any, tmp_path: Path) -> None:
    operators = same_after_cleaning(Odd(before), tmp_path)
    assert set(operators) <= {"Quant", "Conv", "Relu"}


def test_one_tensor_twice_in_a_concat_is_named(tmp_path: Path) -> None:
    module = Odd(lambda x: torch.cat([x, x], 1))
    module.rest[0] = convolution(2, 4)
    with pytest.raises(UserError, match=r"/Concat \(Concat\): it joins /start/\S+/Quant with itself"):
        same_after_cleaning(module, tmp_path)
