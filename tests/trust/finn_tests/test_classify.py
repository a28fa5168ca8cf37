import pytest

from trust.finn_tests.classify import FAILED, NOT_APPLICABLE, PASSED, Verdict, classify


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("E   FileNotFoundError: vitis_hls not found (FINN_TOOL_DIR_OVERRIDE='x')", "needs Vitis HLS"),
        ("E   urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>", "downloads a model"),
        ("%Error: a.sv:3:1: Cannot find file containing module: 'DSP48E2'", "needs vendor primitive DSP48E2"),
        ("\nblock design: launch_runs needs Vivado\n  where: x.tcl", "needs Vivado's launch_runs"),
        (
            "E   ToolError: verilator\n%Error: /x/mvu.sv:9:4: syntax error",
            "Verilator does not read mvu.sv: syntax error",
        ),
    ],
)
def test_what_is_missing_outside_is_the_reason(text: str, reason: str) -> None:
    assert classify("failed", text) == Verdict(NOT_APPLICABLE, reason)


def test_any_other_failure_is_one_with_its_first_error() -> None:
    assert classify("failed", "x\nE   assert (1 == 2)\nE    +  where") == Verdict(FAILED, "assert (1 == 2)")
    assert classify("failed", "Fatal Python error: Segmentation fault").outcome == FAILED


def test_a_module_of_ours_that_is_missing_is_no_excuse() -> None:
    assert classify("failed", "%Error: a.sv:3:1: Cannot find file containing module: 'skid'").outcome == FAILED


def test_skipped_and_passed() -> None:
    assert classify("passed", "") == Verdict(PASSED)
    assert classify("skipped", "Skipped: no board") == Verdict(NOT_APPLICABLE, "FINN skips it: no board")
