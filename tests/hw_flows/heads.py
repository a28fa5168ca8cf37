# SPDX-License-Identifier: BSD-3-Clause
"""U-Nets of plain Brevitas that end as networks of users do: with masks, probabilities, larger images, two outputs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.hw_flows.foreign import Exported, ForeignNet, build, export_module, frames

#: What stands behind the last convolution, and for how many classes.
HEADS: dict[str, tuple[int, Callable[[Tensor], Tensor]]] = {
    "argmax": (3, lambda y: y.argmax(1)),
    "argmax, uint8": (3, lambda y: y.argmax(1, keepdim=True).to(torch.uint8)),
    "argmax, squeezed": (3, lambda y: y.argmax(1).squeeze(0)),
    "argmax as floats": (3, lambda y: y.argmax(1).float()),
    "bilinear": (3, lambda y: functional.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)),
    "bilinear to a size, aligned": (
        2,
        lambda y: functional.interpolate(y, (24, 40), mode="bilinear", align_corners=True),
    ),
    "bicubic": (1, lambda y: functional.interpolate(y, scale_factor=2, mode="bicubic", align_corners=False)),
    "to the size of what it knows": (2, lambda y: functional.interpolate(y, (2 * y.shape[2], 2 * y.shape[3]))),
    "sigmoid": (1, torch.sigmoid),
    "sigmoid above a half": (1, lambda y: torch.sigmoid(y) > 0.5),
    "sigmoid above a third, uint8": (1, lambda y: (torch.sigmoid(y) > 1 / 3).to(torch.uint8)),
    "softmax": (4, lambda y: torch.softmax(y, 1)),
    "softmax of one class": (3, lambda y: torch.softmax(y, 1)[:, 1:2]),
    "largest probability": (3, lambda y: torch.softmax(y, 1).max(1)[0]),
    "log-softmax, channels last": (3, lambda y: torch.log_softmax(y, 1).permute(0, 2, 3, 1)),
    "argmax of a bilinear": (3, lambda y: functional.interpolate(y, scale_factor=2, mode="bilinear").argmax(1)),
    "where": (1, lambda y: torch.where(y > 0, torch.full_like(y, 255.0), torch.zeros_like(y))),
    "clamped": (1, lambda y: y.clamp(0, 1)),
    "temperature and sigmoid": (2, lambda y: torch.sigmoid(y / 3 + 0.25)),
    "relu": (2, torch.relu),
    "average over the image": (2, lambda y: functional.adaptive_avg_pool2d(y, 1).flatten(1)),
    "gated by itself": (2, lambda y: y * torch.sigmoid(y)),
}


class WithHead(nn.Module):
    def __init__(self, net: nn.Module, head: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.net = net
        self.head = head
        self.eval()  # Brevitas' exporter puts it back into the mode that it finds

    def forward(self, x: Tensor) -> Any:
        return self.head(self.net(x))


def network(name: str) -> tuple[WithHead, Tensor]:
    """A small U-Net with the head `name`, and two frames."""
    classes, head = HEADS[name]
    net = ForeignNet(classes=classes, image=(8, 12))
    return WithHead(_trained(net), head), frames(net, 2, torch.Generator().manual_seed(1))


def export_with_head(name: str, path: Path, **options: Any) -> Exported:
    """The network as a file; its answers are those of Brevitas for one frame after the other."""
    module, x = network(name)
    return Exported(path, x.numpy(), export_module(module, x, path, **{"dynamo": False, **options}))


@cache
def _trained(net: ForeignNet) -> nn.Module:
    return build(net)
