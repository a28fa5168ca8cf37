# SPDX-License-Identifier: BSD-3-Clause
"""Names of operator types: `MVAU` is FINN's hardware operator, `OpenMVAU_rtl` our RTL of it."""

from __future__ import annotations

_PREFIX, _SUFFIX = "Open", "_rtl"


def own_name(hw_type: str) -> str:
    """Our RTL operator of a hardware operator type: `MVAU` gives `OpenMVAU_rtl`."""
    return f"{_PREFIX}{hw_type}{_SUFFIX}"


def is_own(op_type: str) -> bool:
    """Whether an operator type is an RTL operator of ours."""
    return op_type.startswith(_PREFIX) and op_type.endswith(_SUFFIX)


def finn_name(op_type: str) -> str:
    """The hardware operator type, whatever the backend: `OpenMVAU_rtl`, `MVAU_rtl` and `MVAU_hls` are all an `MVAU`."""
    return op_type.removeprefix(_PREFIX).removesuffix(_SUFFIX).removesuffix("_hls")
