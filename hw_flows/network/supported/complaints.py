# SPDX-License-Identifier: BSD-3-Clause
"""Which quantized networks have hardware: checked on clean QONNX in `normal_form`, before anything is converted.

The names and shapes in the messages are those that the user finds in the file. Operators behind the last convolution
(a final sigmoid, for example) stay on the host and may be anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import layer_of
from hw_flows.machine.errors import UserError
from hw_flows.network.branches import is_product, is_sum
from hw_flows.network.declared import averages, products
from hw_flows.network.functions import FUNCTIONS
from hw_flows.network.normal_form.chain import (
    AFFINE,
    QUANTIZERS,
    chain_before,
    data_inputs,
    is_activation_quantizer,
    passing,
)
from hw_flows.network.sums import check_sum
from hw_flows.network.supported.activations import (
    check_activations,
    check_affine,
    check_followed,
    check_function,
    check_image_quantizers,
)
from hw_flows.network.supported.branch_products import check_product
from hw_flows.network.supported.causes import cause_of, consequences, rank, results_of_image
from hw_flows.network.supported.products import check_counted, check_interpolated, check_products, check_quantized
from hw_flows.operators import front_ends
from hw_flows.operators.front_end import Check, Unsupported, has_hardware, unsupported


@dataclass(frozen=True)
class Complaint:
    """Why there is no hardware for a layer, by the author's name; None: for the network as a whole."""

    layer: str | None
    error: UserError


def check_supported(model: ModelWrapper) -> None:
    """Raises UserError for the first thing in `model`, clean QONNX in normal form, that has no hardware."""
    for complaint in complaints(model):
        raise complaint.error


def complaints(model: ModelWrapper, unsound: Mapping[str, UserError] | None = None) -> Iterator[Complaint]:
    """All in `model`, clean QONNX in normal form, that has no hardware: the likeliest cause of the others first.

    `unsound`: layer -> what is wrong with its quantizer, which `clean.in_normal_form` has replaced to go on.
    """
    try:
        _check_network(model)
    except UserError as error:
        yield Complaint(None, error)
        return
    unsound = unsound or {}
    for layer, fault in unsound.items():
        yield Complaint(layer, fault)
    checks = _checks()
    inside = list(_before_last_convolution(model, products()))
    unknown = sorted((node for node in inside if node.op_type not in checks), key=rank)
    untold = {name for node in inside if layer_of(model, node) in unsound for name in node.output}
    of_image = results_of_image(model, products())
    refused: list[tuple[Any, UserError]] = [
        (node, unsupported(model, node, *cause_of(node.op_type, node.output[0] in of_image))) for node in unknown
    ]
    refused += _refused(model, inside, checks, untold.union(*(node.output for node in unknown)))
    hidden = consequences(model, unknown, [node for node, _ in refused], of_image)
    told = set(unsound)
    for node, fault in refused:
        layer = fault.layer if isinstance(fault, Unsupported) else layer_of(model, node)
        if layer not in told and not hidden.intersection(node.output):
            told.add(layer)
            yield Complaint(layer, fault)


def _refused(
    model: ModelWrapper, inside: list[Any], checks: Mapping[str, Check], untold: set[str]
) -> list[tuple[Any, UserError]]:
    """Nodes of types that have hardware, and why they have none. `untold`: tensors of which nothing is known."""
    found: list[tuple[Any, UserError]] = []
    without = set(untold)
    absorbed = _absorbed(model)
    for check in (_check_node, _check_branches):  # sums and products once all quantizers are known
        for node in inside:
            if node.op_type not in checks or without.intersection(node.output):
                continue
            try:
                check(model, node, checks, without, absorbed)
            except UserError as error:
                without.update(node.output)
                found.append((node, error))
            except Exception:
                if not without:  # else what it meets may be a consequence
                    raise
    try:
        check_image_quantizers(model)
    except Unsupported as error:
        found.append((next((node for node in inside if layer_of(model, node) == error.layer), inside[0]), error))
    return found


