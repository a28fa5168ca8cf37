# SPDX-License-Identifier: BSD-3-Clause
"""What older Brevitas, QONNX's cleanup and other tools write differently is read as the same network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.cleanup import cleanup_model

from hw_flows.machine.errors import UserError
from hw_flows.network.answers import answer, image_input
from hw_flows.network.clean import clean_network
from hw_flows.network.file import load_network
from hw_flows.network.head import split_head
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import exported

NET = ForeignNet()


def quantizers(model: Any) -> list[Any]:
    return [node for node in model.graph.node if node.op_type in ("Quant", "IntQuant")]


def of_domain(domain: str) -> Callable[[Any], Any]:
    """As older Brevitas wrote it."""

    def change(model: Any) -> Any:
        for node in quantizers(model):
            node.domain = domain
        for entry in model.opset_import:
            entry.domain = domain if entry.domain else ""
        return model

    return change


def cleaned(domain: str) -> Callable[[Any], Any]:
    """QONNX's cleanup of such a file renames the domain of the operators, and imports nothing for it."""
    return lambda model: cleanup_model(ModelWrapper(of_domain(domain)(model))).model


def without_import(model: Any) -> Any:
    kept = [entry for entry in model.opset_import if not entry.domain]
    del model.opset_import[:]
    model.opset_import.extend(kept)
    return model


def of_both_domains(model: Any) -> Any:
    quantizers(model)[0].domain = "onnx.brevitas"
    model.opset_import.append(helper.make_opsetid("onnx.brevitas", 1))
    return model


def without_names(model: Any) -> Any:
    for node in model.graph.node:
        node.name = ""
    return model


def all_of_one_name(model: Any) -> Any:
    for node in model.graph.node:
        node.name = "node"
    return model


def without_rounding_modes(model: Any) -> Any:
    for node in quantizers(model):
        node.attribute.remove(next(a for a in node.attribute if a.name == "rounding_mode"))
    return model


def attributes_as_text(model: Any) -> Any:
    for node in quantizers(model):
        for attribute in node.attribute:
            if attribute.name in ("signed", "narrow"):
                attribute.CopyFrom(helper.make_attribute(attribute.name, str(attribute.i)))
    return model


def as_int_quant(model: Any) -> Any:
    for node in quantizers(model):
        node.op_type = "IntQuant"
        node.attribute.remove(next(a for a in node.attribute if a.name == "rounding_mode"))
        node.attribute.append(helper.make_attribute("rounding_mode", "round"))
    return model


def widths_as_lists(model: Any) -> Any:
    """Bit widths of shape [1] and zero points of whole numbers."""
    constants = {t.name: t for t in model.graph.initializer}
    for node in quantizers(model):
        for place, kind in ((2, np.int64), (3, np.int32)):
            name = f"number {place} of {node.output[0]}"
            values = numpy_helper.to_array(constants[node.input[place]]).astype(kind).reshape(1)
            model.graph.initializer.append(numpy_helper.from_array(values, name))
            node.input[place] = name
    return model


def constants_as_operators(model: Any) -> Any:
    for number, tensor in enumerate(list(model.graph.initializer)):
        node = helper.make_node("Constant", [], [tensor.name], name=f"constant {number}", value=tensor)
        model.graph.node.insert(0, node)
        model.graph.initializer.remove(tensor)
    inputs = [value for value in model.graph.input if value.name == model.graph.input[0].name]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    return model


DIALECTS = {
    "onnx.brevitas": of_domain("onnx.brevitas"),
    "finn.custom_op.general": of_domain("finn.custom_op.general"),
    "onnx.brevitas, cleaned": cleaned("onnx.brevitas"),
    "cleaned": cleaned("qonnx.custom_op.general"),
    "no import": without_import,
    "two domains": of_both_domains,
    "no names": without_names,
    "one name": all_of_one_name,
    "no rounding modes": without_rounding_modes,
    "attributes as text": attributes_as_text,
    "IntQuant": as_int_quant,
    "widths as lists": widths_as_lists,
    "constants as operators": constants_as_operators,
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_the_same_network(dialect: str, tmp_path: Path) -> None:
    network = exported(NET)
    onnx.save(DIALECTS[dialect](onnx.load(str(network.path))), str(tmp_path / "network.onnx"))
    model = load_network(tmp_path / "network.onnx")
    assert {node.domain for node in quantizers(model)} == {"qonnx.custom_op.general"}
    assert sorted(entry.domain for entry in model.opset_import) == ["", "qonnx.custom_op.general"]
    assert len({node.name for node in model.graph.node}) == len(model.graph.node)
    parts = split_head(model)
    logits = answer(parts, image_input(model, tmp_path), network.frames).logits
    np.testing.assert_allclose(logits, network.outputs, rtol=0, atol=2e-6 * np.abs(network.outputs).max())
    clean_network(ModelWrapper(parts.body))  # has hardware


@pytest.mark.parametrize(("name", "value"), [("signed", "perhaps"), ("narrow", 7), ("rounding_mode", 3)])
def test_an_attribute_that_says_nothing_is_named(name: str, value: object, tmp_path: Path) -> None:
    model = onnx.load(str(exported(NET).path))
    node = quantizers(model)[0]
    node.attribute.remove(next(a for a in node.attribute if a.name == name))
    node.attribute.append(helper.make_attribute(name, value))
    onnx.save(model, str(tmp_path / "network.onnx"))
    with pytest.raises(UserError, match=f"attribute {name} is '{value}'"):
        load_network(tmp_path / "network.onnx")


def test_a_quantizer_without_a_width_is_named(tmp_path: Path) -> None:
    model = onnx.load(str(exported(NET).path))
    quantizers(model)[2].input.pop()
    onnx.save(model, str(tmp_path / "network.onnx"))
    with pytest.raises(UserError, match="the quantizer reads 3 tensors and not 4"):
        load_network(tmp_path / "network.onnx")
