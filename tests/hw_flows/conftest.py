"""FINN is made importable once for all tests of the hardware side."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hw_flows.finn_environment import prepare_finn

prepare_finn(Path(tempfile.gettempdir()) / "hw_flows-tests")
