# SPDX-License-Identifier: BSD-3-Clause
"""Every flow, once: its name and the class that it is. Whatever takes, checks or lists names of flows reads them here.

The command line needs the names before anything is loaded, so the classes stand here as text.
"""

from __future__ import annotations

#: In the order in which `auto` prefers them. A name may have several classes, for different boards.
REGISTERED: tuple[tuple[str, str], ...] = (
    ("vivado", "hw_flows.flows.vivado:Vivado"),
    ("open", "hw_flows.flows.open_ecp5:OpenEcp5"),
    ("open", "hw_flows.flows.open_xc7:OpenXc7"),
    ("finn", "hw_flows.flows.finn:Finn"),
)
#: No bitstream: verified RTL and its report. Every board has it.
NONE = "none"
#: What a board can have.
FLOW_NAMES = (NONE, *dict.fromkeys(name for name, _ in REGISTERED))
#: The best that is possible here.
AUTO = "auto"
#: What a build can be told.
CHOICES = (AUTO, *FLOW_NAMES)


def known_flow(name: str) -> str:
    """A name of `FLOW_NAMES`. Raises ValueError."""
    return _among(name, FLOW_NAMES)


def known_choice(name: str) -> str:
    """A name of `CHOICES`. Raises ValueError."""
    return _among(name, CHOICES)


def _among(name: str, names: tuple[str, ...]) -> str:
    if name not in names:
        raise ValueError(f"there is no flow {name[:40]!r}; choose one of: {', '.join(names)}")
    return name
