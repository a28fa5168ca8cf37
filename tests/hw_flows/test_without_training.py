# SPDX-License-Identifier: BSD-3-Clause
"""Hardware and training stand beside each other: an ONNX file is built without `quantunet`, training runs without `hw_flows`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.hw_flows.foreign import ForeignNet, export

BUILD = """
import sys
sys.modules["quantunet"] = None  # whoever imports it ends with ImportError
sys.argv[0] = "qu-build"
from hw_flows.commands import build
build()
"""
IMPORT_ALL = """
import sys
sys.modules["hw_flows"] = None
from importlib import import_module
from pkgutil import walk_packages
import quantunet
names = [module.name for module in walk_packages(quantunet.__path__, "quantunet.")]
for name in names:
    import_module(name)
print(len(names))
"""


def python(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def test_an_onnx_file_is_built_and_verified_without_the_training(tmp_path: Path) -> None:
    network = export(ForeignNet(channels=(2, 4), image=(8, 8)), tmp_path / "foreign.onnx")
    np.save(tmp_path / "x.npy", network.frames.astype(np.float32))
    output = tmp_path / "build"
    options = ("--batch", "--flow", "none", "--jobs", 1, "--stop-step", "step_verify", "--output", output)
    done = python(BUILD, "--model", network.path, "--verify-input", tmp_path / "x.npy", *options)
    assert done.returncode == 0, done.stderr
    assert json.loads((output / "report" / "verification.json").read_text())["bit_exact"] is True


def test_a_checkpoint_is_what_needs_the_training(tmp_path: Path) -> None:
    done = python(BUILD, "--output", tmp_path / "build", "--stop-step", "step_qonnx_cleanup", "--flow", "none")
    assert done.returncode != 0 and "quantunet" in done.stderr


def test_the_training_does_without_the_hardware() -> None:
    done = python(IMPORT_ALL)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40
