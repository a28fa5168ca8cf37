# SPDX-License-Identifier: BSD-3-Clause
"""Puts Verilator in the place of Vivado's simulator in this process."""

from __future__ import annotations

import os
import shlex
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from hw_flows.finn_verilator import xsi
from hw_flows.finn_verilator.compile import compile_sim_obj
from hw_flows.machine.cache import cache_folder
from quantunet_common.files import write_atomically

#: What `finn.xsi` offers beside the two that tell whether it is there.
_NAMES = (
    "close_rtlsim",
    "compile_sim_obj",
    "get_simkernel_so",
    "load_sim_obj",
    "locate_glbl",
    "reset_rtlsim",
    "rtlsim_multi_io",
)


def install() -> ModuleType:
    """Make `finn.xsi` simulate with Verilator, whether or not it was imported before; returns it.

    Stitched designs are made by `block_design` in place of `vivado`, which FINN looks for in the folder that the
    environment variable FINN_TOOL_DIR_OVERRIDE names; one that is set stays. May be called again. Processes started by
    `spawn` or `forkserver` do not inherit it (FINN's transformations start some where NUM_DEFAULT_WORKERS is above 1).
    """
    sys.modules["xsi"] = xsi
    import finn.xsi

    # installed beside FINN, and unlike it not excepted from mypy by this project's settings
    adapter: Any = import_module("finn_xsi.adapter")
    adapter.compile_sim_obj = compile_sim_obj
    adapter.get_simkernel_so = get_simkernel_so
    adapter.locate_glbl = locate_glbl
    for name in _NAMES:
        setattr(finn.xsi, name, getattr(adapter, name))
    finn.xsi.SimEngine = import_module("finn_xsi.sim_engine").SimEngine
    finn.xsi.is_available = is_available
    finn.xsi.ensure_available = is_available
    os.environ.setdefault("FINN_TOOL_DIR_OVERRIDE", str(_tools()))
    return finn.xsi


def is_available() -> bool:
    """Also FINN's `ensure_available`: there is nothing left to build."""
    return True


def get_simkernel_so() -> str:
    """What Vivado would load beside the design; Verilator's runtime is in the design."""
    return "verilator"


def locate_glbl() -> Path | None:
    """Vivado's global set and reset, which its primitives use; there is none."""
    return None


def _tools() -> Path:
    """The folder with the program that stands in for `vivado`."""
    folder = cache_folder("finn_tools")
    root = Path(__file__).parents[2]
    script = (
        "#!/bin/sh\n"
        f"PYTHONPATH={shlex.quote(str(root))}${{PYTHONPATH:+:$PYTHONPATH}} "
        f'exec {shlex.quote(sys.executable)} -m hw_flows.finn_verilator.block_design "$@"\n'
    )

    def write(file: Path) -> None:
        file.write_text(script, encoding="utf-8")

    vivado = folder / "vivado"
    if not vivado.is_file() or vivado.read_text(encoding="utf-8") != script:
        write_atomically(vivado, write)
    vivado.chmod(0o755)
    return folder.absolute()
