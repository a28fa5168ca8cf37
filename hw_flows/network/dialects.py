# SPDX-License-Identifier: BSD-3-Clause
"""One spelling for what the writers of QONNX files spell differently: domains, versions and attributes of quantizers,
names of operators, constants as nodes. What the network computes stays the same.

Brevitas wrote its quantizers in the domains `finn.custom_op.general`, `onnx.brevitas` and `qonnx.custom_op.general`, one
after the other; QONNX's cleanup renames the operators' domain, but imports no operator set for it. Early files have no
rounding mode, and newer tools say IntQuant.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import AttributeProto, helper, numpy_helper

from hw_flows.machine.errors import UserError

#: The domain that QONNX and FINN know, and those that older files have instead.
QUANTIZER_DOMAIN = "qonnx.custom_op.general"
QUANTIZER_DOMAINS = (QUANTIZER_DOMAIN, "onnx.brevitas", "finn.custom_op.general")
QUANTIZERS = ("Quant", "IntQuant", "FloatQuant", "BipolarQuant", "Trunc")
#: Tensors that each reads: an input, its scale, and for Quant a zero point and a width.
_INPUTS = {"Quant": 4, "BipolarQuant": 2}
#: Versions of QUANTIZER_DOMAIN that QONNX knows: Trunc is another operator in each.
_VERSIONS = range(1, 3)
#: What QONNX takes an attribute for that is not there.
_FLAGS = {"signed": 1, "narrow": 0}
#: Brevitas' words for what QONNX calls otherwise.
_SAME_ROUNDING = {b"ROUND_TO_ZERO": b"DOWN"}
_ROUNDING = "rounding_mode"
_TRUE_AND_FALSE = {"0": 0, "1": 1, "false": 0, "true": 1}
#: The forms of a Constant that hold numbers, with the type of each.
_CONSTANTS = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
_NUMBERS = (AttributeProto.FLOAT, AttributeProto.FLOATS, AttributeProto.INT, AttributeProto.INTS)
#: The first version of the file format in which a constant need not be an input of the graph, too.
_FREE_CONSTANTS = 4


def unify_dialect(model: Any) -> None:
    """Bring the ONNX `ModelProto` to one spelling, in place. Raises UserError for attributes that say nothing."""
    _name_operators(model.graph)
    _make_constants(model)
    _unify_quantizers(model)


def _name_operators(graph: Any) -> None:
    """Every operator has a name of its own, so that messages can tell which one they mean."""
    given = {node.name for node in graph.node}
    seen: set[str] = set()
    for number, node in enumerate(graph.node):
        name = node.name
        while not name or name in seen or (name != node.name and name in given):
            name = f"{node.name or node.op_type}_{number}"
            number += len(graph.node)
        node.name = name
        seen.add(name)


def _make_constants(model: Any) -> None:
    """Constant operators become constants of the graph, where others look for them."""
    graph = model.graph
    outputs = {value.name for value in graph.output}
    kept = [node for node in graph.node if node.output[0] in outputs or not _made_constant(graph, node)]
    if len(kept) == len(graph.node):
        return
    del graph.node[:]
    graph.node.extend(kept)
    if model.ir_version == _FREE_CONSTANTS - 1:
        model.ir_version = _FREE_CONSTANTS


def _made_constant(graph: Any, node: Any) -> bool:
    """Whether `node` is a sound Constant, whose value `graph` has now; others are for ONNX's own checker."""
    if node.op_type != "Constant" or node.domain not in ("", "ai.onnx") or node.input:
        return False
    if len(node.attribute) != 1 or len(node.output) != 1:
        return False
    (attribute,) = node.attribute
    if attribute.name == "value" and attribute.type == AttributeProto.TENSOR:
        tensor = graph.initializer.add()
        tensor.CopyFrom(attribute.t)
        tensor.name = node.output[0]
    elif attribute.name in _CONSTANTS and attribute.type in _NUMBERS:
        values = np.array(helper.get_attribute_value(attribute), _CONSTANTS[attribute.name])
        graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
    else:
        return False
    return True


