# SPDX-License-Identifier: BSD-3-Clause
"""What a build tells people: resource report, terminal summary, one self-contained page."""

from hw_flows.report.data import Frame, LayerBits, ReportData, layer_bits, load_report_data
from hw_flows.report.estimate import estimate_report
from hw_flows.report.page import render_page, write_page
from hw_flows.report.resources import resources_report
from hw_flows.report.terminal import print_summary

__all__ = [
    "Frame",
    "LayerBits",
    "ReportData",
    "estimate_report",
    "layer_bits",
    "load_report_data",
    "print_summary",
    "render_page",
    "resources_report",
    "write_page",
]
