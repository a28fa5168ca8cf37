# SPDX-License-Identifier: BSD-3-Clause
"""An engine of ours on PATH, and what it was asked."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

MOCK = Path(__file__).with_name("mock_engine.py")


@dataclass
class MockEngine:
    """A folder with programs to be put first on PATH, and notes of their calls."""

    folder: Path

    def install(self, name: str = "docker") -> Path:
        program = self.folder / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {MOCK} "$@"\n')
        program.chmod(0o755)
        return program

    @property
    def calls(self) -> list[list[str]]:
        notes = self.folder / "notes"
        return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []

    def calls_of(self, verb: str) -> list[list[str]]:
        return [call for call in self.calls if call[0] == verb]


@pytest.fixture
def engine(tmp_path, monkeypatch) -> MockEngine:
    """`docker` on PATH, which answers and has no images."""
    mock = MockEngine(tmp_path / "engine")
    mock.folder.mkdir()
    (mock.folder / "images").touch()
    mock.install()
    monkeypatch.setenv("PATH", f"{mock.folder / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("MOCK_NOTES", str(mock.folder / "notes"))
    monkeypatch.setenv("MOCK_IMAGES", str(mock.folder / "images"))
    for name in ("QU_DOCKER_IMAGE", "FINN_XILINX_PATH", "FINN_XILINX_VERSION", "XILINX_VIVADO", "FINN_DOCKER_EXTRA"):
        monkeypatch.delenv(name, raising=False)
    return mock


def install_vivado(root: Path, version: str = "2022.2", newer_layout: bool = False) -> Path:
    """A folder as AMD's installer leaves it, with a Vivado that tells its own place."""
    vivado = root / version / "Vivado" if newer_layout else root / "Vivado" / version
    program = vivado / "bin" / "vivado"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho vivado of $XILINX_VIVADO\n")
    program.chmod(0o755)
    (vivado / "settings64.sh").write_text(f"export XILINX_VIVADO={vivado}\nexport PATH={vivado}/bin:$PATH\n[ -n '' ]\n")
    return vivado
