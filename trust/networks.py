# SPDX-License-Identifier: BSD-3-Clause
"""Random networks through the front end: each is right after every step, or refused before the first with a layer's name."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from importlib import import_module
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
    """Make, export and convert the networks in `work`."""
    from hw_flows.finn_environment import prepare_finn

    prepare_finn(work / "finn")
    try_network = import_module("tests.hw_flows.generated_networks").try_network
    found = {}
    for seed in range(FIRST, FIRST + (SAMPLE if sample else COUNT)):
        with contextlib.redirect_stdout(io.StringIO()):  # PyTorch's exporter tells of its steps
            found[seed] = try_network(seed, work)
        say(f"network {seed}: {found[seed].verdict} {found[seed].words[:160]}")
    return outcome({seed: (tried.verdict, tried.words) for seed, tried in found.items()})


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
