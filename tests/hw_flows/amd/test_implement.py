# SPDX-License-Identifier: BSD-3-Clause
"""One run of Vivado, against a stand-in that checks its script and answers in Vivado's words."""

from __future__ import annotations

import pytest

from hw_flows.amd.vivado import VivadoDesign, find_vivado, implement, require_timing
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.machine.tools import ToolError


@pytest.fixture
def design(tmp_path) -> VivadoDesign:
    for name in ("qu_fifo.sv", "top.sv"):
        (tmp_path / name).write_text("module m; endmodule\n")
    (tmp_path / "a_weights.mem").write_text("0\n")
    return VivadoDesign(
        name="quantunet",
        top="top",
        part="xc7z020clg400-1",
        sources=(tmp_path / "qu_fifo.sv", tmp_path / "top.sv"),
        memories=(tmp_path / "a_weights.mem",),
        constraints="create_clock -period 10 x\n",
        clock="fclk0",
    )


def run(design, tmp_path, **options):
    return implement(design, find_vivado(), tmp_path / "vivado", jobs=2, **options)


def test_a_design_that_meets_its_clock(mock_vivado, monkeypatch, design, tmp_path):
    monkeypatch.setenv("MOCK_OPERATORS", "MVAU_0")
    made = run(design, tmp_path)
    assert made.version == "2022.2"
    assert made.bitstream == tmp_path / "vivado" / "quantunet.bit" and made.bitstream.stat().st_size > 0
    assert made.utilization.resources.DSP == 146
    assert made.hierarchy["shell/accelerator/MVAU_0"].LUT == 100
    require_timing(made.timing, 100.0)
    assert (tmp_path / "vivado" / "routed.dcp").is_file()
    assert "Vivado v2022.2" in (tmp_path / "vivado" / "vivado.log").read_text()


def test_a_missed_clock_says_by_how_much_and_which_clock_to_try(mock_vivado, monkeypatch, design, tmp_path):
    monkeypatch.setenv("MOCK_VIVADO", "timing")
    made = run(design, tmp_path)
    with pytest.raises(CheckFailed, match=r"misses its clock of 100 MHz: worst slack -1\.250 ns, 88\.9 MHz(?s:.*)86"):
        require_timing(made.timing, 100.0)


def test_a_design_too_big_for_the_device_is_a_failed_check_in_vivados_words(mock_vivado, monkeypatch, design, tmp_path):
    monkeypatch.setenv("MOCK_VIVADO", "too_big")
    with pytest.raises(CheckFailed, match=r"does not fit xc7z020clg400-1(?s:.*)requires 61044"):
        run(design, tmp_path)


@pytest.mark.parametrize(
    "mode, words",
    [
        ("licence", r"found no licence(?s:.*)\[Common 17-345\](?s:.*)XILINXD_LICENSE_FILE"),
        ("part", r"does not know the part xc7z020clg400-1(?s:.*)\[Coretcl 2-106\](?s:.*)Add Design Tools"),
        ("crash", r"signal 11(?s:.*)Abnormal program termination"),
        ("memory", r"made a bitstream that cannot work(?s:.*)a_weights\.mem"),
        ("no_clock", "no clock constraint took effect"),
    ],
)
def test_failures_quote_vivado_and_say_what_to_do(mock_vivado, monkeypatch, design, tmp_path, mode, words):
    monkeypatch.setenv("MOCK_VIVADO", mode)
    with pytest.raises(UserError, match=words) as error:
        run(design, tmp_path)
    assert not isinstance(error.value, CheckFailed)


def test_a_vivado_that_hangs_is_ended(mock_vivado, monkeypatch, design, tmp_path):
    monkeypatch.setenv("MOCK_VIVADO", "hang")
    with pytest.raises(UserError, match=r"exceeded its time limit of 1 s(?s:.*)--target-fps"):
        run(design, tmp_path, limit=1.0)


def test_a_source_that_is_not_there_is_vivados_error(mock_vivado, design, tmp_path):
    (tmp_path / "qu_fifo.sv").unlink()
    with pytest.raises(ToolError, match=r"exited with status 1(?s:.*)fifo\.sv does not exist"):
        run(design, tmp_path)


def test_the_bitstream_of_an_earlier_run_is_not_taken_for_a_new_one(mock_vivado, monkeypatch, design, tmp_path):
    made = run(design, tmp_path)
    monkeypatch.setenv("MOCK_VIVADO", "licence")
    with pytest.raises(UserError):
        run(design, tmp_path)
    assert not made.bitstream.exists()
