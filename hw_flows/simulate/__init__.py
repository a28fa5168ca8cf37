# SPDX-License-Identifier: BSD-3-Clause
"""Cycle-accurate simulation of an `Accelerator`: Verilator, a native harness, and comparison word by word.

`compile_simulator` builds the simulator once per content, `run` drives frames through it. The harness compares every
stream with its expected words as they go by; Python sees results, never cycles. Where weights come from the board's memory, the
design is the accelerator with what reads them, and the memory is simulated too.
"""

from hw_flows.simulate.activity import Activity, Window, record_activity
from hw_flows.simulate.compile import Simulator, compile_simulator
from hw_flows.simulate.result import MemoryTraffic, Mismatch, SimulationResult
from hw_flows.simulate.run import RunOptions, run

__all__ = [
    "Activity",
    "MemoryTraffic",
    "Mismatch",
    "RunOptions",
    "SimulationResult",
    "Simulator",
    "Window",
    "compile_simulator",
    "record_activity",
    "run",
]
