"""Where results that depend only on content are kept between builds: compiled simulators, synthesized operators."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(kind: str) -> Path:
    """Folder for one kind of result: `$QU_CACHE`, else `$XDG_CACHE_HOME/hw_flows`, else `~/.cache/hw_flows`."""
    if root := os.environ.get("QU_CACHE"):
        return Path(root) / kind
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hw_flows" / kind
