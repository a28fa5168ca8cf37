# SPDX-License-Identifier: BSD-3-Clause
"""A real network whose every name is hostile, built whole: RTL, simulation, synthesis, vendor script, page.

The same network with plain names is built beside it: names may change nothing but the words that people read.
"""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from trust.hostile_input.case import BadInput, InputResult, InputVerdict
from trust.hostile_input.kinds.network_parts import text
from trust.hostile_input.payloads import CANARY, NAMES
from trust.hostile_input.pool import Pool

KIND = "QONNX file, names, whole build"
#: What the report shows as the model's title and as the origin of the images.
TITLE = (
    f'"; touch {CANARY}; # $(touch {CANARY}) [exec touch {CANARY}] <img src=x onerror=alert(1)> `$display` endmodule'
)
IMAGES = f"<script>alert(1)<|script>'\"&amp; {{{{ 7 * 191 }}}} [exec touch {CANARY}] `touch {CANARY}`"
_ARGUMENTS = (
    "--config",
    "in/build.yaml",
    "--flow",
    "vivado",
    "--frames",
    "2",
    "--jobs",
    "1",
    "--batch",
    "--output",
    "out/build",
    "--target-fps",
    "100",
)
_SETTINGS = "netlist_frames: 0\n"  # what cells compute does not depend on names
_WALL_SECONDS = 3600
#: Folders of a build whose files a tool reads, and files of theirs that hold times or paths of the machine.
_READ_BY_TOOLS = ("rtl", "shell", "vivado", "driver", "deploy")


def try_names(network: Path, images: Path, pool: Pool) -> list[InputResult]:
    """Build both, compare. The pool finds the stand-in for Vivado on its PATH."""
    import onnx

    sound = onnx.load(str(network))

    def write_hostile(folder: Path) -> None:
        model = onnx.load(str(network))
        rename(model)
        (folder / f"{TITLE}.onnx").write_bytes(model.SerializeToString())
        shutil.copy(images, folder / f"{IMAGES}.npy")
        (folder / "build.yaml").write_text(_SETTINGS)

    def write_plain(folder: Path) -> None:
        (folder / "plain.onnx").write_bytes(sound.SerializeToString())
        shutil.copy(images, folder / "plain.npy")
        (folder / "build.yaml").write_text(_SETTINGS)

    plain = BadInput(
        KIND,
        "plain names, to compare with",
        "qu-build",
        ("--model", "in/plain.onnx", "--verify-input", "in/plain.npy", *_ARGUMENTS),
        write_plain,
        _WALL_SECONDS,
    )
    hostile = BadInput(
        KIND,
        "every name at once",
        "qu-build",
        ("--model", f"in/{TITLE}.onnx", "--verify-input", f"in/{IMAGES}.npy", *_ARGUMENTS),
        write_hostile,
        _WALL_SECONDS,
    )
    (one, one_folder), (other, other_folder) = pool.run_and_keep(hostile), pool.run_and_keep(plain)
    if other.verdict is not InputVerdict.ACCEPTED or one.verdict is not InputVerdict.ACCEPTED:
        return [_judged(one, f"hostile: {one.why}; plain: {other.why}")]
    return [_judged(one, "; ".join(differences(one_folder / "out" / "build", other_folder / "out" / "build")))]


def _judged(result: InputResult, problem: str) -> InputResult:
    """With a problem found in what was built: a name got into something that a tool or a browser reads."""
    if not problem:
        return result
    verdict = InputVerdict.ESCAPED if result.verdict.good else result.verdict
    return InputResult(result.case, verdict, problem, result.memory, result.seconds)


def rename(model: Any) -> None:
    """Give every tensor and node another hostile name, in turn."""
    names = (f"{text(payload)}{number}" for number, payload in enumerate(itertools.cycle(NAMES.values())))
    new: dict[str, str] = {"": ""}
    graph = model.graph
    for value in (*graph.input, *graph.output):
        new[value.name] = next(names)
    for node in graph.node:
        for name in (*node.input, *node.output):
            if name not in new:
                new[name] = next(names)
        node.name = node.doc_string = next(names)
        node.input[:] = [new[name] for name in node.input]
        node.output[:] = [new[name] for name in node.output]
    for item in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
        item.name = new.get(item.name) or next(names)
    del graph.quantization_annotation[:]
    graph.name = graph.doc_string = model.producer_name = next(names)
    model.metadata_props.add(key=next(names), value=next(names))


def differences(hostile: Path, plain: Path) -> Iterator[str]:
    """What is wrong with a build of hostile names, against that of plain ones."""
    verified = json.loads((hostile / "report" / "verification.json").read_text())
    if not verified["bit_exact"] or verified["mismatches"]:
        yield "not bit-exact"
    for folder in _READ_BY_TOOLS:
        ours, theirs = _files(hostile / folder), _files(plain / folder)
        if ours.keys() != theirs.keys():
            yield f"{folder}: other files: {sorted(ours.keys() ^ theirs.keys())[:3]}"
        for name in sorted(ours.keys() & theirs.keys()):
            if ours[name] != theirs[name]:
                yield f"{folder}/{name} differs"
            if CANARY.encode() in ours[name]:
                yield f"{folder}/{name} holds a name of the model"
    for script in hostile.rglob("*.ys"):
        if CANARY in script.read_text(encoding="utf-8", errors="replace"):
            yield f"{script.name} holds a name of the model"
    scripts = sorted(hostile.rglob("*.tcl"))
    if not scripts:
        yield "no Tcl was written"
    yield from itertools.chain.from_iterable(_complaints_of_tcl(script) for script in scripts)
    page, other = (_Structure.of(folder / "report" / "index.html") for folder in (hostile, plain))
    if page.tags != other.tags:
        yield "names changed the structure of the page"
    if not any(CANARY in said for said in page.texts):
        yield "the page does not show the model's name"


def _files(folder: Path) -> dict[str, bytes]:
    """What tools read; the reports of the stand-in and logs are left out."""
    kept = (".sv", ".v", ".f", ".mem", ".dat", ".json", ".tcl", ".xdc", ".py", ".ys", ".svh", ".hex")
    return {
        path.relative_to(folder).as_posix(): _without_title(path)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in kept
    }


def _without_title(path: Path) -> bytes:
    """The description of a deployed accelerator tells people the network's name, as text."""
    if path.parts[-2:] != ("deploy", "accelerator.json"):
        return path.read_bytes()
    description = json.loads(path.read_bytes())
    del description["name"]
    return json.dumps(description).encode()


#: Runs a script in an interpreter that can neither start programs nor open files; unknown commands are Vivado's.
_SAFE_TCL = """\
set child [interp create -safe]
interp eval $child {proc unknown args {return {}}}
set file [open [lindex $argv 0]]
fconfigure $file -encoding utf-8
interp eval $child [read $file]
"""


def _complaints_of_tcl(script: Path) -> list[str]:
    if shutil.which("tclsh") is None:
        return []
    runner = script.parent / "safe.tcl"
    runner.write_text(_SAFE_TCL)
    ran = subprocess.run(["tclsh", str(runner), str(script)], capture_output=True, text=True, timeout=60, check=False)
    runner.unlink()
    return [] if ran.returncode == 0 else [f"Tcl in {script.name}: {ran.stderr.strip().splitlines()[0][:200]}"]


class _Structure(HTMLParser):
    """Tags with the names of their attributes, in order, and all text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, ...]] = []
        self.texts: list[str] = []

    @classmethod
    def of(cls, page: Path) -> _Structure:
        parser = cls()
        parser.feed(page.read_text(encoding="utf-8"))
        parser.close()
        return parser

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(("/" + tag,))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
