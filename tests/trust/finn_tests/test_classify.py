# SPDX-License-Identifier: BSD-3-Clause
import pytest

from trust.finn_tests.classify import FAILED, NOT_APPLICABLE, PASSED, TestVerdict, classify

NO_DESIGN = "E   FINNUserError: CreateStitchedIP failed, no wrapper HDL found under a or b.\n"
REFUSED = """/x/hw_flows/operators/shared/checks.py:20: in require
    raise UserError(what, place(operator), fix)
E   hw_flows.machine.errors.UserError: depthwise = 1 has no portable RTL
"""
NO_HLS = """/x/finn/util/hls.py:68: in build
    raise FINNUserError("XILINX_VIVADO was not set but is required.")
E   finn.util.exception.FINNUserError: XILINX_VIVADO was not set but is required.
"""
NO_MODULE = """E   hw_flows.machine.tools.ToolError: verilator exited with status 1; its last output:
E                      ... Looked in:
E                           DSPFP32
E                           DSPFP32.v
"""
BENEATH_GENERATE = "%Error: /x/000_pad1d.sv:143:24: Constant function may not be declared under generate (IEEE"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (NO_HLS, "needs Vitis HLS"),
        ("E   a.h:21:10: fatal error: ap_int.h: No such file or directory", "needs Vitis HLS's headers"),
        ("E   urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>", "downloads a model"),
        ("E   %Error: a.sv:3:1: Cannot find file containing module: 'DSP48E2'", "needs vendor primitive DSP48E2"),
        (NO_MODULE, "needs vendor primitive DSPFP32"),
        (REFUSED, "our operator refuses it: depthwise = 1 has no portable RTL"),
        (f"{NO_DESIGN}\nblock design: synthesis needs Vivado\n  where: x.tcl", "needs Vivado's synthesis"),
        (
            f"/x/simulation_build.py:1363: in build_simulation\n{NO_DESIGN}\nblock design: synthesis needs Vivado",
            "FINN's sizing of FIFOs needs Vivado's synthesis",
        ),
        (
            f"E   {BENEATH_GENERATE}",
            "Verilator does not read pad1d.sv: Constant function may not be declared under generate",
        ),
        (
            "E   %Error: 006_add_multi.sv:77:52: Illegal assignment of constant to unpacked array",
            "Verilator does not read add_multi.sv: Illegal assignment of constant to unpacked array",
        ),
        (
            f"{NO_DESIGN}\nblock design: verilator ended\n{BENEATH_GENERATE}",
            "Verilator does not read pad1d.sv: Constant function may not be declared under generate",
        ),
    ],
)
def test_what_is_missing_outside_is_the_reason(text: str, reason: str) -> None:
    assert classify("failed", text) == TestVerdict(NOT_APPLICABLE, reason)


@pytest.mark.parametrize(
    "text",
    [
        "/x/hw_flows/finn_verilator/xsi.py:9: in run\n    f()\nE   KeyError: 'XILINX_VIVADO'",
        NO_HLS.replace("finn/util/hls.py", "hw_flows/finn_verilator/install.py"),
        "WARNING XILINX_VIVADO was not set\nE   assert 1 == 2",
        "WARNING <urlopen error [Errno -2]>\nE   assert 1 == 2",
        REFUSED.replace("operators/shared/checks", "finn_verilator/block_design"),
        "E   assert 1 == 2\n\nblock design: synthesis needs Vivado",
        "E   %Error: /x/000_inner_shuffle.sv:85:4: Missing arguments for $display-like format",
        f"E   {BENEATH_GENERATE.replace('pad1d', 'finn_design_wrapper')}",
        "E   ModuleNotFoundError: No module named 'hw_flows.xsi'",
        "E   %Error: a.sv:3:1: Cannot find file containing module: 'skid'",
    ],
)
def test_one_of_ours_that_only_reads_alike_is_a_failure(text: str) -> None:
    assert classify("failed", text).outcome == FAILED


def test_any_other_failure_is_one_with_its_first_error() -> None:
    assert classify("failed", "x\nE   assert (1 == 2)\nE    +  where") == TestVerdict(FAILED, "assert (1 == 2)")
    assert classify("failed", "Fatal Python error: Segmentation fault").outcome == FAILED


def test_skipped_and_passed() -> None:
    assert classify("passed", "") == TestVerdict(PASSED)
    assert classify("skipped", "Skipped: no board") == TestVerdict(NOT_APPLICABLE, "FINN skips it: no board")
