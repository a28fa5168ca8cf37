# SPDX-License-Identifier: BSD-3-Clause
"""A stand-in for `vivado` in batch mode: checks the script that it is given and leaves what the real one would.

It reads the commands of a non-project script in order, insists that every file exists, that sources come before
synthesis and synthesis before the rest, and writes reports and bitstream where the script says. `MOCK_VIVADO` chooses
what goes wrong, `MOCK_VERSION` which version it is; `MOCK_OPERATORS` lists the instances that its report holds. A SAIF file
is read where its instances, below the path that is stripped, lead through those of the sources.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import report_texts

ORDER = (
    "create_project",
    "read_verilog",
    "read_mem",
    "read_xdc",
    "synth_design",
    "opt_design",
    "place_design",
    "phys_opt_design",
    "route_design",
    "report_timing_summary",
    "report_utilization",
    "read_saif",
    "report_power",
    "write_checkpoint",
    "write_bitstream",
)

#: What was read so far.
SOURCES: list[Path] = []
TOP: list[str] = []
ACTIVITY: list[str] = []


def fail(*lines: str) -> None:
    print("\n".join(lines))
    print("INFO: [Common 17-206] Exiting Vivado at Sat Nov 21 10:00:00 2026...")
    sys.exit(1)


def commands(text: str) -> list[list[str]]:
    """The script's commands as words; `[list a b]` becomes the words a and b."""
    joined = re.sub(r"\\\n", " ", text)
    joined = re.sub(r"^if \{\[catch \{(.*)\} message\]\} \{$", r"\1", joined, flags=re.MULTILINE)
    joined = re.sub(r"\[list\s+([^]]*)\]", r"\1", joined)
    lines = [line.strip() for line in joined.splitlines()]
    return [
        shlex.split(line.replace("{", "'").replace("}", "'"))
        for line in lines
        if line and line[0] not in "#}" and not line.startswith(("if ", "puts ", "exit ", "set missing"))
    ]


def main() -> None:
    version, mode = os.environ.get("MOCK_VERSION", "2022.2"), os.environ.get("MOCK_VIVADO", "")
    if "-version" in sys.argv:
        if mode == "library":
            print("vivado: error while loading shared libraries: libtinfo.so.5: cannot open shared object file")
            sys.exit(127)
        print(report_texts.VERSION_ANSWERS[version])
        return
    arguments = sys.argv[1:]
    assert arguments[:2] == ["-mode", "batch"], arguments
    script = Path(arguments[arguments.index("-source") + 1])
    print(f"****** Vivado v{version} (64-bit)\nsource {script} -notrace")
    done: list[str] = []
    for name, *words in commands(script.read_text()):
        if name in ORDER:
            late = [earlier for earlier in done if ORDER.index(earlier) > ORDER.index(name)]
            if late:
                fail(f"ERROR: [Mock 1-1] {name} comes after {late[0]}")
            done.append(name)
        step(name, words, version, mode)
    print("INFO: [Common 17-206] Exiting Vivado at Sat Nov 21 10:00:00 2026...")


def read_saif(words: list[str], top: str) -> None:
    """As its place in a `catch`: an error is told, and the script goes on."""
    strip, text = words[words.index("-strip_path") + 1], Path(words[-1]).read_text()
    Path(words[words.index("-out_file") + 1]).write_text("")
    path = re.findall(r"^\(INSTANCE (\S+)$", text.partition("(NET")[0], re.MULTILINE)
    below = path[len(strip.split("/")) :]
    sources = "".join(source.read_text() for source in SOURCES)
    lost = [name for name in below if not re.search(rf"\b{name}\s*\(", sources)]
    if path[: len(path) - len(below)] != strip.split("/") or strip != top or lost or text.count("(") != text.count(")"):
        print(f"WARNING: the switching activity was not read: {strip} {path} {lost}")
        return
    nets = text.count("(TC ")
    ACTIVITY[:] = [words[-1], f"52%   ({nets}/{2 * nets})"]


def step(name: str, words: list[str], version: str, mode: str) -> None:
    if name == "create_project" and mode == "part":
        fail(
            "WARNING: [Device 21-436] No parts matched 'xc7z020clg400-1'",
            "ERROR: [Coretcl 2-106] Specified part could not be found.",
        )
    if name in ("read_verilog", "read_mem", "read_xdc"):
        for file in (word for word in words if not word.startswith("-")):
            if not Path(file).is_file():
                fail(f"ERROR: [Common 17-55] '{name}' expects at least one object: {file} does not exist")
        SOURCES.extend(Path(word) for word in words if not word.startswith("-"))
    if name == "synth_design":
        TOP.append(words[words.index("-top") + 1])
        if mode == "licence":
            fail(
                "Attempting to get a license for feature 'Synthesis' and/or device 'xc7z020'",
                "ERROR: [Common 17-345] A valid license was not found for feature 'Synthesis' and/or device 'xc7z020'.",
            )
        if mode == "hang":
            time.sleep(600)
        if mode == "crash":
            print("Abnormal program termination (11)", flush=True)
            os.kill(os.getpid(), 11)
        if mode == "memory":
            print(
                "CRITICAL WARNING: [Synth 8-4445] could not open $readmem data file 'a_weights.mem'; please make "
                "sure the file is added to project and has read permission, ignoring [qu_weights.sv:19]"
            )
    if name == "place_design" and mode == "too_big":
        fail(
            "ERROR: [DRC UTLZ-1] Resource utilization: LUT as Logic over-utilized in Top Level Design (This design "
            "requires more LUT as Logic cells than are available in the target device. This design requires 61044 of "
            "such cell types but only 53200 compatible sites are available in the target device.)",
            "ERROR: [Common 17-69] Command failed: Placer could not place all instances",
        )
    if name == "read_saif":
        read_saif(words, TOP[0])
    if name.startswith("report_"):
        target = Path(words[words.index("-file") + 1])
        if name == "report_timing_summary":
            slow = {"setup": "-1.250", "failing": 310} if mode == "timing" else {}
            if mode == "hold":
                slow = {"hold": "-0.020", "failing": 2}
            if mode == "no_clock":
                slow = {"setup": "NA"}
            target.write_text(report_texts.timing(version, **slow))
        elif "-hierarchical" in words:
            target.write_text(report_texts.hierarchy(os.environ.get("MOCK_OPERATORS", "").split(), version))
        elif name == "report_utilization":
            target.write_text(report_texts.utilization(version))
        elif name == "report_power" and mode != "no_power":
            target.write_text(report_texts.power(version, **dict(zip(("activity", "matched"), ACTIVITY, strict=False))))
        else:
            target.write_text(report_texts.header(version, name))
    if name == "write_checkpoint":
        Path(words[-1]).write_bytes(b"checkpoint")
    if name == "write_bitstream":
        Path(words[-1]).write_bytes(report_texts.bitfile())


if __name__ == "__main__":
    main()
