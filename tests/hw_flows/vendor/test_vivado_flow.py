"""`--flow vivado` from a stitched accelerator to the files that are loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hw_flows.accelerator import Accelerator, Element, Endpoint, Instance, Stream
from hw_flows.boards import Board, load_board
from hw_flows.errors import UserError
from hw_flows.vendor.flow import Shell
from hw_flows.vendor.vivado.script import zynq7_constraints
from hw_flows.vendor.vivado_flow import make_bitstream, needs


@dataclass
class Job:
    accelerator: Accelerator
    output: Path
    board: Board = field(default_factory=lambda: load_board("pynq-z2"))
    clock_mhz: float = 100.0
    jobs: int = 2
    told: list[str] = field(default_factory=list)

    def say(self, fraction: float, words: str) -> None:
        self.told.append(words)


def instance(name: str, memories: tuple[str, ...] = ()) -> Instance:
    return Instance(
        name, "OpenMVAU_rtl", "matrix_vector", {}, memories, ("matrix_vector.sv",), (), (), "layer", 1, 1, 1, {}
    )


@pytest.fixture
def job(tmp_path) -> Job:
    stream = Stream("s0", "t", (1, 4, 1), Element(8, False), 1, Endpoint("", 0), Endpoint("MVAU_0", 0))
    accelerator = Accelerator(
        "quantunet_accel", (instance("MVAU_0", ("MVAU_0_weights.mem",)), instance("MVAU_1")), (stream,), ("s0",),
        ("s0",), ("matrix_vector.sv", "quantunet_accel.sv"),
    )  # fmt: skip
    rtl = tmp_path / "build" / "rtl"
    rtl.mkdir(parents=True)
    for name in (*accelerator.sources, "MVAU_0_weights.mem"):
        (rtl / name).write_text("\n")
    return Job(accelerator, tmp_path / "build")


@pytest.fixture
def shell(job) -> Shell:
    top = job.output / "shell" / "zynq7_top.sv"
    top.parent.mkdir()
    top.write_text("module zynq7_top; endmodule\n")
    sources = (*(job.output / "rtl" / name for name in job.accelerator.sources), top)
    return Shell("zynq7_top", sources, zynq7_constraints(job.clock_mhz), "1234abcd", {"kind": "mmio"})


def test_bit_and_bin_and_the_figures_of_the_routed_design(mock_vivado, monkeypatch, job, shell):
    monkeypatch.setenv("MOCK_OPERATORS", "MVAU_0")
    result, missed = make_bitstream(job, shell)
    assert missed is None
    assert [str(path.relative_to(job.output)) for path in result.files] == ["bitfile/quantunet.bit",
                                                                            "bitfile/quantunet.bin"]  # fmt: skip
    assert all(path.stat().st_size > 0 for path in result.files)
    assert result.fmax_mhz == pytest.approx(104.3, abs=0.05)
    assert result.utilization["Slice LUTs"] == (31877, 53200)
    assert result.utilization["DSPs"] == (146, 220)
    assert result.tools == {"vivado": "2022.2"}
    assert result.notes["timing"]["worst_setup_slack_ns"] == 0.412
    (row,) = result.notes["resources"]["operators"]  # MVAU_1 was dissolved into its surroundings
    assert (row["name"], row["LUT"], row["BRAM36"]) == ("MVAU_0", 100, 2)


def test_the_script_reads_every_source_and_memory_image_by_a_relative_path(mock_vivado, job, shell):
    make_bitstream(job, shell)
    script = (job.output / "vivado" / "build.tcl").read_text()
    for name in ("../rtl/matrix_vector.sv", "../rtl/quantunet_accel.sv", "../shell/zynq7_top.sv",
                 "../rtl/MVAU_0_weights.mem", "constraints.xdc"):  # fmt: skip
        assert f"  {name} \\\n" in script
    assert str(job.output) not in script
    assert (job.output / "vivado" / "constraints.xdc").read_text() == shell.constraints


def test_nothing_is_left_to_load_where_the_timing_is_missed(mock_vivado, monkeypatch, job, shell):
    monkeypatch.setenv("MOCK_VIVADO", "timing")
    result, missed = make_bitstream(job, shell)
    assert "misses its clock of 100 MHz" in str(missed)
    assert result.files == () and not (job.output / "bitfile").exists()
    assert result.fmax_mhz == pytest.approx(88.9, abs=0.05)  # the report still says what was reached


def test_the_result_says_that_no_real_vivado_was_asked_yet(mock_vivado, job, shell):
    result, _ = make_bitstream(job, shell)
    assert result.experimental is not None and "stand-in" in result.experimental


def test_without_vivado_it_says_what_is_needed(no_vivado, monkeypatch, job, shell):
    monkeypatch.setattr("hw_flows.vendor.vivado.install.ROOTS", ())
    with pytest.raises(UserError, match=r"not installed(?s:.*)2022\.2 or newer"):
        make_bitstream(job, shell)
    assert [need.name for need in needs() if not need.ok] == ["Vivado"]
