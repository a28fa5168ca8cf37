# SPDX-License-Identifier: BSD-3-Clause
"""Step 19: one self-contained page for people, from what the other steps left under `report/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.report.page import write_page


def step_report(model: ModelWrapper, cfg: Any) -> ModelWrapper:
    """Writes `report/index.html`."""
    write_page(Path(cfg.output_dir))
    return model
