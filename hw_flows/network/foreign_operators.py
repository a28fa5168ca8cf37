# SPDX-License-Identifier: BSD-3-Clause
"""Operators that end the reading of a file: none of ONNX's own, of integers, with graphs of their own. Each with a cure."""

from __future__ import annotations

from typing import Any

from hw_flows.machine.errors import UserError
from hw_flows.network.channels_first import DOMAIN as CHANNELS_LAST
from hw_flows.network.channels_first import OPERATORS
from hw_flows.network.dialects import QUANTIZER_DOMAINS, QUANTIZERS

_ONNX = ("", "ai.onnx")
#: Domain -> operators of it that are read.
_KNOWN = {CHANNELS_LAST: OPERATORS, **dict.fromkeys(QUANTIZER_DOMAINS, QUANTIZERS)}
_QDQ = "quantize in the QDQ format (quantize_static of ONNX Runtime: quant_format=QuantFormat.QDQ)"
#: ONNX's convolutions of integers, which hold their quantizers in themselves.
_INTEGER_OPERATORS = ("QLinearConv", "ConvInteger", "QLinearMatMul", "MatMulInteger", "DynamicQuantizeLinear")
_GRAPHS = (
    "export the module itself, not a scripted one (torch.jit.script): then loops are unrolled and one branch is taken"
)
_LISTS = ("SequenceConstruct", "SequenceAt", "SplitToSequence", "ConcatFromSequence", "SequenceEmpty", "SequenceInsert")
#: Beginning of a domain -> what its operators are, what to do.
_DOMAINS: dict[str, tuple[str, str]] = {
    "qonnx.custom_op": (
        "the file has been converted by tools of QONNX or FINN",
        "give the file from before that, as Brevitas' export_qonnx wrote it",
    ),
    "finn.": (
        "the file has been converted by FINN",
        "give the file from before FINN's steps, as Brevitas' export_qonnx wrote it",
    ),
    "org.pytorch.aten": (
        "PyTorch's exporter found no operator of ONNX for this layer",
        "export with a newer operator set, or with torch.onnx.export(..., dynamo=True), or use another layer in its place",
    ),
    "pkg.": ("the exporter left a function of its own", "export with torch.onnx.export(..., optimize=True)"),
    "ai.onnx.ml": ("this is no layer of a network of images", "give a U-Net-like network of convolutions"),
    "ai.onnx.preview.training": ("the file trains a network", "export the network as it is used (model.eval())"),
}
_OTHER = (
    "it is an operator of another tool, not one of ONNX's own",
    "use a layer of PyTorch's own in its place, such as a convolution, also for deformable ones and regions",
)
_OF_ONNX_RUNTIME = {
    **dict.fromkeys(
        ("QuantizeLinear", "DequantizeLinear"),
        (
            "a quantizer of 16 or 4 bits, in ONNX Runtime's own form",
            "quantize to 8 bits (quantize_static: activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8), or train with "
            "Brevitas for other widths",
        ),
    ),
}
_OPTIMIZED = (
    "it is one of ONNX Runtime's own operators",
    f"give the file from before ONNX Runtime's optimizations; {_QDQ}",
)


def require_known(node: Any, where: str) -> None:
    """Raises UserError where `node`, of a file that nothing has been changed in, is of no kind that is read. Only classes of
    known operators may be looked up: what an operator's domain names is never imported."""
    if node.domain not in _ONNX and node.op_type not in _KNOWN.get(node.domain, ()):
        if node.domain == "com.microsoft":
            what, fix = _OF_ONNX_RUNTIME.get(node.op_type, _OPTIMIZED)
        else:
            what, fix = next((said for begin, said in _DOMAINS.items() if node.domain.startswith(begin)), _OTHER)
        raise UserError(f"the operator {node.op_type} of domain {node.domain!r} is not known here: {what}", where, fix)
    if node.op_type in _INTEGER_OPERATORS:
        raise UserError(
            f"{node.op_type} computes with integers of ONNX's own form, which does not tell widths and scales apart",
            where,
            f"{_QDQ}, of the network as it was before it was quantized; or export with Brevitas' export_qonnx",
        )
    if node.op_type in _LISTS:
        raise UserError(
            "the operator holds tensors in a list",
            where,
            "export with torch.onnx.export(..., dynamo=True), which writes no lists",
        )
    if any(a.type in (a.GRAPH, a.GRAPHS) or a.ref_attr_name for a in node.attribute):
        raise UserError("the operator holds a graph of its own (a branch or a loop)", where, _GRAPHS)
