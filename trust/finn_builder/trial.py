# SPDX-License-Identifier: BSD-3-Clause
"""Builds of some networks by FINN's builder, and one with a wrong answer, which it must notice."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hw_flows.machine.tools import ToolError, run_tool
from quantunet.checkpoints import DEMO
from quantunet_common.files import read_json
from trust.finn_builder.builder import FINN_STEPS, RESULT
from trust.finn_packages import TESTS, fetched
from trust.part import EvidenceResult, Say
from trust.tiny import write_network

_ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 3600.0


def run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """Build the small network, the same with a wrong answer, and the demo's network where it is no sample.

    Raises ToolError where what FINN's builder imports cannot be fetched.
    """
    packages = fetched(work / "pip.log")
    small = write_network(work)
    trials = [("a small U-Net", small, False), ("the same, another answer expected", small, True)]
    if not sample:
        trials.append(("the demo network", DEMO, False))
    rows, good = [], 0
    for number, (name, network, wrong) in enumerate(trials):
        found = _built(network, work / f"{number}", wrong, packages)
        # a failed verification is a file of that name and a line in FINN's log, no failed build
        held = found["status"] == 0 and _verdict(found) == ("FAIL" if wrong else "SUCCESS")
        good += held
        say(f"{name}: status {found['status']}, FINN's verification says {_verdict(found)}")
        rows.append(
            (
                name,
                *(str(found[key]) for key in ("steps", "operators", "status")),
                _verdict(found),
                "yes" if held else "NO",
            )
        )
    headline = (
        f"FINN's builder ran {rows[0][1]} steps, the last {len(FINN_STEPS)} its own, on {len(trials) - 1} network"
        f"{'s' if len(trials) > 2 else ''} and compared the stitched design's answer in simulation; a wrong answer was noticed"
        if good == len(trials)
        else f"{good} of {len(trials)} builds by FINN's builder ended as they should"
    )
    return EvidenceResult(
        good == len(trials),
        headline,
        ("network", "steps", "operators stitched", "status", "FINN's verification", "as it should be"),
        tuple(rows),
        (
            f"FINN's own steps here: {', '.join(FINN_STEPS)}. `step_measure_rtlsim_performance` and FINN's FIFO sizing start "
            "simulators of single operators that Vivado's synthesis has to prepare, so they are not run.",
            f"What the builder imports and this project does not need is fetched beside {TESTS.replace('==', ' ')}.",
        ),
        {"builds": len(trials), "as_they_should": good},
    )


def _built(network: Path, output: Path, wrong: bool, packages: Path) -> dict[str, Any]:
    environment = {
        "PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")]), str(packages)]),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "trust.finn_builder.builder", str(network), str(output)]
    log = output.with_suffix(".log")
    try:
        run_tool(
            "FINN's builder",
            command + ["--wrong"] * wrong,
            cwd=output.parent,
            log=log,
            limit_seconds=LIMIT_SECONDS,
            environment=environment,
            produces=[output / RESULT],
        )
    except ToolError as error:
        return {"status": str(error).splitlines()[0], "verified": [], "steps": 0, "operators": 0}
    found: dict[str, Any] = read_json(output / RESULT)
    return found


def _verdict(found: dict[str, Any]) -> str:
    """What FINN writes into the name of the file of a verification."""
    return ", ".join(name.rpartition("_")[2].partition(".")[0] for name in found["verified"]) or "none"
