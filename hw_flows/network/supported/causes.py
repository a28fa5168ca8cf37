# SPDX-License-Identifier: BSD-3-Clause
"""Operators without hardware, told as what they are in the network that its author wrote: an attention, a normalization, a
fully connected layer. Exporters write such a layer as several operators; only its cause is told, with what to do instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.network.functions import FUNCTIONS
from hw_flows.network.normal_form.chain import AFFINE, QUANTIZERS

_BETWEEN = (*AFFINE, *QUANTIZERS, "Relu", "Identity", "Squeeze", "Unsqueeze", "Reshape", "Expand")

#: Dice in percent that `benchmarks/normalization.py` has measured, means of `benchmarks/data/normalization.json`.
BATCH_NORM_COSTS = "Dice of batch / group / instance normalization on held-out images of hc18: 97.3 / 97.1 / 97.3"


@dataclass(frozen=True)
class Cause:
    """What is wrong with operators of these types, and what to do. `once`: of several in one place only the first is told."""

    op_types: tuple[str, ...]
    what: str
    fix: str
    once: bool = False


_USE = "torch.cat over channels, additions, batch normalization, activation functions with a quantizer behind them"
#: What is built of, in PyTorch's words.
LAYERS = f"build it of convolutions (also transposed, dilated, in groups), max and average pools, nn.Upsample, nn.PixelShuffle, {_USE}"
_NORMALIZATION = (
    "it divides by statistics of each image (instance, group or layer normalization): hardware would have to wait for the whole "
    "image, and has no divider"
)
_BATCH_NORM = (
    f"train with batch normalization in its place (nn.BatchNorm2d), which needs not cost accuracy ({BATCH_NORM_COSTS})"
)

#: The likeliest cause first: of operators that stand together, the first of these is told.
CAUSES: tuple[Cause, ...] = (
    Cause(
        ("LSTM", "GRU", "RNN", "Loop", "Scan"),
        "a recurrent layer has no hardware",
        "use convolutions in its place, dilated ones where it is to see far",
    ),
    Cause(
        ("Attention", "MultiHeadAttention", "Softmax", "LogSoftmax", "Hardmax"),
        "self-attention or softmax inside the network has no hardware: it compares all pixels with each other, or divides by a sum "
        "over them",
        "use convolutions in its place, dilated ones where it is to see far; gates are fine with a sigmoid and a quantizer; "
        "behind the last convolution a softmax is fine",
    ),
    Cause(
        (
            "InstanceNormalization",
            "GroupNormalization",
            "LayerNormalization",
            "RMSNormalization",
            "MeanVarianceNormalization",
            "LpNormalization",
            "LRN",
            "ReduceL1",
            "ReduceL2",
            "ReduceSumSquare",
            "ReduceLogSumExp",
            "Sqrt",
            "Reciprocal",
        ),
        _NORMALIZATION,
        _BATCH_NORM,
    ),
    Cause(
        ("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial"),
        "it makes random numbers",
        "export the network as it is used (model.eval()), without noise",
    ),
    Cause(
        ("Dropout",),
        "the network was exported as it is trained: dropout is active",
        "call model.eval() before the export, and F.dropout with training=self.training",
    ),
    Cause(
        ("QuantizeLinear", "DequantizeLinear"),
        "it is no pair of a quantizer that is known here",
        "let DequantizeLinear follow QuantizeLinear with the same constant scale and zero point, one for the tensor or one a "
        "channel, as quantize_static of ONNX Runtime (QuantFormat.QDQ) and Brevitas write them",
    ),
    Cause(
        ("FloatQuant",),
        "it quantizes to floating-point numbers (minifloat), and hardware computes with integers",
        "use an integer quantizer of Brevitas, such as Int8WeightPerTensorFloat or Int8ActPerTensorFloat",
    ),
    Cause(
        ("Trunc",),
        "it cuts bits off integers, which has no hardware",
        "use nn.AvgPool2d and a quantizer (QuantIdentity) behind it in the place of TruncAvgPool2d",
    ),
    Cause(
        (
            "MaxUnpool",
            "MaxRoiPool",
            "RoiAlign",
            "ScatterND",
            "ScatterElements",
            "Scatter",
            "NonZero",
            "NonMaxSuppression",
        ),
        "where it puts values depends on the image (unpooling, regions), which has no hardware",
        "use nn.Upsample or a transposed convolution in the place of unpooling",
    ),
    Cause(
        ("DeformConv", "GridSample", "AffineGrid", "Col2Im"),
        "which pixels it reads is computed, which has no hardware",
        "use a convolution, a dilated one where it is to see far",
    ),
    Cause(
        ("Gemm", "MatMul", "Einsum"),
        "a fully connected layer or a product of matrices inside the network has no hardware",
        "use a 1x1 convolution (QuantConv2d), on one pixel (1, channels, 1, 1) behind AdaptiveAvgPool2d(1) where it is "
        "one of a squeeze-and-excitation; behind the last convolution anything is fine",
    ),
    Cause(
        ("GatherND", "GatherElements", "TopK", "CumSum", "Unique", "ReverseSequence", "Compress"),
        "it picks or sorts values in an order that hardware does not keep (as a pool to a size that does not divide the "
        "image's does, too)",
        "leave it out, or use a pool whose windows have one size, such as nn.AvgPool2d or AdaptiveAvgPool2d(1)",
    ),
    Cause(
        ("LpPool", "GlobalMaxPool", "GlobalLpPool", "ReduceMax", "ReduceMin", "ReduceSum", "ReduceProd"),
        "this way to bring values together has no hardware",
        "use nn.MaxPool2d, nn.AvgPool2d or AdaptiveAvgPool2d(1), or a 1x1 convolution for a sum over channels",
    ),
    Cause(
        ("SequenceConstruct", "SequenceAt", "SplitToSequence", "ConcatFromSequence", "SequenceEmpty", "SequenceInsert"),
        "it holds tensors in a list",
        "export with torch.onnx.export(..., dynamo=True), which writes no lists, or index tensors by constant numbers",
    ),
    Cause(
        ("Split", "Gather"),
        "taking some of the channels has no hardware",
        "let convolutions of their own make the parts",
    ),
    Cause(
        ("Cast",),
        "the network changes the type of its numbers",
        "export a network that takes and computes float32: give torch.onnx.export a float example, the pixels' values may stay "
        "the same",
    ),
    Cause(
        ("Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile"),
        "it changes the order or the meaning of the axes inside the network; hardware sees an image pixel by pixel, (1, "
        "channels, height, width)",
        "leave it out; a 1x1 convolution can stand for a channel shuffle; patches, tokens and images with the channels last need "
        "another network",
        once=True,
    ),
)
_RANK = {op_type: rank for rank, cause in enumerate(CAUSES) for op_type in cause.op_types}
_BY_TYPE = {op_type: cause for cause in CAUSES for op_type in cause.op_types}


#: Of anything that is done to the image before it is quantized.
_PREPARE = (
    "leave it out, and give the network images that are prepared so: float32, (1, channels, height, width); inside the network "
    "only scales, biases and functions of each pixel may stand before the image's quantizer"
)


def cause_of(op_type: str, of_image: bool) -> tuple[str, str]:
    """What is wrong with an operator that has no hardware, and what to do. `of_image`: it stands before all quantizers."""
    cause = _BY_TYPE.get(op_type)
    what, fix = (f"{op_type} has no hardware", LAYERS) if cause is None else (cause.what, cause.fix)
    return what, _PREPARE if of_image else fix


def rank(node: Any) -> int:
    """The likeliest cause has the least: what nothing is known of comes before what only moves values."""
    return _RANK.get(node.op_type, _RANK["Split"])


def results_of_image(model: ModelWrapper, multiplying: Collection[str]) -> set[str]:
    """Tensors that are computed from the image before any quantizer and any convolution."""
    found = {value.name for value in model.graph.input if model.get_initializer(value.name) is None}
    for node in model.graph.node:
        if node.op_type not in (*QUANTIZERS, *multiplying) and found.intersection(node.input):
            found.update(node.output)
    return found


def consequences(
    model: ModelWrapper, unknown: Iterable[Any], refused: Sequence[Any], of_image: Collection[str]
) -> set[str]:
    """Names of results of those nodes that are no cause of their own. `unknown` operators, and other `refused` ones, that
    work on each other's results are one layer of the author's, as all are that work on the image (`of_image`)."""
    unknown_results = {node.output[0] for node in unknown}
    results = {name for node in refused for name in node.output}
    found = {node.output[0] for node in refused if node.op_type in AFFINE and results.intersection(node.input)}
    for group in _together(model, refused, of_image):
        causes = [node for node in group if node.output[0] in unknown_results]
        if not causes:
            continue
        first = min(causes, key=rank)
        cause = _BY_TYPE.get(first.op_type)
        alone = first.output[0] in of_image or (cause is not None and cause.once)
        told = [node for node in group if node is first or (node.op_type == first.op_type and not alone)]
        found.update(node.output[0] for node in group if node not in told)
    return found


def _together(model: ModelWrapper, nodes: Sequence[Any], of_image: Collection[str]) -> list[list[Any]]:
    """Groups of nodes of which each works on another one's result, in graph order; those of the image are one group."""
    place = {name: index for index, node in enumerate(nodes) for name in node.output}
    group = list(range(len(nodes)))

    def root(index: int) -> int:
        while group[index] != index:
            index = group[index]
        return index

    def join(index: int, with_index: int) -> None:
        one, other = sorted((root(index), root(with_index)))
        group[other] = one

    image = [index for index, node in enumerate(nodes) if node.output[0] in of_image]
    for index in image[1:]:
        join(image[0], index)
    for index, node in enumerate(nodes):
        for name in _made_of(model, node, place):
            join(index, place[name])
    found: dict[int, list[Any]] = {}
    for index, node in enumerate(nodes):
        found.setdefault(root(index), []).append(node)
    return list(found.values())


def _made_of(model: ModelWrapper, node: Any, wanted: Collection[str]) -> set[str]:
    """Those of the tensors `wanted` that `node` reads, directly or behind scales, sums, functions and quantizers."""
    left, seen, found = list(node.input), set(node.input), set()
    while left:
        name = left.pop()
        if name in wanted:
            found.add(name)
            continue
        producer = model.find_producer(name)
        if producer is not None and (producer.op_type in _BETWEEN or producer.op_type in FUNCTIONS):
            left += [before for before in producer.input if before not in seen]
            seen.update(producer.input)
    return found
