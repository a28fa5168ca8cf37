# SPDX-License-Identifier: BSD-3-Clause
"""Networks of libraries as the libraries make them, with few channels: segmentation_models_pytorch and MONAI."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from torch import nn

from tests.hw_flows.architectures.architecture import narrowed
from trust.torchvision_import import import_torchvision


def segmentation_models() -> ModuleType:
    """The library segmentation_models_pytorch. It takes encoders' classes of torchvision, none of its operators on boxes."""
    import_torchvision()
    return importlib.import_module("segmentation_models_pytorch")


def of_segmentation_models(kind: str, encoder: str, divisor: int, **options: Any) -> nn.Module:
    """`kind` is the name of its class; its channels divided."""
    network = getattr(segmentation_models(), kind)(encoder, encoder_weights=None, **options)
    network.requires_divisible_input_shape = False  # the check of the image's size cannot be traced
    return narrowed(network, divisor)


def of_monai(kind: str, **options: Any) -> nn.Module:
    """`kind` is the name of its class. Instance normalization, which some of them have wherever they are not asked, has no
    hardware, and becomes batch normalization."""
    from monai.networks import nets

    network: nn.Module = getattr(nets, kind)(spatial_dims=2, **options)
    for parent in list(network.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, nn.InstanceNorm2d):
                setattr(parent, name, nn.BatchNorm2d(layer.num_features))
    return network
