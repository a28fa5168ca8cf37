# SPDX-License-Identifier: BSD-3-Clause
"""Two builds compared file by file: all that is handed on, byte for byte, except for what times and runs look like."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hw_flows.build.state import RESULTS

#: Fields of reports that tell how a run went, not what was made: times, and what came from an earlier run or the cache.
HOW_IT_WENT = frozenset({"seconds", "simulation_seconds", "from_cache", "status"})
#: On the page: durations, rows of the table of steps, and whether a run was remembered.
_TIMES = re.compile(
    r'[\d.,]+ (?:s|min)\b|>all</th><td></td><td class="n">[\d.]+'
    r'|<td class="n">[\d.]+</td><td class="wide"><span class="meter"><i style="width:[\d.]+%">'
    r"|\b(?:done|kept)\b|,\s+in an earlier run"
)


def differences(one: Path, other: Path) -> list[str]:
    """Files of the builds in two folders that differ or are only in one of them; empty where they are the same."""
    first, second = results(one), results(other)
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def results(folder: Path) -> dict[str, bytes]:
    """Everything that a build hands on, by path below its output folder, without times."""
    found = {}
    for result in RESULTS:
        path = folder / result
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file():
                found[file.relative_to(folder).as_posix()] = _without_times(file)
    return found


def left_behind(folder: Path) -> list[str]:
    """Files and folders that processes use while they write, and that should be gone."""
    names = [p for p in folder.rglob("*") if p.name.startswith(("scratch-", "work-")) or p.name.endswith(".part")]
    return sorted(p.relative_to(folder).as_posix() for p in names)


def _without_times(file: Path) -> bytes:
    if file.parent.name == "report" and file.suffix == ".json":
        return json.dumps(_stripped(json.loads(file.read_bytes())), indent=1).encode()
    if file.suffix == ".html":
        return _TIMES.sub("", file.read_text(encoding="utf-8")).encode()
    return file.read_bytes()


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _stripped(field)
            for key, field in value.items()
            if key not in HOW_IT_WENT or (key == "status" and field not in ("done", "kept"))
        }
    return [_stripped(item) for item in value] if isinstance(value, list) else value
