# SPDX-License-Identifier: BSD-3-Clause
"""The commands as they are installed, from the project's own list of them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

_PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def installed() -> dict[str, Callable[[], Any]]:
    """Name of each command -> the function that its script calls; it reads its arguments from `sys.argv`."""
    scripts = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["scripts"]
    return {name: _function(target) for name, target in scripts.items()}


def _function(target: str) -> Callable[[], Any]:
    module, function = target.split(":")
    found: Callable[[], Any] = getattr(import_module(module), function)
    return found
