# SPDX-License-Identifier: BSD-3-Clause
"""`qu-build --check`: every layer in the author's names, all that is refused, and the folding that a build would choose."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
from onnx import helper

from hw_flows.build import build
from hw_flows.check import check
from hw_flows.config import BuildConfig
from hw_flows.machine.errors import CheckFailed, UserError
from tests.hw_flows import gated
from tests.hw_flows.foreign import ForeignNet, export
from tests.hw_flows.test_cli import assert_refused, qu_build, save_onnx
from tests.hw_flows.written_differently import export as export_net


def _said(model: Path, **options: object) -> list[str]:
    lines: list[str] = []
    check(BuildConfig.model_validate({"model": model, "flow": "none", **options}), lines.append)
    return lines


def _row(lines: list[str], layer: str, op_type: str) -> str:
    (row,) = [line for line in lines if line.startswith(layer) and line.split()[1] == op_type]
    return row


def test_each_layer_is_told_by_its_module(tmp_path: Path) -> None:
    model = export(ForeignNet(sigmoid_output=True), tmp_path / "net.onnx").path
    lines = _said(model)
    row = _row(lines, "enter.0.0/", "Conv")
    assert row.endswith("matrix-vector unit 3x3, 1 -> 4 channels, 16x16, 4-bit weights, 8-bit activations")
    assert "max pool, 2x2, 4 channels, 16x16 -> 8x8" in _row(lines, "down.0/", "MaxPool")
    assert "concat, 4 + 4 channels, 16x16" in "".join(lines)
    assert "on the host: makes integers of the image, 8 bits" in _row(lines, "quantize.", "Quant")
    assert "thresholds, with enter.0.2." in _row(lines, "enter.0.1/", "BatchNormalization")
    assert _row(lines, "node_sigmoid", "Sigmoid").endswith("on the host, in float")
    assert not any("MVAU" in line or "MultiThreshold" in line for line in lines)


def test_products_and_sums_of_branches_are_told(tmp_path: Path) -> None:
    name = "the gate is added to one path"
    lines = _said(export_net(name, gated.NETWORKS[name], tmp_path / "net.onnx").path)
    assert _row(lines, "node_mul", "Mul").endswith("product of two branches, 4 channels, 16x16")
    assert _row(lines, "node_add", "Add").endswith("addition of two branches, 4 channels, 16x16")


def test_the_prediction_is_that_of_the_build(tmp_path: Path) -> None:
    model = export(ForeignNet(), tmp_path / "net.onnx").path
    lines = _said(model, target_fps=2000)
    cfg = BuildConfig(
        model=model,
        output_dir=tmp_path / "build",
        flow="none",
        target_fps=2000,
        frames=1,
        stop_step="step_apply_folding",
    )
    assert build(cfg).ok
    folding = json.loads((cfg.output_dir / "report" / "folding.json").read_text())
    (resources, rate) = [line for line in lines if line.startswith("predicted: ")]
    assert f"{folding['cycles_per_frame']:,} cycles a frame, {folding['fps']:g} frames/s" in rate
    assert f"{folding['predicted']['LUT']:,.0f} LUT of 53,200" in resources


def test_all_that_is_refused_is_listed_and_the_rest_still_explained(tmp_path: Path) -> None:
    path = export(ForeignNet(channels=(4, 4, 8)), tmp_path / "net.onnx").path
    model = onnx.load(path)
    for node in model.graph.node:
        if node.op_type == "MaxPool":
            node.op_type = "LpPool"
            kept = [a for a in node.attribute if a.name in ("kernel_shape", "strides")]
            del node.attribute[:]
            node.attribute.extend(kept)
    _widen_last_quantizer(model)
    onnx.save(model, str(path))
    lines: list[str] = []
    with pytest.raises(UserError, match="3 parts of the network have no hardware"):
        check(BuildConfig(model=path, flow="none"), lines.append)
    refused = [line for line in lines if "REFUSED" in line]
    assert [line.split()[0].partition("/")[0] for line in refused] == [
        "down.0",
        "down.1",
        "leave.0.2.act_quant.export_handler",
    ]
    assert sum("to do: use nn.MaxPool2d" in line for line in lines) == 2
    assert sum("matrix-vector unit" in line for line in lines) > 4


def _widen_last_quantizer(model: onnx.ModelProto) -> None:
    """The last quantizer of activations gets more bits than thresholds can have."""
    constants = {tensor.name for tensor in model.graph.initializer}
    quantizer = [n for n in model.graph.node if n.op_type == "Quant" and n.input[0] not in constants][-1]
    model.graph.initializer.append(helper.make_tensor("ten", onnx.TensorProto.FLOAT, [], [10.0]))
    quantizer.input[3] = "ten"


def test_quantizers_that_say_nothing_do_not_end_the_listing(tmp_path: Path) -> None:
    path = export(ForeignNet(unsupported="group_norm"), tmp_path / "net.onnx").path
    model = onnx.load(path)
    model.graph.initializer.append(helper.make_tensor("odd", onnx.TensorProto.FLOAT, [], [3.4]))
    constants = {tensor.name for tensor in model.graph.initializer}
    quantizers = [node for node in model.graph.node if node.op_type == "Quant"]
    activations = [node for node in quantizers if node.input[0] not in constants]
    weights = [node for node in quantizers if node.input[0] in constants]
    activations[1].input[3] = weights[0].input[3] = activations[2].input[2] = "odd"
    onnx.save(model, str(path))
    lines: list[str] = []
    with pytest.raises(UserError, match="8 parts of the network have no hardware"):
        check(BuildConfig(model=path, flow="none"), lines.append)
    assert sum("the bit width [3.4" in line for line in lines) == 2
    assert sum("the quantizer's zero point [3.4" in line for line in lines) == 1
    assert sum("batch normalization in its place" in line for line in lines) == 5
    assert sum("matrix-vector unit" in line for line in lines) > 4


def test_a_norm_is_the_cause_and_not_the_reshape_beside_it(tmp_path: Path) -> None:
    path = export(ForeignNet(unsupported="group_norm"), tmp_path / "net.onnx").path
    lines: list[str] = []
    with pytest.raises(UserError, match="5 parts of the network have no hardware"):
        check(BuildConfig(model=path, flow="none"), lines.append)
    assert {line.split()[1] for line in lines if "REFUSED" in line} == {"InstanceNormalization"}
    assert {line.split()[1] for line in lines if "part of what is refused beside it" in line} == {"Reshape"}


def test_a_missing_quantizer_is_told_where_it_is_missing(tmp_path: Path) -> None:
    path = export(ForeignNet(unsupported="no_quantizer"), tmp_path / "net.onnx").path
    lines: list[str] = []
    with pytest.raises(UserError, match="3 parts of the network"):
        check(BuildConfig(model=path, flow="none"), lines.append)
    assert "REFUSED: its result goes into enter.0.3/" in _row(lines, "enter.0.2/", "Relu")
    assert _row(lines, "enter.0.1/", "BatchNormalization").endswith("nothing: no quantizer follows it")


def test_a_gate_without_quantizer_is_told_once_and_the_rest_explained(tmp_path: Path) -> None:
    net = lambda: gated.chained(lambda m, x: m["q"](x * m["a"](x).sigmoid()), a=gated.conv(), q=gated.identity(4))  # noqa: E731
    path = export_net("gate without quantizer", net, tmp_path / "net.onnx").path
    lines: list[str] = []
    with pytest.raises(UserError, match="Sigmoid"):
        check(BuildConfig(model=path, flow="none"), lines.append)
    assert sum("REFUSED" in line for line in lines) == 1
    assert sum("matrix-vector unit" in line for line in lines) > 2


def test_a_network_in_float_is_not_explained(tmp_path: Path) -> None:
    path = save_onnx(tmp_path / "net.onnx", "Sigmoid")
    lines: list[str] = []
    with pytest.raises(UserError, match="floating-point model"):
        check(BuildConfig(model=path, flow="none"), lines.append)
    assert not lines


def test_what_cannot_be_as_fast_is_named_as_in_the_file(tmp_path: Path) -> None:
    model = export(ForeignNet(), tmp_path / "net.onnx").path
    with pytest.raises(CheckFailed, match=r"no parallelism makes enter\.0\.0/.* The largest frame rate") as caught:
        _said(model, target_fps=1e6)
    assert "Generator" not in str(caught.value)


def test_too_large_a_network_is_a_check_that_fails(tmp_path: Path) -> None:
    model = export(ForeignNet(channels=(64, 128, 256), weight_bits=8), tmp_path / "net.onnx").path
    result = qu_build("--check", model, "--board", "colorlight-i9", "--flow", "none")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "check failed: the network does not fit" in result.stderr


def test_the_command_writes_nothing(tmp_path: Path) -> None:
    model = export(ForeignNet(), tmp_path / "net.onnx").path
    before = sorted(tmp_path.rglob("*"))
    result = qu_build("--check", model, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert "predicted: fits" in result.stdout
    assert sorted(tmp_path.rglob("*")) == before


def test_names_cannot_steer_the_terminal_or_fill_it(tmp_path: Path) -> None:
    path = export(ForeignNet(), tmp_path / "net.onnx").path
    model = onnx.load(path)
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    for number, node in enumerate(convolutions):
        del node.metadata_props[:]
        node.name = f"\x1b[2J\n{number}" + "x" * 100_000
    onnx.save(model, str(path))
    lines = _said(path)
    assert not any("\x1b" in line or "\n" in line for line in lines)
    assert max(map(len, lines)) < 1500


@pytest.mark.parametrize("other", [("--model", "x.onnx"), ("--docker",)])
def test_options_that_contradict_it_are_refused(other: tuple[str, ...], tmp_path: Path) -> None:
    assert_refused(qu_build("--check", tmp_path / "net.onnx", *other), other[0], "leave")


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    assert_refused(qu_build("--check", tmp_path / "net.onnx"), "does not exist")
