# SPDX-License-Identifier: BSD-3-Clause
"""How users quantize a float network of a library without touching its code: three ways, each with its own export.

Each way takes the float module in evaluation mode, images (N, C, H, W) to calibrate with and the file to write, and
returns what the quantized network answers to each of the images, in float64.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brevitas.graph.quantize as graph_quantization
import numpy as np
import onnx
import torch
from brevitas.export import export_qonnx
from brevitas.graph.calibrate import calibration_mode
from onnxruntime import quantization
from torch import Tensor, nn

from hw_flows.network.answers import answer
from hw_flows.network.read import read_network

Way = Callable[[nn.Module, Tensor, Path], np.ndarray]


def graph(weight_bits: int = 8, activation_bits: int = 8) -> Way:
    """Brevitas' quantization of a traced graph: batch normalization goes into the weights, branches that are joined or
    added share a quantizer (`brevitas.graph.quantize.quantize`)."""

    def quantize(network: nn.Module, images: Tensor, path: Path) -> np.ndarray:
        traced = graph_quantization.preprocess_for_quantize(network)
        quantized = graph_quantization.quantize(
            traced,
            quant_identity_map=_with_bits(graph_quantization.QUANT_IDENTITY_MAP, bit_width=activation_bits),
            compute_layer_map=_with_bits(graph_quantization.COMPUTE_LAYER_MAP, weight_bit_width=weight_bits),
            quant_act_map=_with_bits(graph_quantization.QUANT_ACT_MAP, bit_width=activation_bits),
        )
        return _calibrate_and_export(quantized, images, path)

    return quantize


def layerwise(weight_bits: int = 8, activation_bits: int = 8) -> Way:
    """Brevitas' replacement of each layer by one that quantizes what it reads (`layerwise_quantize`); nothing is traced."""

    def quantize(network: nn.Module, images: Tensor, path: Path) -> np.ndarray:
        layers = _with_bits(
            graph_quantization.LAYERWISE_COMPUTE_LAYER_MAP,
            weight_bit_width=weight_bits,
            input_bit_width=activation_bits,
        )
        return _calibrate_and_export(graph_quantization.layerwise_quantize(network, layers), images, path)

    return quantize


def static(per_channel: bool = False) -> Way:
    """ONNX Runtime's quantization of a float ONNX file to 8 bits, in the QDQ format (`quantize_static`)."""

    def quantize(network: nn.Module, images: Tensor, path: Path) -> np.ndarray:
        exported, prepared = path.with_suffix(".float.onnx"), path.with_suffix(".prepared.onnx")
        torch.onnx.export(network, (images[:1],), str(exported), dynamo=False, input_names=["image"])
        quantization.quant_pre_process(str(exported), str(prepared), skip_symbolic_shape=True)
        feeds = iter([{"image": image[None].numpy()} for image in images])
        quantization.quantize_static(
            str(prepared),
            str(path),
            SimpleNamespace(get_next=lambda: next(feeds, None)),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=per_channel,
            activation_type=quantization.QuantType.QInt8,
            weight_type=quantization.QuantType.QInt8,
            extra_options={"ActivationSymmetric": True, "WeightSymmetric": True},
        )
        read = read_network(path)
        return np.asarray(answer(read.parts, read.image, images.numpy()).logits)

    return quantize


def _with_bits(layers: Any, **bits: int) -> dict[type[nn.Module], Any]:
    """Brevitas' table of replacements, with widths where the layer has a quantizer of that kind."""
    needed = {"weight_bit_width": "weight_quant", "input_bit_width": "input_quant", "bit_width": "act_quant"}
    result = {}
    for layer, replacement in layers.items():
        if replacement is None:
            result[layer] = None
            continue
        kind, options = replacement
        own = {name: value for name, value in bits.items() if needed[name] in options}
        result[layer] = (kind, {**options, **own})
    return result


def _calibrate_and_export(quantized: nn.Module, images: Tensor, path: Path) -> np.ndarray:
    quantized.eval()
    with torch.no_grad(), _quiet():
        quantized(images)
        with calibration_mode(quantized):
            quantized(images)
        for module in quantized.modules():
            if hasattr(module, "observer_only"):
                module.observer_only = False  # calibration_mode forgets it where two layers share a quantizer
        quantized(images)
        export_qonnx(quantized, args=images[:1], export_path=str(path))
        answers = torch.cat([quantized.double()(image.double()) for image in images.split(1)])
    onnx.save(onnx.load(str(path)), str(path))  # the exporter keeps weights in a second file
    path.with_name(path.name + ".data").unlink(missing_ok=True)
    return answers.numpy()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """PyTorch's exporter tells of its steps."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
