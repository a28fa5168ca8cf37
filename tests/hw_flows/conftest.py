# SPDX-License-Identifier: BSD-3-Clause
"""FINN is made importable once for all tests of the hardware side."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from hw_flows.finn_environment import prepare_finn

#: Of this process, removed when it ends.
_SCRATCH = tempfile.TemporaryDirectory(prefix="hw_flows-tests-")
FINN_FOLDER = Path(_SCRATCH.name)
prepare_finn(FINN_FOLDER)


@pytest.fixture(autouse=True)
def finn_prepared() -> None:
    """A test that builds leaves FINN's settings at its own folder, which may be gone for the next one."""
    prepare_finn(FINN_FOLDER)


@pytest.fixture
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it, and no Vivado in the environment."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("XILINX_VIVADO", raising=False)
    return folder
