# SPDX-License-Identifier: BSD-3-Clause
"""Every source file says its licence."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = (
    ".github",
    "quantunet",
    "quantunet_common",
    "quantunet_lab",
    "hw_flows",
    "proofs",
    "trust",
    "tests",
    "benchmarks",
    "build_configs",
    "docker",
    "docs",
    "examples",
)
KINDS = {".py", ".sv", ".svh", ".h", ".cpp", ".js", ".css", ".html", ".yaml", ".sh", ".yml"}


def test_every_source_file_names_its_licence() -> None:
    files = [f for folder in FOLDERS for f in (ROOT / folder).rglob("*") if f.suffix in KINDS and f.is_file()]
    assert len(files) > 700
    without = [
        f for f in files if "SPDX-License-Identifier: BSD-3-Clause" not in "".join(f.read_text().splitlines()[:2])
    ]
    assert without == []
