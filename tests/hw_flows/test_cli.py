# SPDX-License-Identifier: BSD-3-Clause
"""What bad input gets: exit status 2, one message that says what, where and what to do, and no traceback."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from hw_flows.build import BuildResult
from hw_flows.build.state import StepRecord
from hw_flows.cli import _how_far
from hw_flows.flows import FlowChoice
from hw_flows.steps import steps_of
from quantunet.checkpoint import save_checkpoint
from quantunet.checkpoints import DEMO
from quantunet.config import ModelConfig
from quantunet.model import QuantUNet
from tests.hw_flows.foreign import ForeignNet, export


def qu_build(*arguments: str | Path, **kwargs) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, in a process of its own."""
    code = "import sys; sys.argv[0] = 'qu-build'; from hw_flows.cli import build_main; build_main()"
    command = [sys.executable, "-c", code, *map(str, arguments), "--batch"]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, **kwargs)


def assert_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 2, result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    assert result.stderr.count("error:") == 1
    for word in words:
        assert word in result.stderr


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small one that builds."""
    net = ForeignNet(channels=(2, 4), image=(16, 16))
    return export(net, tmp_path_factory.mktemp("network") / "net.onnx").path


def save_onnx(path: Path, op_type: str, shape=(1, 1, 16, 16)) -> Path:
    """A network of one node."""
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)
    mask = helper.make_tensor_value_info("mask", TensorProto.FLOAT, shape)
    node = helper.make_node(op_type, ["image"], ["mask"], name="odd_one")
    onnx.save(helper.make_model(helper.make_graph([node], "net", [image], [mask])), str(path))
    return path


def test_unknown_board_lists_all():
    assert_refused(qu_build("--board", "unknown"), "unknown", "pynq-z1, pynq-z2, ultra96-v2")


def test_unknown_step_lists_all(tmp_path):
    result = qu_build("--output", tmp_path / "o", "--stop-step", "step_nonsense")
    assert_refused(result, "step_nonsense", "step_qonnx_cleanup", "step_simulate_synthesized")


def test_missing_model(tmp_path):
    assert_refused(qu_build("--model", tmp_path / "none.onnx", "--output", tmp_path / "o"), "none.onnx", "qu-train")


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x08\x0a\x12\x00"], ids=["empty", "text", "stub"])
def test_a_file_that_is_no_onnx(tmp_path, content):
    model = tmp_path / "network.onnx"
    model.write_bytes(content)
    assert_refused(qu_build("--model", model, "--output", tmp_path / "o"), "network.onnx")


def test_a_truncated_onnx(tmp_path):
    whole = save_onnx(tmp_path / "whole.onnx", "Relu").read_bytes()
    model = tmp_path / "half.onnx"
    model.write_bytes(whole[: len(whole) // 2])
    assert_refused(qu_build("--model", model, "--output", tmp_path / "o"), "half.onnx")


def test_a_wrong_kind_of_file(tmp_path):
    model = tmp_path / "picture.png"
    model.write_bytes(b"\x89PNG\r\n")
    assert_refused(qu_build("--model", model, "--output", tmp_path / "o"), "picture.png")


def test_a_truncated_checkpoint(tmp_path):
    shutil.copytree(DEMO, tmp_path / "checkpoint")
    weights = tmp_path / "checkpoint" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert_refused(qu_build("--model", tmp_path / "checkpoint", "--output", tmp_path / "o"), "weights.safetensors")


def test_an_operator_without_hardware_is_named(tmp_path):
    model = export(ForeignNet(unsupported="sigmoid"), tmp_path / "net.onnx").path
    assert_refused(qu_build("--model", model, "--output", tmp_path / "o"), "Sigmoid", "node ")


def test_a_network_without_quantizers_is_refused(tmp_path):
    model = save_onnx(tmp_path / "net.onnx", "Sigmoid")
    assert_refused(qu_build("--model", model, "--output", tmp_path / "o"), "floating-point")


def test_an_image_size_that_does_not_divide_is_refused(tmp_path):
    shutil.copytree(DEMO, tmp_path / "checkpoint")
    description = tmp_path / "checkpoint" / "model.json"
    text = description.read_text()
    settings = json.loads(text)
    settings["model"]["image_size"] = [60, 64]
    description.write_text(json.dumps(settings))
    assert_refused(qu_build("--model", tmp_path / "checkpoint", "--output", tmp_path / "o"), "60", "16")


def test_a_float_network_is_refused(tmp_path):
    torch.manual_seed(0)
    network = QuantUNet(ModelConfig(depth=1, base_width=2, image_size=(8, 8), precision="float"))
    save_checkpoint(tmp_path / "float", network)
    result = qu_build("--model", tmp_path / "float", "--output", tmp_path / "o")
    assert_refused(result, "float network", "precision learned or fixed")


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    shutil.copytree(DEMO, tmp_path / "checkpoint")
    description = tmp_path / "checkpoint" / "model.json"
    settings = json.loads(description.read_text())
    settings["model"]["base_width"] = 2 * settings["model"]["base_width"]
    description.write_text(json.dumps(settings))
    assert_refused(qu_build("--model", tmp_path / "checkpoint", "--output", tmp_path / "o"), "checkpoint")


@pytest.mark.parametrize(
    ("array", "word"),
    [
        (np.zeros((2, 1, 8, 8), np.float32), "(2, 1, 8, 8)"),
        (np.zeros((1, 16, 16), np.float32), "(1, 16, 16)"),
        (np.zeros((1, 1, 16, 16), np.float64), "float32"),
        (np.full((1, 1, 16, 16), np.nan, np.float32), "finite"),
    ],
    ids=["size", "rank", "type", "nan"],
)
def test_images_that_do_not_fit(tmp_path, array, word):
    model = save_onnx(tmp_path / "net.onnx", "Relu")
    np.save(tmp_path / "x.npy", array)
    result = qu_build("--model", model, "--output", tmp_path / "o", "--verify-input", tmp_path / "x.npy")
    assert_refused(result, word, "x.npy")


def test_expected_output_for_another_number_of_images(tmp_path):
    model = save_onnx(tmp_path / "net.onnx", "Relu")
    np.save(tmp_path / "x.npy", np.zeros((3, 1, 16, 16), np.float32))
    np.save(tmp_path / "y.npy", np.zeros((2, 1, 16, 16), np.float32))
    result = qu_build(
        "--model",
        model,
        "--output",
        tmp_path / "o",
        "--verify-input",
        tmp_path / "x.npy",
        "--verify-expected",
        tmp_path / "y.npy",
    )
    assert_refused(result, "2 frames", "3 images")


def test_a_pickled_array_is_not_loaded(tmp_path):
    model = save_onnx(tmp_path / "net.onnx", "Relu")
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    result = qu_build("--model", model, "--output", tmp_path / "o", "--verify-input", tmp_path / "x.npy")
    assert_refused(result, "x.npy")


def test_an_output_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    assert_refused(qu_build("--output", tmp_path), "already holds other files")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_output_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    assert_refused(qu_build("--output", tmp_path / "file" / "o"), "file")


@pytest.mark.parametrize(
    ("text", "word"),
    [("bord: pynq-z2", "bord"), ("frames: many", "frames"), ("[1, 2", "YAML"), ("- 1", "mapping"), ("!!python/a", "")],
)
def test_a_configuration_with_mistakes(tmp_path, text, word):
    config = tmp_path / "c.yaml"
    config.write_text(text)
    assert_refused(qu_build("--config", config), word, "c.yaml")


def test_a_flow_that_this_version_lacks(tmp_path):
    assert_refused(qu_build("--flow", "vivado", "--output", tmp_path / "o"), "vivado")


def test_a_missing_compiler_is_named(tmp_path, network):
    shelf = tmp_path / "bin"
    shelf.mkdir()
    for tool in ("make", "perl"):
        (shelf / tool).symlink_to(shutil.which(tool))
    environment = {**os.environ, "PATH": str(shelf), "QU_CACHE": str(tmp_path / "cache")}
    result = qu_build("--model", network, "--output", tmp_path / "o", "--frames", "1", env=environment)
    assert_refused(result, "g++", "apt install g++")


def test_a_full_disk_leaves_nothing_half_written(tmp_path, network):
    """A limit on file size stands for the full disk: the system refuses the write in the same way."""
    output = tmp_path / "o"
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))  # noqa: E731
    result = qu_build("--model", network, "--output", output, "--frames", "1", preexec_fn=limit)
    assert_refused(result, "to do:")
    assert not list(output.rglob("*.onnx"))
    again = qu_build("--model", network, "--output", output, "--frames", "1", "--stop-step", "step_qonnx_cleanup")
    assert again.returncode == 0, again.stderr


def test_a_build_that_stops_early_does_not_claim_a_verified_rtl(tmp_path, network):
    result = qu_build(
        "--model",
        network,
        "--flow",
        "none",
        "--output",
        tmp_path / "o",
        "--frames",
        "1",
        "--stop-step",
        "step_qonnx_cleanup",
    )
    assert result.returncode == 0, result.stderr
    assert "verified" not in result.stdout
    assert "stopped after step_qonnx_cleanup as asked" in result.stdout and "step_verify" in result.stdout


NONE = steps_of("none")


@pytest.mark.parametrize(
    "statuses, stop_step, failures, claimed, words",
    [
        ({}, None, (), True, "the RTL is verified"),
        ({"step_qonnx_cleanup": "kept"}, None, (), True, "the RTL is verified"),
        (
            {"step_verify": "pending", "step_synthesize": "pending"},
            "step_stitch",
            (),
            False,
            "step_verify, step_synthesize did not run",
        ),
        ({"step_verify": "failed", "step_synthesize": "skipped"}, None, ("differs",), False, "a check that failed"),
        ({"step_simulate_synthesized": "failed"}, None, ("differs",), False, "not every check holds"),
        ({"step_verify": None}, None, (), False, "`steps` leave them out"),
        ({"step_simulate_synthesized": "pending"}, "step_synthesize", (), False, "stopped after step_synthesize"),
    ],
)
def test_only_a_build_that_is_whole_and_holds_is_said_to_reach_what_its_flow_promises(
    tmp_path, statuses, stop_step, failures, claimed, words
):
    records = tuple(StepRecord(n, status) for n in NONE if (status := statuses.get(n, "done")) is not None)
    said = _how_far(FlowChoice("none", "the RTL is verified"), BuildResult(tmp_path, records, failures), stop_step)
    assert words in said and ("verified" in said.replace("step_verify", "")) == claimed
