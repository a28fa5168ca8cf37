# SPDX-License-Identifier: BSD-3-Clause
"""Large constants stand beside the message; to QONNX, and in a file, the model is the same as any other."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.general import GiveReadableTensorNames, GiveUniqueNodeNames
from qonnx.transformation.infer_shapes import InferShapes
from qonnx.util.basic import qonnx_make_model
from qonnx.util.cleanup import cleanup_model

from hw_flows.network.large_constants import FOLDER, LARGE, LeanModel

_SIDE = 512  # of a float32 matrix of LARGE bytes
RANDOM = np.random.default_rng(0)
WEIGHTS = RANDOM.integers(-8, 8, (_SIDE, _SIDE)).astype(np.float32)


def product(weights: np.ndarray = WEIGHTS) -> onnx.ModelProto:
    """x times weights, plus a bias."""
    rows, columns = weights.shape
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, s]) for n, s in (("x", rows), ("y", columns))]
    nodes = [helper.make_node("MatMul", ["x", "weights"], ["m"]), helper.make_node("Add", ["m", "bias"], ["y"])]
    constants = [
        numpy_helper.from_array(weights, "weights"),
        numpy_helper.from_array(np.ones(columns, np.float32), "bias"),
    ]
    return qonnx_make_model(helper.make_graph(nodes, "product", values[:1], values[1:], constants))


def values_of(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def test_the_message_has_the_small_constants_alone() -> None:
    network = product()
    model = LeanModel(network)
    assert model.model.ByteSize() < LARGE / 100
    assert np.array_equal(model.get_initializer("weights"), WEIGHTS)
    assert model.get_initializer("weights", return_dtype=True)[1] == TensorProto.FLOAT
    assert model.get_initializer("none") is None
    assert list(values_of(network)) == ["weights", "bias"], "the message that was given is left as it was"


def test_a_small_network_is_taken_as_it_is() -> None:
    network = product(WEIGHTS[:8, :8])
    assert LeanModel(network).model is network
    assert LeanModel.of(network).model is not network


@pytest.mark.parametrize("transform", [cleanup_model, lambda m: m.transform(InferShapes())])
def test_transformations_give_what_they_give_on_whole_models(transform) -> None:
    wanted, model = transform(ModelWrapper(product())), transform(LeanModel(product()))
    assert isinstance(model, LeanModel)
    assert list(model.graph.node) == list(wanted.graph.node)
    assert list(model.graph.value_info) == list(wanted.graph.value_info)
    assert list(model.whole().graph.initializer) == list(wanted.graph.initializer)


def test_a_constant_without_description_gets_one_from_its_shape() -> None:
    """QONNX would look up its values to describe it."""
    model = LeanModel(product())
    del model.graph.value_info[:]
    assert model.transform(InferShapes()).get_tensor_shape("weights") == [_SIDE, _SIDE]


def test_copies_share_constants_and_change_their_own() -> None:
    model = LeanModel(product())
    twin = copy.deepcopy(model)
    assert twin.get_initializer("weights") is model.get_initializer("weights")
    twin.set_initializer("weights", -WEIGHTS)
    assert np.array_equal(twin.get_initializer("weights"), -WEIGHTS)
    assert np.array_equal(model.get_initializer("weights"), WEIGHTS)


def test_renamed_constants_are_found_and_unread_ones_go() -> None:
    model = LeanModel(product())
    for step in (GiveUniqueNodeNames(), GiveReadableTensorNames()):
        model = model.transform(step)
    assert np.array_equal(model.get_initializer("MatMul_0_param0"), WEIGHTS)
    model.graph.node[0].input[1] = "MatMul_0_param1"
    model.set_initializer("MatMul_0_param1", WEIGHTS + 1)
    assert len(copy.deepcopy(model.transform(InferShapes()))._constants) == 1


def test_what_is_set_is_a_copy_that_nobody_can_change() -> None:
    model = LeanModel(product())
    weights = np.zeros((_SIDE, _SIDE), np.float32).T
    model.set_initializer("weights", weights)
    weights[0, 0] = 1
    assert model.get_initializer("weights")[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        model.get_initializer("weights")[0, 0] = 1
    model.set_initializer("weights", np.zeros((2, 2), np.float32))
    assert model.get_initializer("weights").shape == (2, 2)


def test_whoever_reads_the_message_past_the_model_gets_an_error_not_zeros() -> None:
    (weights,) = [t for t in LeanModel(product()).graph.initializer if t.name == "weights"]
    with pytest.raises(onnx.checker.ValidationError):
        numpy_helper.to_array(weights)


def test_a_saved_model_is_one_of_onnx_with_external_data(tmp_path: Path) -> None:
    model = LeanModel(product())
    model.save(tmp_path / "a.onnx")
    (stored,) = (tmp_path / FOLDER).iterdir()
    assert stored.stat().st_size == WEIGHTS.nbytes
    assert np.array_equal(values_of(onnx.load(str(tmp_path / "a.onnx")))["weights"], WEIGHTS)
    again = LeanModel.load(tmp_path / "a.onnx")
    assert again.model.ByteSize() < LARGE / 100
    assert np.array_equal(again.get_initializer("weights"), WEIGHTS)


def test_saved_models_share_constants_and_complete_one_that_was_cut_short(tmp_path: Path) -> None:
    model = LeanModel(product())
    model.save(tmp_path / "a.onnx")
    (stored,) = (tmp_path / FOLDER).iterdir()
    written = stored.stat().st_mtime_ns
    model.transform(GiveUniqueNodeNames()).save(tmp_path / "b.onnx")
    assert list((tmp_path / FOLDER).iterdir()) == [stored]
    assert stored.stat().st_mtime_ns == written
    stored.write_bytes(b"")
    model.save(tmp_path / "b.onnx")
    assert np.array_equal(LeanModel.load(tmp_path / "a.onnx").get_initializer("weights"), WEIGHTS)


def test_small_models_are_saved_as_one_file(tmp_path: Path) -> None:
    network = product(WEIGHTS[:8, :8])
    LeanModel(network).save(tmp_path / "a.onnx")
    assert [file.name for file in tmp_path.iterdir()] == ["a.onnx"]
    assert (tmp_path / "a.onnx").read_bytes() == network.SerializeToString()
