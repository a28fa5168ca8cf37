# SPDX-License-Identifier: BSD-3-Clause
"""What lies in `inputs/` belongs to the inputs given, and tells nothing of where it comes from."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from hw_flows.config import BuildConfig
from hw_flows.inputs import NetworkInputs, prepare_inputs
from hw_flows.machine.errors import UserError
from quantunet.checkpoints import FETAL_HEADS
from tests.hw_flows.foreign import ForeignNet, export
from tests.hw_flows.front_end import exported
from tests.hw_flows.heads import export_with_head


@pytest.fixture
def config(tmp_path):
    return BuildConfig(model=exported(ForeignNet()).path, output_dir=tmp_path / "build", frames=1)


def test_masks_of_other_images_do_not_stay(config):
    """The report would compare the hardware's masks with them."""
    inputs = config.output_dir / "inputs"
    inputs.mkdir(parents=True)
    np.save(inputs / "masks.npy", np.ones((1, 1, 16, 16), np.float32))
    prepare_inputs(config)
    assert sorted(path.name for path in inputs.iterdir()) == ["images.npy", "inputs.json", "logits.npy", "network.onnx"]


def test_the_copy_of_a_network_has_nothing_of_the_machine_that_exported_it(config, tmp_path):
    network = onnx.load(str(config.model))
    network.doc_string = network.graph.node[0].doc_string = 'File "/home/somebody/net.py", line 3'
    network.graph.node[1].metadata_props.add(key="stack", value="/home/somebody/net.py")
    onnx.save(network, str(tmp_path / "network.onnx"))
    found = prepare_inputs(config.model_copy(update={"model": tmp_path / "network.onnx"}))
    copy = found.network.read_bytes()
    assert b"somebody" not in copy
    assert b".py" not in copy


def test_the_head_and_the_network_s_output_lie_beside_the_logits_and_go_with_the_network(config, tmp_path):
    network = export_with_head("argmax", tmp_path / "head.onnx")
    found = prepare_inputs(config.model_copy(update={"model": network.path}))
    folder = config.output_dir / "inputs"
    assert NetworkInputs.load(folder / "inputs.json") == found
    assert found.host_operators == ("ArgMax",)
    assert np.load(folder / "logits.npy").shape == (1, 3, 8, 12)
    assert np.load(folder / "outputs.npy").shape == (1, 8, 12)
    assert [node.op_type for node in onnx.load(str(folder / "head.onnx")).graph.node] == ["ArgMax"]
    prepare_inputs(config)
    assert not (folder / "head.onnx").exists()
    assert not (folder / "outputs.npy").exists()


def test_a_network_without_hardware_is_refused_before_any_step(config, tmp_path):
    network = export(ForeignNet(unsupported="sigmoid"), tmp_path / "network.onnx")
    with pytest.raises(UserError, match="Sigmoid.*no quantizer follows it"):
        prepare_inputs(config.model_copy(update={"model": network.path}))


def test_images_repeat_where_there_are_fewer_than_frames(config, tmp_path):
    np.save(tmp_path / "x.npy", exported(ForeignNet()).frames)
    np.save(tmp_path / "y.npy", exported(ForeignNet()).outputs)
    given = {"verify_input_npy": tmp_path / "x.npy", "verify_expected_output_npy": tmp_path / "y.npy", "frames": 5}
    found = prepare_inputs(config.model_copy(update=given))
    assert found.disagreement is None
    logits = np.load(found.expected)
    assert len(logits) == 5
    np.testing.assert_array_equal(logits[0], logits[4])


def test_a_checkpoint_whose_data_are_elsewhere_is_verified_on_noise_and_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the packaged network's data are below the working folder
    config = BuildConfig(model=FETAL_HEADS, output_dir=tmp_path / "build", frames=1)
    found = prepare_inputs(config)
    assert "the network's data are not at hc18" in found.images_from
    assert np.load(found.images).shape == (1, 1, 128, 128)
    assert not (config.output_dir / "inputs" / "masks.npy").exists()


def test_what_qonnx_cannot_read_is_a_message_without_its_error(config, monkeypatch):
    def fails(model):
        raise KeyError("tensor_12")

    monkeypatch.setattr("hw_flows.network.clean.cleanup_model", fails)
    with pytest.raises(UserError, match="QONNX cannot read it") as caught:
        prepare_inputs(config)
    assert "tensor_12" not in str(caught.value)
