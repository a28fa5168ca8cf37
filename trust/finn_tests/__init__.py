# SPDX-License-Identifier: BSD-3-Clause
"""FINN's own tests, run with Verilator in the place of Vivado's simulator and IP integrator."""

from trust.finn_tests.run import run
from trust.part import Evidence

PART = Evidence(
    "finn_tests",
    "FINN's own tests without Vivado",
    "The tests that FINN's developers run on Vivado, from PyPI and unchanged, run here on Verilator by `hw_flows.finn_verilator`: "
    "rtlsim of FINN's RTL by node and stitched, AXI-lite, streamlining, conversion to hardware operators.",
    run,
)
