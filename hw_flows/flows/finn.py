"""`--flow finn`: what FINN's own builder needs."""

from __future__ import annotations

from hw_flows.findings import Finding, find_package
from hw_flows.flows.vivado import vivado_finding


def needs() -> list[Finding]:
    return [vivado_finding(), find_package("mip", "pip install mip  (the solver of FINN's builder, 600 MB)")]
