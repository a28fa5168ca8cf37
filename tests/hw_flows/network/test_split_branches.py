# SPDX-License-Identifier: BSD-3-Clause
"""Which convolutions become sums, and of what."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.layer_names import layer_name
from hw_flows.network.clean import in_normal_form
from hw_flows.network.file import load_network
from tests.hw_flows.joined import NETWORKS
from tests.hw_flows.written_differently import export


def _normal(name: str, folder: Path) -> tuple[ModelWrapper, ModelWrapper]:
    """As it is in the file, and in normal form."""
    path = export(name, NETWORKS[name], folder / "net.onnx").path
    return ModelWrapper(load_network(path)), in_normal_form(ModelWrapper(load_network(path)))


def _convolutions(model: ModelWrapper) -> dict[str, list[int]]:
    """Layer -> channels that its convolutions read."""
    found: dict[str, list[int]] = {}
    for node in model.get_nodes_by_op_type("Conv"):
        found.setdefault(layer_name(node), []).append(model.get_tensor_shape(node.input[0])[1])
    return found


def test_each_branch_gets_a_convolution_of_its_channels(tmp_path: Path) -> None:
    _, model = _normal("signed and unsigned", tmp_path)
    split = [read for read in _convolutions(model).values() if len(read) > 1]
    assert split == [[4, 4]]
    assert not model.get_nodes_by_op_type("Concat")


def test_branches_of_one_quantizer_stay_joined(tmp_path: Path) -> None:
    _, model = _normal("three branches, two with one quantizer", tmp_path)
    split = [read for read in _convolutions(model).values() if len(read) > 1]
    assert split == [[8, 4]]
    assert len(model.get_nodes_by_op_type("Concat")) == 1


def test_channels_that_are_multiplied_by_negative_numbers_behind_it_have_negated_weights(tmp_path: Path) -> None:
    _, model = _normal("signed and unsigned", tmp_path)
    (total,) = [n for n in model.get_nodes_by_op_type("Add") if model.get_initializer(n.input[1]) is None]
    (scale,) = model.find_consumers(total.output[0])
    (norm,) = model.find_consumers(scale.output[0])
    factors = model.get_initializer(scale.input[1]).ravel() * model.get_initializer(norm.input[1])
    assert scale.op_type == "Mul" and norm.op_type == "BatchNormalization"
    assert (factors > 0).all() and (model.get_initializer(norm.input[1]) < 0).any()


def test_weights_are_the_integers_of_the_network(tmp_path: Path) -> None:
    _, model = _normal("a transposed convolution reads", tmp_path)
    for node in model.get_nodes_by_op_type("ConvTranspose"):
        quantizer = model.find_producer(node.input[1])
        weights = model.get_initializer(quantizer.input[0])
        assert weights.shape == (4, 4, 2, 2)
        np.testing.assert_array_equal(weights, np.rint(weights))
        assert model.get_initializer(quantizer.input[1]) == 1 and np.abs(weights).max() <= 8
