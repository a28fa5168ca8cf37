# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.hw_flows.amd.mocks import install


@pytest.fixture
def no_vivado(tmp_path, monkeypatch) -> Path:
    """A PATH with the system's programs and an empty folder before them, and no Vivado in the environment."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    for name in ("XILINX_VIVADO", "MOCK_VIVADO", "MOCK_VERSION", "MOCK_OPERATORS"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def mock_vivado(no_vivado) -> Path:
    """The stand-in for Vivado on PATH."""
    return install(no_vivado)
