# SPDX-License-Identifier: BSD-3-Clause
"""Least FIFO depths from the timing of the operators, with evidence that they keep the rate.

`least_depths` reads an `Accelerator` alone: no data, no RTL, one small C++ library for all networks.
"""

from hw_flows.fifo_sizing.report import fifo_report, unlimited_mean, with_peaks
from hw_flows.fifo_sizing.search import Sizing, least_depths
from hw_flows.fifo_sizing.skips import Skip, find_skips
from hw_flows.fifo_sizing.timing_model import FrameTiming, TimingModel

__all__ = [
    "FrameTiming",
    "Sizing",
    "Skip",
    "TimingModel",
    "fifo_report",
    "find_skips",
    "least_depths",
    "unlimited_mean",
    "with_peaks",
]
