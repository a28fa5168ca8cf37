# SPDX-License-Identifier: BSD-3-Clause
"""Whole builds: a network this project did not train becomes bit-exact RTL, and RTL that is wrong is caught."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from qonnx.core.modelwrapper import ModelWrapper
from torch.nn.functional import interpolate

from hw_flows.accelerator import Accelerator, Role
from hw_flows.build import build
from hw_flows.build.state import load_state
from hw_flows.config import BuildConfig
from hw_flows.deploy.describe import check_host_side
from hw_flows.deploy.host_side import input_quantizer, output_scale_and_bias, stream_format
from hw_flows.deploy.simulated import run_deployed
from hw_flows.drivers.description import AcceleratorDescription
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.network.verification import parent_model
from hw_flows.resimulate import resimulate
from hw_flows.steps import load_step, steps_of
from tests.hw_flows.foreign import ForeignNet, export, export_module
from tests.hw_flows.foreign import build as foreign_network
from tests.hw_flows.heads import WithHead

STEPS = steps_of("none")
#: Other depth, width and bit widths than our networks; negative gammas, power-of-two scales, not square.
UPSAMPLE = ForeignNet(
    channels=(2, 4, 8),
    image=(8, 12),
    weight_bits=3,
    activation_bits=5,
    power_of_two_scales=True,
    negative_gammas=True,
    seed=11,
)
TRANSPOSE = ForeignNet(
    channels=(3, 6),
    image=(12, 8),
    in_channels=3,
    classes=2,
    decoder="transpose",
    weight_bits=5,
    activation_bits=3,
    scale_per_channel=True,
    convolution_bias=True,
    negative_gammas=True,
    seed=12,
)


def config(folder: Path, net: ForeignNet, **more) -> BuildConfig:
    network = export(net, folder / "foreign.onnx", count=4)
    np.save(folder / "x.npy", network.frames.astype(np.float32))
    np.save(folder / "y.npy", network.outputs.astype(np.float32))
    return BuildConfig(
        model=network.path,
        verify_input_npy=folder / "x.npy",
        verify_expected_output_npy=folder / "y.npy",
        output_dir=folder / "build",
        target_fps=20_000,
        jobs=1,
        flow="none",
        **more,
    )


def report(output: Path, name: str) -> dict:
    return json.loads((output / "report" / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Configuration and result of a complete build."""
    cfg = config(tmp_path_factory.mktemp("upsample"), UPSAMPLE)
    return cfg, build(cfg)


def test_a_foreign_network_is_bit_exact(built):
    cfg, result = built
    assert result.ok, result.failures
    verification = report(cfg.output_dir, "verification")
    accelerator = Accelerator.load(cfg.output_dir / "rtl" / "accelerator.json")
    assert verification["bit_exact"] is True
    assert verification["frames"] == 4
    assert verification["mismatches"] == 0
    assert verification["first_mismatch"] is None
    assert verification["tensors_compared"] == verification["streams"] == len(accelerator.streams)
    per_frame = sum(s.words * s.lanes for s in accelerator.streams)
    assert verification["values_compared"] == 2 * 4 * per_frame  # with and without stalls
    assert verification["stalls"]["bit_exact"] is True
    assert verification["masks_differing_pixels"] == 0


def test_cycles_are_those_of_the_slowest_operator(built):
    cfg, _ = built
    performance = report(cfg.output_dir, "performance")
    slowest = performance["predicted_cycles_per_frame"]
    assert slowest <= performance["cycles_per_frame"] <= 1.02 * slowest
    assert performance["latency_cycles"] > performance["cycles_per_frame"]
    assert 0 < performance["mac_utilization"] <= 1


def test_the_first_frame_is_followed_through_every_stream_of_layers_with_their_own_names(built):
    cfg, _ = built
    timeline, performance = report(cfg.output_dir, "timeline"), report(cfg.output_dir, "performance")
    accelerator = Accelerator.load(cfg.output_dir / "rtl" / "accelerator.json")
    assert set(timeline["streams"]) == {stream.name for stream in accelerator.streams}
    assert all(0 <= first <= last for first, last in timeline["streams"].values())
    assert timeline["streams"][accelerator.inputs[0]][0] == 0
    assert timeline["streams"][accelerator.outputs[0]][1] == timeline["cycles"] - 1 == performance["latency_cycles"] - 1
    assert all(i.network_layer for i in accelerator.instances if i.role is Role.MATRIX)
    page = (cfg.output_dir / "report" / "index.html").read_text()
    assert "One frame on its way" in page and performance["bottleneck_layer"] in page


