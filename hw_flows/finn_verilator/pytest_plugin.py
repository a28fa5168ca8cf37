# SPDX-License-Identifier: BSD-3-Clause
"""`pytest -p hw_flows.finn_verilator.pytest_plugin`: FINN's tests with Verilator as their RTL simulator.

`--finn-operators MVAU_rtl,...`: our operators under FINN's names, where Verilator does not read FINN's RTL.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--finn-operators", default="", help="FINN's operators that ours take the place of, with commas")


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before FINN's own conftest asks for its simulator."""
    from hw_flows.finn_environment import prepare_finn
    from hw_flows.finn_verilator import install
    from hw_flows.finn_verilator.operators import take_the_place_of

    log = logging.getLogger("finn_logger")
    level = log.level
    prepare_finn(Path(os.environ.get("FINN_BUILD_DIR") or tempfile.mkdtemp(prefix="finn_")))
    log.setLevel(level)  # some of the tests read it
    install()
    take_the_place_of([name for name in early_config.known_args_namespace.finn_operators.split(",") if name])
