# SPDX-License-Identifier: BSD-3-Clause
"""AMD Vivado: where it is, the script it runs, what its reports say."""

from hw_flows.amd.vivado.implement import Design, Implementation, implement, require_timing
from hw_flows.amd.vivado.install import Vivado, find_vivado, vivado_finding
from hw_flows.amd.vivado.reports import Timing

__all__ = [
    "Design",
    "Implementation",
    "Timing",
    "Vivado",
    "find_vivado",
    "implement",
    "require_timing",
    "vivado_finding",
]
