"""`pytest -p hw_flows.finn_xsi.pytest_plugin`: FINN's tests with Verilator as their RTL simulator."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def pytest_load_initial_conftests() -> None:
    """Before FINN's own conftest asks for its simulator."""
    from hw_flows.finn_environment import prepare_finn
    from hw_flows.finn_xsi import install

    prepare_finn(Path(os.environ.get("FINN_BUILD_DIR") or tempfile.mkdtemp(prefix="finn_")))
    install()