def _check_node(
    model: ModelWrapper, node: Any, checks: Mapping[str, Check], without: set[str], absorbed: set[str]
) -> None:
    """All that needs no other node. Raises UserError."""
    checks[node.op_type](model, node)
    check_followed(model, node, absorbed)
    if _comes_from(model, node.input[0], without):
        return
    if (kind := passing(node)) is not None and kind.parts(model, node) > 1:
        check_interpolated(model, node)
    if node.op_type in products():
        check_products(model, node, checks)
    elif node.op_type in averages():
        check_quantized(model, node, node.input[0], node, checks)
        check_counted(model, node)


def _check_branches(
    model: ModelWrapper, node: Any, checks: Mapping[str, Check], without: set[str], absorbed: set[str]
) -> None:
    """Raises UserError for branches that cannot be added or multiplied."""
    if any(_comes_from(model, name, without) for name in node.input):
        return
    if is_sum(model, node):
        check_sum(model, node)
    elif is_product(model, node):
        check_product(model, node)


def _absorbed(model: ModelWrapper) -> set[str]:
    """Results of the functions that vanish in the thresholds of a quantizer behind them."""
    return {
        name
        for quantizer in model.graph.node
        if is_activation_quantizer(model, quantizer)
        for node in chain_before(model, quantizer).nodes
        for name in node.output
    }


def types_with_hardware() -> frozenset[str]:
    """ONNX operator types that have hardware, or vanish in thresholds."""
    return frozenset(_checks())


def _comes_from(model: ModelWrapper, tensor: str, refused: set[str]) -> bool:
    """Going back from `tensor` to the quantizers that it is joined of, one of the tensors `refused` is met."""
    producer = model.find_producer(tensor)
    if tensor in refused or producer is None or passing(producer) is None:
        return tensor in refused
    return any(_comes_from(model, name, refused) for name in data_inputs(producer))


def _check_network(model: ModelWrapper) -> None:
    _check_interface(model)
    nodes = list(model.graph.node)
    if not any(node.op_type in QUANTIZERS for node in nodes):
        raise UserError(
            "the network has no quantizers: this is a floating-point model",
            f"graph {model.graph.name}, {len(nodes)} operators",
            "train it quantized (qu-train, or Brevitas layers) and export with brevitas.export.export_qonnx, or quantize "
            "it with ONNX Runtime's quantize_static in the QDQ format",
        )
    multiplying = products()
    if not any(node.op_type in multiplying for node in nodes):
        raise UserError("the network has no convolution", f"graph {model.graph.name}", "bring a U-Net-like network")


def _check_interface(model: ModelWrapper) -> None:
    inputs = [i.name for i in model.graph.input if model.get_initializer(i.name) is None]
    outputs = [o.name for o in model.graph.output]
    if len(inputs) != 1 or len(outputs) != 1:
        raise UserError(
            f"the network has {len(inputs)} inputs and {len(outputs)} outputs",
            f"inputs {', '.join(inputs)}; outputs {', '.join(outputs)}",
            "export a network with one image as input and one as output",
        )
    shape = model.get_tensor_shape(inputs[0])
    if shape is None or len(shape) != 4 or shape[0] != 1:
        raise UserError(
            f"the network's input has shape {shape}",
            f"input {inputs[0]}",
            "export with one image, (1, channels, height, width), of a fixed size",
        )


def _before_last_convolution(model: ModelWrapper, multiplying: Collection[str]) -> Iterator[Any]:
    """Nodes that a convolution depends on, and the convolutions, in graph order."""
    needed: set[str] = set()
    chosen = []
    for node in reversed(model.graph.node):
        if node.op_type in multiplying or needed.intersection(node.output):
            needed.update(node.input)
            chosen.append(node)
    return reversed(chosen)


def _checks() -> dict[str, Check]:
    """ONNX operator type -> its check, for all that have hardware or vanish in thresholds."""
    found: dict[str, Check] = {
        **dict.fromkeys(QUANTIZERS, check_activations),
        "Relu": has_hardware,
        **dict.fromkeys(FUNCTIONS, check_function),
        "Identity": has_hardware,
        **dict.fromkeys(AFFINE, check_affine),
    }
    for front_end in front_ends():
        found.update(front_end.checks)
    return found
