# SPDX-License-Identifier: BSD-3-Clause
"""Builds of one network by made-up people in made-up places, compared, and searched for any word of people and places."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hw_flows.machine.cache import cache_folder
from trust.part import Evidence, EvidenceResult, Say
from trust.same_results import differences, results
from trust.tiny import REPOSITORY, TinyBuild, write_network

#: (name of the user, folder of the build, seed of Python's hashes, time zone, language, processes at once)
PEOPLE = (
    ("zaphod-beeblebrox", "heart-of-gold/out", "1", "UTC", "C", "1"),
    ("slartibartfast", "magrathea/fjords/norway/build", "271828", "Pacific/Kiritimati", "de_DE.UTF-8", "2"),
)
SAMPLE_LAST = "step_stitch"
#: Names of machines and users shorter than this could be words.
LEAST_LETTERS = 5
NOTES = (
    "the builds differ in user name, home, folder, time zone, language, seed of Python's hashes and processes at once; the "
    "first starts with an empty cache, the second with what the build of another network has left there",
    "compared are rtl/, report/, intermediate_models/, verification/, synthesis/, final_hw_config.json and, where the flow goes "
    "on to a bitstream, shell/, bitfile/, driver/ and deploy/; of the reports all but durations, `status` done or kept, and "
    "`from_cache`",
    "logs/, build.log, place_route/ and the scratch folder finn/ do name folders of the machine; they are not handed on",
)


@dataclass(frozen=True)
class Pair:
    """What two builds of the same came to."""

    what: str
    files: int
    size: int
    differ: tuple[str, ...]
    telling: tuple[str, ...]
    """Files with a word of the machine in them."""

    @property
    def row(self) -> tuple[str, ...]:
        differ = ", ".join(self.differ[:5]) or "none"
        return self.what, str(self.files), f"{self.size:,}", differ, ", ".join(self.telling[:5]) or "none"


def run(work: Path, sample: bool, say: Say) -> EvidenceResult:
    """`--flow none` and the ULX3S's bitstream; the sample: up to the stitched RTL, with the cache of this machine."""
    network = write_network(work)
    (work / "other").mkdir()
    other = write_network(work / "other", bits=4)
    flows: dict[str, tuple[str, ...]]
    if sample:
        flows = {"RTL": ("--flow", "none", "--stop-step", SAMPLE_LAST)}
    else:
        flows = {
            "PYNQ-Z2, flow none": ("--flow", "none"),
            "ULX3S-85F, flow open": ("--flow", "open", "--board", "ulx3s-85f"),
        }
    pairs = []
    for number, (what, options) in enumerate(flows.items()):
        folder = work / str(number)
        caches = [cache_folder("timing").parent] * 2 if sample else [folder / "cache", folder / "used-cache"]
        build = TinyBuild(network, work, caches[0], options)
        if not sample:
            before = replace(build, network=other, output=folder / "other", cache=caches[1])
            ended = replace(before, options=(*options, "--stop-step", "step_synthesize")).run(folder / "other.log")
            if ended.status != 0:
                return EvidenceResult(False, f"{what}: the build of another network fails: {ended.last_words}")
        pair = build_twice(build, caches, what, folder, say)
        if isinstance(pair, str):
            return EvidenceResult(False, f"{what}: the build fails: {pair}")
        pairs.append(pair)
        say(f"{what}: {pair.files} files, {len(pair.differ)} differ, {len(pair.telling)} tell of the machine")
    return outcome(pairs)


def build_twice(build: TinyBuild, caches: Sequence[Path], what: str, folder: Path, say: Say) -> Pair | str:
    """Build it as each of the people, each with a cache; the last words of a build that fails."""
    outputs = []
    for cache, (user, place, seed, zone, language, jobs) in zip(caches, PEOPLE, strict=True):
        home = folder / "home" / user
        home.mkdir(parents=True)
        environment = {
            "HOME": str(home),
            "USER": user,
            "LOGNAME": user,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LANG": language,
        }
        options = (*build.options, "--jobs", jobs)
        one = replace(build, output=folder / place, cache=cache, options=options, environment=environment)
        ended = one.run(folder / f"{user}.log")
        if ended.status != 0:
            return ended.last_words
        say(f"{what}: built by {user}")
        outputs.append(one.output)
    found = results(outputs[0])
    telling = [name for output in outputs for name in tells(output, words_of_the_machine(folder))]
    sizes = sum(map(len, found.values()))
    return Pair(what, len(found), sizes, tuple(differences(*outputs)), tuple(telling))


def words_of_the_machine(folder: Path) -> list[str]:
    """What must not be in anything that is handed on."""
    names = [name for name, *_ in PEOPLE] + [place.partition("/")[0] for _, place, *_ in PEOPLE]
    places = [str(folder), str(REPOSITORY), str(Path.home()), sys.prefix, tempfile.gettempdir() + "/"]
    machine = platform.node()
    return [*names, *(place for place in places if len(place) >= LEAST_LETTERS + 1)] + (
        [machine] if len(machine) >= LEAST_LETTERS else []
    )


def tells(output: Path, words: Sequence[str]) -> list[str]:
    """Results with one of the words in them, and that word."""
    telling = []
    for name in results(output):
        content = (output / name).read_bytes()
        telling += [f"{name} ({word})" for word in words if word.encode() in content]
    return telling


def outcome(pairs: Sequence[Pair]) -> EvidenceResult:
    """What the page shows."""
    files, size = sum(pair.files for pair in pairs), sum(pair.size for pair in pairs)
    differ, telling = sum(len(pair.differ) for pair in pairs), sum(len(pair.telling) for pair in pairs)
    return EvidenceResult(
        holds=not differ and not telling,
        headline=f"{files - differ} of {files} files ({size / 1e6:.1f} MB) are the same, byte for byte, in two builds by "
        f"different users in different places; {telling} of them hold a path, a user's or the machine's name",
        columns=("build", "files", "bytes", "that differ", "that tell of the machine"),
        rows=tuple(pair.row for pair in pairs),
        notes=NOTES,
        figures={"files": files, "bytes": size, "differ": differ, "telling": telling},
    )


PART = Evidence(
    name="reproducible",
    title="Reproducible",
    claim="The same input, seed and tools give the same files, wherever they are built, and nothing in them tells where.",
    run=run,
)