def test_every_promised_file_is_there(built):
    cfg, result = built
    output = cfg.output_dir
    for name in ("build.log", "time_per_step.json", "final_hw_config.json", "rtl/filelist.f", "report/index.html"):
        assert (output / name).is_file(), name
    models = sorted(p.name for p in (output / "intermediate_models").glob("[0-9]*.onnx"))
    assert models == [f"{i + 1:02d}_{name}.onnx" for i, name in enumerate(STEPS)]
    for source in (output / "rtl" / "filelist.f").read_text().split():
        assert (output / "rtl" / source).is_file()
    assert [step["name"] for step in report(output, "build")["steps"]] == list(STEPS)
    assert report(output, "build")["status"] == "built"
    assert report(output, "resources")["fits"] is True
    fifos = report(output, "fifos")["fifos"]
    assert all(0 < fifo["peak"] <= fifo["depth"] for fifo in fifos)
    assert set(json.loads((output / "time_per_step.json").read_text())) == set(STEPS)
    assert result.output_dir == output


def test_the_hosts_part_is_plain_numbers_that_give_the_networks_own_answer(built, tmp_path):
    cfg, _ = built
    output = cfg.output_dir
    accelerator = Accelerator.load(output / "rtl" / "accelerator.json")
    parent = parent_model(output)
    scale, bias = output_scale_and_bias(parent, accelerator)
    made = AcceleratorDescription(
        name="foreign",
        board="none",
        bitstream="none",
        identity="0" * 16,
        clock_mhz=100,
        frame_ms=1,
        input=stream_format(accelerator.stream(accelerator.inputs[0])),
        output=stream_format(accelerator.stream(accelerator.outputs[0])),
        quantizer=input_quantizer(parent),
        scale=scale,
        bias=bias,
        link={},
    )
    made.save(tmp_path / "accelerator.json")
    description = AcceleratorDescription.load(tmp_path / "accelerator.json")
    assert description == made
    images, logits = (np.load(output / "inputs" / f"{name}.npy") for name in ("images", "logits"))
    captured = output / "verification" / "captured" / f"{accelerator.outputs[0]}.bin"
    check_host_side(description, parent, images, logits, captured)
    with pytest.raises(CheckFailed, match="logits of image 0"):
        check_host_side(description, parent, images, logits + 1, captured)
    shifted = dataclasses.replace(description.quantizer, offset=description.quantizer.offset + 1)
    with pytest.raises(CheckFailed, match="quantizes image 0 differently"):
        check_host_side(dataclasses.replace(description, quantizer=shifted), parent, images, logits, captured)


def test_the_same_build_again_keeps_every_step(built):
    cfg, _ = built
    again = build(cfg)
    assert {step.status for step in again.steps} == {"kept"}


def test_what_is_known_later_has_files_of_its_own(built):
    cfg, _ = built
    searched, held = report(cfg.output_dir, "fifo_sizing"), report(cfg.output_dir, "fifos")
    assert held.keys() == searched.keys() >= {"seconds", "certificate", "totals"}
    for before, after in zip(searched["fifos"], held["fifos"], strict=True):
        assert {**after, "peak": 0} == {**before, "peak": 0}
    writers = {name: file.step for name, file in load_state(cfg.output_dir).files.items()}
    assert writers["report/fifo_sizing.json"] == "step_set_fifo_depths"
    assert writers["report/fifos.json"] == "step_verify"


def test_a_kill_after_the_verification_keeps_the_fifo_search(built, tmp_path):
    """The reports of step_verify are there, but nobody has noted yet that it is done."""
    cfg, _ = built
    output = tmp_path / "build"
    shutil.copytree(cfg.output_dir, output)
    state = load_state(output)
    late = STEPS[STEPS.index("step_verify") :]
    for record in state.steps:
        record.status = "pending" if record.name in late else record.status
    state.files = {name: file for name, file in state.files.items() if file.step not in late}
    state.save(output)
    held = report(output, "fifos")
    (output / "report" / "fifos.json").write_text("{}")
    again = build(cfg.model_copy(update={"output_dir": output, "stop_step": "step_verify"}))
    assert again.ok and [s.name for s in again.steps if s.status == "done"] == ["step_verify"]
    assert report(output, "fifos") == held


def test_a_build_starts_and_stops_where_it_is_told(built):
    cfg, _ = built
    again = build(cfg.model_copy(update={"start_step": "step_stitch", "stop_step": "step_stitch"}))
    status = {step.name: step.status for step in again.steps}
    assert status["step_set_fifo_depths"] == "kept"
    assert status["step_stitch"] == "done"
    assert status["step_verify"] == "pending"
    build(cfg)  # the rest again


def test_starting_at_a_step_whose_input_is_missing_is_refused(tmp_path):
    cfg = config(tmp_path, UPSAMPLE, start_step="step_stitch")
    with pytest.raises(UserError, match="cannot be the first step"):
        build(cfg)


