# SPDX-License-Identifier: BSD-3-Clause
"""pytest plugin of the processes that run FINN's tests: Verilator in Vivado's place, a sample, a line for each result.

Reads TRUST_RESULTS (file of JSON lines), TRUST_MOST (cases of a test function that are run; those that FINN skips do
not count).
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from hw_flows.finn_verilator.block_design import ERROR_FILE
from hw_flows.finn_verilator.pytest_plugin import pytest_addoption, pytest_load_initial_conftests
from trust.finn_tests.classify import LEFT_OUT
from trust.torchvision_import import import_torchvision

__all__ = ["pytest_addoption", "pytest_load_initial_conftests"]

#: In the name of a case: it is executed as C++ or synthesized by Vitis HLS.
_HLS_WORDS = ("cppsim", "hls")
#: How many cases are kept for one that is to be run.
_CANDIDATES = 8
_run: Counter[str] = Counter()


def pytest_configure() -> None:
    import_torchvision()  # FINN's helpers import its picture functions


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the cases of each function by a hash of their names; keep enough that not all of them may be skipped."""
    functions: dict[str, list[pytest.Item]] = {}
    for item in items:
        functions.setdefault(_function(item), []).append(item)
    kept: list[pytest.Item] = []
    for function, cases in functions.items():
        cases.sort(key=lambda case: hashlib.sha256(case.nodeid.encode()).digest())
        candidates = [case for case in cases if not _needs_hls(case)][: _CANDIDATES * _most()]
        candidates += [case for case in cases if _needs_hls(case)][:1]
        kept += candidates
        _write({"function": function, "cases": len(cases), "candidates": len(candidates)})
    items[:] = kept


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if not _needs_hls(item) and _run[_function(item)] >= _most():
        _write({"test": item.nodeid, "outcome": LEFT_OUT, "text": "", "seconds": 0.0})
        pytest.skip(LEFT_OUT)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _write({"test": report.nodeid, "outcome": "failed", "text": report.longreprtext, "seconds": 0.0})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.when == "call" or (report.when == "setup" and report.outcome != "passed"):
        text = report.longreprtext if report.longrepr is not None else ""
        if isinstance(report.longrepr, tuple):
            text = str(report.longrepr[-1])
        if report.failed:
            text += _stitching_errors()
        expected = hasattr(report, "wasxfail")
        outcome = "expected failure" if expected else report.outcome
        if text.endswith(LEFT_OUT):
            return report
        _run[_function(item)] += outcome != "skipped"
        _write({"test": item.nodeid, "outcome": outcome, "text": text[-20000:], "seconds": round(_cpu_seconds(), 2)})
    return report


def _function(item: pytest.Item) -> str:
    return item.nodeid.split("[")[0]


def _needs_hls(item: pytest.Item) -> bool:
    return any(word in item.nodeid[len(_function(item)) :] for word in _HLS_WORDS)


def _most() -> int:
    return int(os.environ["TRUST_MOST"])


_spent = 0.0


def _cpu_seconds() -> float:
    """Of this process and its children since the last result."""
    global _spent
    times = os.times()
    before, _spent = _spent, times.user + times.system + times.children_user + times.children_system
    return _spent - before


def _stitching_errors() -> str:
    from finn.util.settings import get_settings

    files = Path(get_settings().finn_build_dir).rglob(ERROR_FILE)
    return "".join(f"\nblock design: {file.read_text(encoding='utf-8')}" for file in files)


def _write(row: dict[str, Any]) -> None:
    with Path(os.environ["TRUST_RESULTS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, "time": round(time.time(), 1)}) + "\n")