def _unify_quantizers(model: Any) -> None:
    quantizers = [n for n in model.graph.node if n.domain in QUANTIZER_DOMAINS and n.op_type in QUANTIZERS]
    versions = [entry.version for entry in model.opset_import if entry.domain in QUANTIZER_DOMAINS]
    if not quantizers:
        return
    others = [entry for entry in model.opset_import if entry.domain not in QUANTIZER_DOMAINS]
    version = max((v for v in versions if v in _VERSIONS), default=_VERSIONS[0])
    del model.opset_import[:]
    model.opset_import.extend([*others, helper.make_opsetid(QUANTIZER_DOMAIN, version)])
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in quantizers:
        node.domain = QUANTIZER_DOMAIN
        if node.op_type == "IntQuant":
            node.op_type = "Quant"
        count = _INPUTS.get(node.op_type)
        if count is not None and (len(node.input) != count or not all(node.input)):
            raise UserError(
                f"the quantizer reads {len(node.input)} tensors and not {count}",
                f"node {node.name} ({node.op_type})",
                "export the network again with Brevitas' export_qonnx",
            )
        if node.op_type == "Quant":
            _complete_attributes(node)
            _make_numbers(model.graph, node, constants)


def _complete_attributes(node: Any) -> None:
    """All attributes of a Quant are there, of the type that QONNX reads."""
    given = {a.name: helper.get_attribute_value(a) for a in node.attribute if a.type != AttributeProto.UNDEFINED}
    complete = {name: _flag(node, name, given.get(name, default)) for name, default in _FLAGS.items()}
    mode = given.get(_ROUNDING, b"ROUND")
    if not isinstance(mode, bytes):
        raise _says_nothing(node, _ROUNDING, mode)
    others = [a for a in node.attribute if a.name not in (*_FLAGS, _ROUNDING)]
    attributes = [helper.make_attribute(name, value) for name, value in complete.items()]
    mode = mode.upper()
    attributes.append(helper.make_attribute(_ROUNDING, _SAME_ROUNDING.get(mode, mode)))
    del node.attribute[:]
    node.attribute.extend([*others, *attributes])


def _flag(node: Any, name: str, value: Any) -> int:
    """0 or 1, which some writers give as text or as a float."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
        number = _TRUE_AND_FALSE.get(value.lower())
    else:
        number = value
    if number not in (0, 1):
        raise _says_nothing(node, name, value)
    return int(number)


def _says_nothing(node: Any, name: str, value: Any) -> UserError:
    return UserError(
        f"the quantizer's attribute {name} is {str(value)[:40]!r}",
        f"node {node.name} ({node.op_type})",
        f"{name} is a rounding mode such as ROUND" if name == _ROUNDING else f"{name} is 0 or 1",
    )


def _make_numbers(graph: Any, node: Any, constants: dict[str, Any]) -> None:
    """Scale, zero point and width are floats, and the width is a scalar, as QONNX takes them to be."""
    for place, name in enumerate(node.input[1:4], start=1):
        tensor = constants.get(name)
        one_width = tensor is not None and place == 3 and list(tensor.dims) and all(d == 1 for d in tensor.dims)
        if tensor is None or not (one_width or _is_whole(tensor.data_type)):
            continue
        try:
            values = numpy_helper.to_array(tensor).astype(np.float32)
        except Exception:  # a damaged constant: found where all constants are checked
            continue
        number = f"{name}_of_{node.name}_{place}"
        if number not in constants:
            constants[number] = numpy_helper.from_array(values.reshape(()) if one_width else values, number)
            graph.initializer.append(constants[number])
        node.input[place] = number


def _is_whole(data_type: int) -> bool:
    try:
        return np.dtype(helper.tensor_dtype_to_np_dtype(data_type)).kind in "iu"
    except (KeyError, TypeError):
        return False
