# SPDX-License-Identifier: BSD-3-Clause
"""The JSON files under `<output>/report`: how a step leaves what people will read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hw_flows.machine.errors import UserError
from quantunet_common.files import read_json, write_text_atomically


def write_report(output_dir: Path, name: str, data: dict[str, Any]) -> None:
    """Write `<output>/report/<name>.json`."""
    write_text_atomically(Path(output_dir) / "report" / f"{name}.json", json.dumps(data, indent=1) + "\n")


def read_report(output_dir: Path, name: str) -> dict[str, Any] | None:
    """What an earlier step left, or None."""
    path = Path(output_dir) / "report" / f"{name}.json"
    if not path.is_file():
        return None
    data = read_json(path)
    assert isinstance(data, dict)
    return data


def performance_of(output: Path) -> dict[str, Any]:
    """The report of the build in `output`. Raises UserError where it was not verified."""
    performance = read_report(output, "performance")
    if performance is None:
        raise UserError("the build was not verified", str(output), "let qu-build finish first, or run step_verify")
    return performance
