# SPDX-License-Identifier: BSD-3-Clause
"""FINN's own builder with our steps in it and Verilator in the place of Vivado."""

from trust.finn_builder.trial import run
from trust.part import Evidence

PART = Evidence(
    "finn_builder",
    "FINN's builder without Vivado",
    "FINN's unchanged `build_dataflow_cfg` runs our steps up to the FIFO depths and then its own: estimate reports, code of every "
    "operator, IP, the stitched design, and its check of that design in simulation against the network's answer.",
    run,
)
