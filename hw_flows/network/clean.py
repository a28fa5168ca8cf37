# SPDX-License-Identifier: BSD-3-Clause
"""Shapes inferred, constants folded, names unique, one form for all networks; then: is there hardware?"""

from __future__ import annotations

from typing import Any

from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.general import GiveReadableTensorNames, GiveUniqueNodeNames
from qonnx.transformation.infer_shapes import InferShapes
from qonnx.util.cleanup import cleanup_model

from hw_flows.layer_names import layer_of, name_layers, note_modules
from hw_flows.machine.errors import UserError
from hw_flows.network.arithmetic import quantized_constant
from hw_flows.network.declared import products
from hw_flows.network.no_ops import fold_pads, remove_no_ops, separate_repeated_inputs
from hw_flows.network.normal_form import normal_form
from hw_flows.network.normal_form.chain import QUANTIZERS
from hw_flows.network.pixel_blocks import find_pixel_blocks
from hw_flows.network.qcdq import convert_qcdq
from hw_flows.network.quantizer import check_quantizer, make_sound
from hw_flows.network.slices import one_slice_each
from hw_flows.network.split_branches import split_branches
from hw_flows.network.supported import check_supported
from hw_flows.network.transform import strip_provenance


def clean_network(model: ModelWrapper) -> ModelWrapper:
    """QONNX or QCDQ as exported to clean QONNX in `normal_form`; also called before any step, so that what has no hardware
    is refused first. Raises UserError where a part of the network has none."""
    model = in_normal_form(model)
    check_supported(model)  # before nodes that are new get names of their own
    for t in (GiveUniqueNodeNames(), GiveReadableTensorNames(), InferShapes()):
        model = model.transform(t)
    return model


def in_normal_form(model: ModelWrapper, unsound: dict[str, UserError] | None = None) -> ModelWrapper:
    """The same before it is checked. Its nodes know their layers (`layer_names`). Raises UserError for quantizers that say
    nothing; with `unsound` these errors are kept there, by layer, and sound quantizers stand in for them, so that the rest of
    the network can be told."""
    note_modules(model.model)
    strip_provenance(model.model)
    name_layers(model.model)
    convert_qcdq(model, unsound)
    separate_repeated_inputs(model)
    model = cleanup_model(model)
    for node in model.graph.node:
        if node.op_type in QUANTIZERS:
            _check_or_replace(model, node, unsound)
    fold_quantized_parameters(model)
    one_slice_each(model)
    find_pixel_blocks(model)
    remove_no_ops(model)
    model = normal_form(fold_pads(model))
    split_branches(model)
    return model


def fold_quantized_parameters(model: ModelWrapper) -> None:
    """Quantized constants that are no convolution's, such as the factors of a batch normalization that ONNX Runtime could not
    merge, become constants, in float64 and in place: no hardware multiplies by them."""
    for node in list(model.graph.node):
        if node.op_type != "Quant" or not all(model.get_initializer(name) is not None for name in node.input):
            continue
        if any(reader.op_type in products() for reader in model.find_consumers(node.output[0]) or []):
            continue
        model.set_initializer(node.output[0], quantized_constant(model, node))
        model.graph.node.remove(node)


def _check_or_replace(model: ModelWrapper, node: Any, unsound: dict[str, UserError] | None) -> None:
    try:
        check_quantizer(model, node)
    except UserError as error:
        if unsound is None:
            raise
        unsound.setdefault(layer_of(model, node), error)
        make_sound(model, node)
