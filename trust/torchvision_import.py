# SPDX-License-Identifier: BSD-3-Clause
"""torchvision beside a torch of another build, as where a registry has one for CUDA and the other for CPUs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import torch


def import_torchvision() -> None:
    """Import it even where its compiled operators, on boxes, do not load: then it cannot describe them either. None of them may
    be used."""
    real: Callable[..., Any] = torch.library.register_fake

    def register_fake(op: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(op, str) and op.startswith("torchvision::"):
            return lambda function: function
        return real(op, *arguments, **options)

    torch.library.register_fake = register_fake
    try:
        import_module("torchvision")
    finally:
        torch.library.register_fake = real