def test_a_wrong_expected_output_ends_the_build_before_its_first_step(tmp_path):
    cfg = config(tmp_path, UPSAMPLE)
    answers = np.load(cfg.verify_expected_output_npy)
    np.save(cfg.verify_expected_output_npy, answers + np.float32(0.01) * np.abs(answers).max())
    result = build(cfg)
    assert not result.ok
    assert "does not answer what --verify-expected says" in result.failures[0]
    assert "step_" not in result.failures[0]
    written = report(cfg.output_dir, "build")
    assert written["status"] == "failed"
    assert written["failures"] == list(result.failures)
    assert {step["status"] for step in written["steps"]} == {"skipped"}
    assert "does not answer what" in (cfg.output_dir / "report" / "index.html").read_text()


def test_what_a_conversion_cannot_do_is_a_message_and_its_traceback_is_in_the_log(tmp_path, monkeypatch):
    def refuses(model, cfg):
        raise KeyError("tensor_12")

    monkeypatch.setattr("hw_flows.build.run.load_step", lambda name: refuses)
    cfg = config(tmp_path, UPSAMPLE)
    with pytest.raises(UserError, match="cannot be converted to hardware") as caught:
        build(cfg)
    assert "tensor_12" not in str(caught.value)
    assert "step_" not in str(caught.value)
    log = (cfg.output_dir / "build.log").read_text()
    assert "Traceback" in log
    assert "tensor_12" in log


def test_qu_sim_runs_other_images_and_writes_waves(built, tmp_path):
    cfg, _ = built
    shape = np.load(cfg.verify_input_npy).shape[1:]
    images = (np.random.default_rng(3).integers(0, 256, (3, *shape)) / 255).astype(np.float32)
    np.save(tmp_path / "images.npy", images)
    outcome = resimulate(
        cfg.output_dir,
        tmp_path / "images.npy",
        None,
        0.4,
        5,
        tmp_path / "waves.fst",
        0,
        2000,
        tmp_path / "logits.npy",
        1,
    )
    assert outcome.ok, outcome.text
    assert "3 frames" in outcome.text
    assert (tmp_path / "waves.fst").stat().st_size > 1000
    assert len(np.load(tmp_path / "logits.npy")) == 3


def test_switching_activity_is_recorded_by_a_step_of_its_own_and_by_qu_sim(built, tmp_path):
    cfg, _ = built
    output = tmp_path / "build"
    shutil.copytree(cfg.output_dir, output)
    result = build(cfg.model_copy(update={"output_dir": output, "activity": True}))
    assert result.ok
    assert [(s.name, s.status) for s in result.steps if s.status != "kept"] == [("step_record_activity", "done")]
    activity, performance = report(output, "activity"), report(output, "performance")
    assert (activity["frames"], activity["instance"]) == (1, "qu_zynq7_top/shell/accelerator")
    assert activity["cycles"] == pytest.approx(performance["cycles_per_frame"], rel=0.02)
    assert activity["clock_mhz"] == performance["clock_mhz"] == 100
    assert 0.01 < activity["changes_per_net_and_cycle"] < 1
    recorded = (output / activity["file"]).read_text()
    assert "\\g_" not in recorded and "(INSTANCE g_" in recorded  # g_block.instance, as netlists have it
    assert "(INSTANCE qu_zynq7_top\n(INSTANCE shell\n(INSTANCE accelerator\n(NET\n(clk_i " in recorded
    outcome = resimulate(output, None, None, 0.3, 1, None, 0, None, None, 1, saif=tmp_path / "a.saif")
    assert outcome.ok, outcome.text
    assert f"{activity['nets']:,} nets, {activity['changes']:,} changes" in outcome.text
    assert (tmp_path / "a.saif").read_text() == recorded


def test_qu_sim_refuses_activity_of_no_frames(built, tmp_path):
    with pytest.raises(UserError, match="--saif-frames"):
        resimulate(built[0].output_dir, None, None, 0, 1, None, 0, None, None, 1, saif=tmp_path / "a", saif_frames=0)


# --- deliberately broken RTL --------------------------------------------------------------------------------------


def test_qu_sim_runs_a_build_without_a_bitstream_on_the_simulated_board(built, capfd):
    cfg, _ = built
    assert not (cfg.output_dir / "deploy").exists()
    assert run_deployed(cfg.output_dir) == 0
    assert capfd.readouterr().out.count("as expected") == len(np.load(cfg.output_dir / "inputs" / "images.npy"))


