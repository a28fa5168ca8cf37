# SPDX-License-Identifier: BSD-3-Clause
"""Random networks through the front end: each is right after every step, or refused before the first with a layer's name."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from trust.part import Evidence, EvidenceResult, Say

COUNT, SAMPLE = 300, 5
#: The first seed; the tests try some of those from 200 on.
FIRST = 1000
_MEANINGS = {
    "right": "the answer after every step is that of the file, in float64",
    "refused": "refused before the first step, with the layer's name and what to do",
    "wrong": "the answer changes in a step",
    "late": "refused, but not before the first step",
    "unnamed": "refused without a layer's name",
    "crash": "a traceback",
}


def run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """Make, export and convert the networks in `work`, in as many processes as cores."""
    seeds = range(FIRST, FIRST + (SAMPLE if sample else COUNT))
    found = {}
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _prepare, (work,)) as pool:
        tasks = {pool.submit(_try_one, seed, work / str(seed)): seed for seed in seeds}
        for task in as_completed(tasks):
            seed = tasks[task]
            found[seed] = verdict, words = task.result()
            say(f"network {seed}: {verdict} {words[:160]}")
    return outcome({seed: found[seed] for seed in seeds})


def _prepare(work: Path) -> None:
    """Of a process: the operators' classes are FINN's, whose settings are those of a process."""
    from hw_flows.finn_environment import prepare_finn

    prepare_finn(work / f"finn-{os.getpid()}")


def _try_one(seed: int, folder: Path) -> tuple[str, str]:
    """Verdict and words."""
    folder.mkdir()
    with contextlib.redirect_stdout(io.StringIO()):  # PyTorch's exporter tells of its steps
        tried = import_module("tests.hw_flows.generated_networks").try_network(seed, folder)
    shutil.rmtree(folder)
    return tried.verdict, tried.words


def outcome(found: dict[int, tuple[str, str]]) -> EvidenceResult:
    """`found`: seed -> verdict and words."""
    counts = Counter(verdict for verdict, _ in found.values())
    bad = [
        f"{seed}: {verdict}: {words}" for seed, (verdict, words) in found.items() if verdict not in ("right", "refused")
    ]
    headline = (
        f"{len(found)} generated networks: {counts['right']} right after every step, {counts['refused']} refused by layer, "
        f"{counts['wrong']} wrong, {counts['crash']} tracebacks, {counts['late'] + counts['unnamed']} refused late or without "
        "a layer's name"
    )
    rows = tuple((verdict, meaning, str(counts[verdict])) for verdict, meaning in _MEANINGS.items())
    notes = (
        *bad[:20],
        "Blocks (dense, dilated, depthwise, grouped and separable convolutions, batch normalization of either sign, thirteen "
        "activation functions), quantizers (2 to 8 bits, signed or not, narrow, with zero points, other rounding, binary), "
        "ways down and up (pools, strides, pixel shuffles, resizes, transposed convolutions), residual blocks and skip "
        "connections are drawn at random, so that most networks meet some limit.",
        "No RTL is built here: that the hardware computes what the last step says is shown network by network elsewhere.",
    )
    return EvidenceResult(not bad, headline, ("verdict", "meaning", "networks"), rows, notes, dict(counts))


PART = Evidence(
    "networks",
    "Generated networks",
    "No combination of layers is converted wrongly: what cannot be exact is refused with the layer's name.",
    run,
)
