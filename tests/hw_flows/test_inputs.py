"""What lies in `inputs/` belongs to the inputs given, and tells nothing of where it comes from."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from hw_flows.config import BuildConfig
from hw_flows.inputs import prepare_inputs
from tests.hw_flows.foreign import ForeignNet
from tests.hw_flows.front_end import exported


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