@pytest.fixture
def broken(built, tmp_path):
    """A copy of the finished build to break, its configuration and stitched model."""
    cfg, _ = built
    shutil.copytree(cfg.output_dir, tmp_path / "build")
    copy = cfg.model_copy(
        update={
            "output_dir": tmp_path / "build",
            "verify_input_npy": cfg.output_dir / "inputs" / "images.npy",
            "verify_expected_output_npy": cfg.output_dir / "inputs" / "logits.npy",
        }
    )
    model = next((tmp_path / "build" / "intermediate_models").glob("*_step_stitch.onnx"))
    return copy, ModelWrapper(str(model))


def matrices(cfg: BuildConfig) -> list[str]:
    accelerator = Accelerator.load(cfg.output_dir / "rtl" / "accelerator.json")
    return [i.name for i in accelerator.instances if i.op_type == "OpenMVAU_rtl"]


def test_one_wrong_weight_is_caught_at_its_operator(broken):
    cfg, model = broken
    name = matrices(cfg)[2]
    (memory,) = (cfg.output_dir / "rtl").glob(f"{name}_weights*.mem")
    words = memory.read_text().split()
    words[0] = f"{int(words[0], 16) ^ 1:0{len(words[0])}x}"
    memory.write_text("\n".join(words) + "\n")
    with pytest.raises(CheckFailed, match=f"{name}_out0"):
        load_step("step_verify")(model, cfg)
    verification = report(cfg.output_dir, "verification")
    assert verification["bit_exact"] is False
    assert verification["first_mismatch"]["stream"] == f"{name}_out0"


def test_swapped_channels_are_caught_where_they_were_swapped(broken):
    cfg, model = broken
    accelerator = Accelerator.load(cfg.output_dir / "rtl" / "accelerator.json")
    stream = next(
        s
        for s in accelerator.streams
        if s.lanes >= 2 and s.source.instance and "StreamingFIFO" in accelerator.instance(s.source.instance).op_type
    )
    bits = stream.element.bits
    top = cfg.output_dir / "rtl" / "quantunet_accel.sv"
    text = top.read_text()
    source = accelerator.instance(stream.source.instance).inputs[0].streams[0]
    parts = [f"{source}_tdata[{bits * (i + 1) - 1}:{bits * i}]" for i in range(stream.lanes)]
    swapped = "{" + ", ".join([*reversed(parts[2:]), parts[0], parts[1]]) + "}"
    connection = f".s_axis_tdata({source}_tdata)"
    assert text.count(connection) == 1
    top.write_text(text.replace(connection, f".s_axis_tdata({swapped})"))
    with pytest.raises(CheckFailed, match=stream.name):
        load_step("step_verify")(model, cfg)
    assert report(cfg.output_dir, "verification")["first_mismatch"]["stream"] == stream.name


def test_a_shallow_skip_fifo_is_caught(broken):
    cfg, model = broken
    fifos = report(cfg.output_dir, "fifos")["fifos"]
    skip = max((f for f in fifos if "DuplicateStreams" in f["between"][0]), key=lambda fifo: fifo["depth"])
    top = cfg.output_dir / "rtl" / "quantunet_accel.sv"
    text = top.read_text()
    end = text.index(f"  {skip['name']} (\n")
    start = text.rindex("fifo #(", 0, end)
    parameters = text[start:end]
    assert f".DEPTH({skip['depth']})" in parameters
    top.write_text(text[:start] + parameters.replace(f".DEPTH({skip['depth']})", ".DEPTH(3)") + text[end:])
    with pytest.raises(CheckFailed, match=f"deadlock.*{skip['name']}"):
        load_step("step_verify")(model, cfg)
    assert skip["name"] in report(cfg.output_dir, "verification")["deadlock"]


def test_a_network_with_transposed_convolutions_that_ends_with_a_mask_is_bit_exact(tmp_path):
    """A mask of twice the size; the hardware computes the logits."""
    cfg = config(tmp_path, TRANSPOSE, stop_step="step_verify")
    larger = WithHead(foreign_network(TRANSPOSE), lambda y: interpolate(y, scale_factor=2, mode="bilinear").argmax(1))
    images = torch.from_numpy(np.load(cfg.verify_input_npy))
    np.save(cfg.verify_expected_output_npy, export_module(larger, images, cfg.model, dynamo=False).astype(np.float32))
    result = build(cfg)
    assert result.ok, result.failures
    assert report(cfg.output_dir, "build")["host_operators"] == ["Resize", "ArgMax"]
    assert np.load(cfg.output_dir / "inputs" / "logits.npy").shape == (4, 2, 12, 8)
    assert np.load(cfg.output_dir / "inputs" / "outputs.npy").shape == (4, 24, 16)
    assert (cfg.output_dir / "inputs" / "head.onnx").is_file()
    verification = report(cfg.output_dir, "verification")
    assert verification["bit_exact"] is True
    accelerator = Accelerator.load(cfg.output_dir / "rtl" / "accelerator.json")
    assert any("PixelShuffle" in i.op_type for i in accelerator.instances)
