# SPDX-License-Identifier: BSD-3-Clause
"""All architectures by name."""

from __future__ import annotations

from torch import nn

from tests.hw_flows.architectures import published
from tests.hw_flows.architectures.architecture import Architecture
from tests.hw_flows.architectures.libraries import of_monai, of_segmentation_models
from tests.hw_flows.architectures.ways import graph, layerwise, static

_SMP = "segmentation_models_pytorch"
_GRAPH = "brevitas.graph.quantize"
_LAYERWISE = "brevitas layerwise_quantize"
_STATIC = "onnxruntime quantize_static"

ARCHITECTURES: dict[str, Architecture] = {
    "Unet, resnet18": Architecture(
        _SMP,
        _STATIC,
        static(),
        lambda: of_segmentation_models("Unet", "resnet18", 16, encoder_depth=3, decoder_channels=(128, 64, 64)),
        (3, 32, 32),
    ),
    "Unet, mobilenet_v2": Architecture(
        _SMP,
        _STATIC,
        static(per_channel=True),
        lambda: of_segmentation_models("Unet", "mobilenet_v2", 8, encoder_depth=2, decoder_channels=(64, 32)),
        (3, 32, 32),
    ),
    "Unet, efficientnet-lite0": Architecture(
        _SMP,
        _STATIC,
        static(),
        lambda: of_segmentation_models(
            "Unet", "timm-tf_efficientnet_lite0", 8, encoder_depth=2, decoder_channels=(64, 32)
        ),
        (3, 32, 32),
    ),
    "Unet, efficientnet-b0": Architecture(  # with squeeze-and-excitation
        _SMP,
        _STATIC,
        static(),
        lambda: of_segmentation_models("Unet", "timm-efficientnet-b0", 8, encoder_depth=2, decoder_channels=(64, 32)),
        (3, 32, 32),
    ),
    "Unet, resnet18, scSE": Architecture(
        _SMP,
        _STATIC,
        static(),
        lambda: of_segmentation_models(
            "Unet",
            "resnet18",
            16,
            encoder_depth=2,
            decoder_channels=(128, 64),
            decoder_attention_type="scse",
        ),
        (3, 32, 32),
    ),
    "Linknet, resnet18": Architecture(
        _SMP,
        _STATIC,
        static(),
        lambda: of_segmentation_models("Linknet", "resnet18", 16, encoder_depth=3),
        (3, 32, 32),
    ),
    "UnetPlusPlus, vgg11_bn": Architecture(
        _SMP,
        _STATIC,
        static(per_channel=True),
        lambda: of_segmentation_models("UnetPlusPlus", "vgg11_bn", 16, encoder_depth=3, decoder_channels=(128, 64, 64)),
        (3, 32, 32),
    ),
    "PyTorch-UNet, transposed": Architecture(
        "milesial/Pytorch-UNet", _GRAPH, graph(4, 4), lambda: published.PyTorchUNet((4, 8, 16), bilinear=False)
    ),
    "PyTorch-UNet, bilinear": Architecture(
        "milesial/Pytorch-UNet", _GRAPH, graph(4, 4), lambda: published.PyTorchUNet((4, 8, 16), bilinear=True)
    ),
    "brain segmentation U-Net": Architecture(
        "mateuszbuda/brain-segmentation-pytorch", _GRAPH, graph(4, 4), lambda: published.BrainUNet(4), (3, 32, 32)
    ),
    "U-Net of 2015": Architecture(
        "arXiv 1505.04597", _LAYERWISE, layerwise(4, 4), lambda: published.FirstUNet((4, 8, 16)), (1, 60, 60)
    ),
    "UNet": Architecture(
        "MONAI",
        _GRAPH,
        graph(),
        lambda: of_monai(
            "UNet", in_channels=1, out_channels=2, channels=(4, 8, 16), strides=(2, 2), norm="batch", act="RELU"
        ),
    ),
    "UNet, residual units": Architecture(
        "MONAI",
        _STATIC,
        static(),
        lambda: nn.Sequential(  # the last residual unit ends with a sum; a network for hardware with a convolution
            of_monai(
                "UNet",
                in_channels=1,
                out_channels=4,
                channels=(4, 8, 16),
                strides=(2, 2),
                num_res_units=1,
                norm="batch",
            ),
            nn.Conv2d(4, 2, 1),
        ),
    ),
    "BasicUNet": Architecture(
        "MONAI",
        _LAYERWISE,
        layerwise(4, 4),
        lambda: of_monai("BasicUNet", in_channels=1, out_channels=2, features=(4, 4, 8, 8, 16, 4), norm="batch"),
    ),
    "DynUNet": Architecture(
        "MONAI",
        _LAYERWISE,
        layerwise(4, 4),
        lambda: of_monai(
            "DynUNet",
            in_channels=1,
            out_channels=2,
            kernel_size=(3, 3, 3),
            strides=(1, 2, 2),
            upsample_kernel_size=(2, 2),
            filters=(4, 8, 16),
            norm_name="batch",
        ),
    ),
    "AttentionUnet": Architecture(
        "MONAI",
        _STATIC,
        static(),
        lambda: of_monai("AttentionUnet", in_channels=1, out_channels=2, channels=(4, 8, 16), strides=(2, 2)),
    ),
    "LinkNet": Architecture("arXiv 1707.03718", _STATIC, static(), lambda: published.LinkNet((8, 16, 16)), (3, 32, 32)),
    "U-Net++": Architecture("arXiv 1807.10165", _LAYERWISE, layerwise(4, 4), lambda: published.NestedUNet((4, 8, 16))),
    "U-Net 3+": Architecture("arXiv 2004.08790", _GRAPH, graph(4, 4), lambda: published.UNet3Plus((4, 8, 16), 4)),
    "ENet": Architecture("arXiv 1606.02147", _STATIC, static(), lambda: published.ENet(16), (3, 32, 32)),
    "ResUNet": Architecture("arXiv 1711.10684", _STATIC, static(), lambda: published.ResUNet((4, 8, 16))),
}
