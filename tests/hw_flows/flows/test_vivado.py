# SPDX-License-Identifier: BSD-3-Clause
"""`--flow vivado` from a stitched accelerator to the files that are loaded, against a stand-in for Vivado."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hw_flows.accelerator import Accelerator, Element, Endpoint, Instance, Stream
from hw_flows.boards import load_board
from hw_flows.config import BuildConfig
from hw_flows.flows import find_flow
from hw_flows.flows.bitstream import BitstreamJob, RecordedActivity
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.shells import place_of_accelerator
from hw_flows.steps.make_bitstream import step_make_bitstream
from tests.hw_flows.amd.conftest import mock_vivado, no_vivado  # noqa: F401

FLOW = find_flow("vivado", load_board("pynq-z2"))
SOURCES = ("qu_matrix_vector.sv", "quantunet_accel.sv")


def instance(name: str, memories: tuple[str, ...] = ()) -> Instance:
    return Instance(
        name, "OpenMVAU_rtl", "qu_matrix_vector", {}, memories, ("qu_matrix_vector.sv",), (), (), "layer", 1, 1, 1, {}
    )


@pytest.fixture
def job(tmp_path) -> BitstreamJob:
    def stream(name: str, source: str, sink: str) -> Stream:
        return Stream(name, "t", (1, 4, 1), Element(8, False), 1, Endpoint(source, 0), Endpoint(sink, 0))

    accelerator = Accelerator(
        "quantunet_accel",
        (instance("MVAU_0", ("MVAU_0_weights.mem",)), instance("MVAU_1")),
        (stream("a", "", "MVAU_0"), stream("b", "MVAU_1", "")),
        ("a",),
        ("b",),
        SOURCES,
    )
    rtl = tmp_path / "build" / "rtl"
    rtl.mkdir(parents=True)
    for name in (*SOURCES, "MVAU_0_weights.mem"):
        (rtl / name).write_text("\n")
    return BitstreamJob(accelerator, load_board("pynq-z2"), tmp_path / "build", 100.0, 2, lambda share, words: None)


def script(job: BitstreamJob) -> str:
    return (job.output / "vivado" / "build.tcl").read_text()


@pytest.mark.usefixtures("mock_vivado")
def test_bit_and_bin_and_the_figures_of_the_routed_design(monkeypatch, job):
    monkeypatch.setenv("MOCK_OPERATORS", "MVAU_0")
    made = FLOW.make_bitstream(job)
    assert [path.relative_to(job.output) for path in made.files] == [
        Path("bitfile/pynq-z2.bit"),
        Path("bitfile/pynq-z2.bin"),
    ]
    assert bytes.fromhex("aa995566") in made.files[0].read_bytes()
    assert bytes.fromhex("665599aa") in made.files[1].read_bytes()  # as the processing system takes it
    assert made.timing_met and made.fmax_mhz == pytest.approx(104.3, abs=0.05)
    report = json.loads(json.dumps(made.report(job.output)))
    assert {"name": "Slice LUTs", "used": 31877, "available": 53200} in report["utilization"]
    assert {"name": "Block RAM Tile", "used": 89, "available": 140} in report["utilization"]  # 88.5
    assert report["timing"]["worst_hold_slack"] == 0.031
    (row,) = report["resources"]["operators"]  # MVAU_1 was dissolved into its surroundings
    assert (row["name"], row["LUT"], row["BRAM36"]) == ("MVAU_0", 100, 2)
    assert report["tools"] == {"vivado": "2022.2"}


@pytest.mark.usefixtures("mock_vivado")
def test_the_script_reads_accelerator_shell_and_memory_images_by_relative_paths(job):
    FLOW.make_bitstream(job)
    listed = [line.strip(" \\") for line in script(job).splitlines() if line.startswith("  .")]
    assert listed[:2] == [f"../rtl/{name}" for name in SOURCES]
    assert listed[2] == "../shell/qu_zynq7_map.sv" and "../shell/qu_zynq7_top.sv" in listed
    assert listed[-1] == "../rtl/MVAU_0_weights.mem"
    assert str(job.output) not in script(job)
    assert "synth_design -top qu_zynq7_top -part xc7z020clg400-1" in script(job)


@pytest.mark.usefixtures("mock_vivado")
def test_the_constraints_name_the_clock_of_the_shell_that_is_there(job):
    FLOW.make_bitstream(job)
    constraints = (job.output / "vivado" / "constraints.xdc").read_text()
    assert "-period 10.000 [get_pins {ps7/FCLKCLK[0]}]" in constraints
    assert "PS7 ps7 (" in (job.output / "shell" / "qu_zynq7_top.sv").read_text()


def with_activity(job: BitstreamJob, instance: str | None = None) -> BitstreamJob:
    """The job with a file of two nets of its accelerator."""
    path = instance or place_of_accelerator(job.board, 100.0)[0]
    file = job.output / "verification" / "activity.saif"
    file.parent.mkdir()
    levels = path.split("/")
    opened = "".join(f"(INSTANCE {name}\n" for name in levels)
    nets = "".join(f"(net\\[{i}\\] (T0 1) (T1 2) (TX 0) (TC {i}))\n" for i in range(2))
    file.write_text(f"(SAIFILE\n{opened}(NET\n{nets})\n{')' * len(levels)}\n)\n")
    return replace(job, activity=RecordedActivity(file, 3))


@pytest.mark.usefixtures("mock_vivado")
def test_power_is_told_from_the_activity_of_the_accelerator_in_its_shell(job):
    report = FLOW.make_bitstream(with_activity(job)).report(job.output)
    assert report["power"] == {
        "total_w": 1.683,
        "dynamic_w": 1.541,
        "static_w": 0.142,
        "confidence": "Medium",
        "from": "Vivado report_power, switching activity of 3 frames, nets matched: 52% (2/4)",
    }
    assert report["power_unknown"] is None
    assert "read_saif -strip_path qu_zynq7_top -out_file power_unmatched.rpt ../verification/activity.saif" in script(
        job
    )


@pytest.mark.usefixtures("mock_vivado")
def test_power_without_activity_is_told_as_such(job):
    report = FLOW.make_bitstream(job).report(job.output)
    assert report["power"]["from"] == "Vivado report_power, Vivado's default switching activity"
    assert "read_saif" not in script(job)
    elsewhere = FLOW.make_bitstream(with_activity(job, "qu_zynq7_top/shell/elsewhere")).report(job.output)
    assert "did not read that of the simulation" in elsewhere["power"]["from"]


@pytest.mark.usefixtures("mock_vivado")
def test_a_power_report_that_cannot_be_read_leaves_a_good_bitstream(monkeypatch, job):
    monkeypatch.setenv("MOCK_VIVADO", "no_power")
    made = FLOW.make_bitstream(job)
    assert made.files and made.report(job.output)["power"] is None
    assert "lacks the row Total On-Chip Power" in made.report(job.output)["power_unknown"]


@pytest.mark.usefixtures("mock_vivado")
def test_the_step_hands_over_the_activity_where_it_is_wanted(job):
    job.accelerator.save(job.output / "rtl" / "accelerator.json")
    with_activity(job)
    (job.output / "report").mkdir()
    told = {"file": "verification/activity.saif", "frames": 1}
    (job.output / "report" / "activity.json").write_text(json.dumps(told))
    cfg = BuildConfig(board=job.board.name, flow="vivado", output_dir=job.output)
    for wanted, words in ((None, "of 1 frame"), (False, "default")):
        step_make_bitstream(None, cfg.model_copy(update={"activity": wanted}))
        report = json.loads((job.output / "report" / "bitstream.json").read_text())
        assert words in report["power"]["from"]


@pytest.mark.usefixtures("mock_vivado")
def test_nothing_is_left_to_load_where_the_clock_is_missed(monkeypatch, job):
    FLOW.make_bitstream(job)
    monkeypatch.setenv("MOCK_VIVADO", "timing")
    made = FLOW.make_bitstream(job)
    assert not made.timing_met and made.fmax_mhz == pytest.approx(88.9, abs=0.05)
    assert made.files == () and list(job.bitfile.iterdir()) == []


@pytest.mark.usefixtures("mock_vivado")
def test_hold_violations_fail_the_check_with_the_report_written(monkeypatch, job):
    monkeypatch.setenv("MOCK_VIVADO", "hold")
    job.accelerator.save(job.output / "rtl" / "accelerator.json")
    cfg = BuildConfig(board=job.board.name, flow="vivado", output_dir=job.output)
    with pytest.raises(CheckFailed, match="hold or pulse width violations"):
        step_make_bitstream(None, cfg)
    report = json.loads((job.output / "report" / "bitstream.json").read_text())
    assert report["files"] == [] and report["timing"]["worst_hold_slack"] < 0


@pytest.mark.usefixtures("mock_vivado")
def test_the_report_says_that_no_real_vivado_was_asked_yet(job):
    assert "stand-in" in str(FLOW.make_bitstream(job).experimental)


def test_without_vivado_it_says_what_is_needed(no_vivado, monkeypatch, job):  # noqa: F811
    monkeypatch.setattr("hw_flows.amd.vivado.install.ROOTS", ())
    assert [finding.name for finding in FLOW.needs() if not finding.ok] == ["Vivado"]
    with pytest.raises(UserError, match=r"not installed(?s:.*)2022\.2 or newer"):
        FLOW.make_bitstream(job)
