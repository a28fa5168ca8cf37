# SPDX-License-Identifier: BSD-3-Clause
"""AMD Vivado: where it is, the script it runs, what its reports say."""

from hw_flows.amd.vivado.implement import Implementation, VivadoDesign, implement, require_timing
from hw_flows.amd.vivado.install import InstalledVivado, find_vivado, vivado_finding
from hw_flows.amd.vivado.power import Power
from hw_flows.amd.vivado.reports import TimingSummary

__all__ = [
    "Implementation",
    "InstalledVivado",
    "Power",
    "TimingSummary",
    "VivadoDesign",
    "find_vivado",
    "implement",
    "require_timing",
    "vivado_finding",
]
