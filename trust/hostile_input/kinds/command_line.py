"""Options: every one that takes a name, a path or a number, with what names, paths and numbers should not be."""

from __future__ import annotations

import shutil
from pathlib import Path

from trust.hostile_input.case import Case
from trust.hostile_input.payloads import NAMES, write_canary_module
from trust.hostile_input.seeds import Seeds

KIND = "command line"
_BUILD = ("--model", "in/network.onnx", "--flow", "none", "--stop-step", "step_qonnx_cleanup", "--batch")
_NUMBERS = ("0", "-1", "1e400", "nan", "inf", "-inf", "1e-320", "99999999999999999999", "0x10", "", "１２", "1_0")


def cases(seeds: Seeds) -> list[Case]:
    def case(name: str, program: str, *arguments: str) -> Case:
        def write(folder: Path) -> None:
            shutil.copy(seeds.network, folder)
            shutil.copytree(seeds.checkpoint, folder / "checkpoint")
            shutil.copytree(seeds.data, folder / "data")
            write_canary_module(folder)

        return Case(KIND, name, program, arguments, write)

    found = []
    out = ("--output", "out/build")
    for name, payload in list(NAMES.items())[::5]:
        if "\0" in payload:
            continue  # no argument can hold it
        for option in ("--board", "--start-step", "--stop-step"):
            found.append(case(f"{option} {name}", "qu-build", *_BUILD, *out, option, payload))
        for option in ("--model", "--config", "--verify-input", "--verify-expected"):
            found.append(case(f"{option} {name}", "qu-build", *_BUILD, *out, option, payload))
        below = f"out/{payload.replace('/', '_')}"
        found.append(case(f"--output {name}", "qu-build", *_BUILD, "--frames", "1", "--output", below))
        found.append(case(f"qu-sim of {name}", "qu-sim", payload))
        found.append(case(f"qu-eval of {name}", "qu-eval", payload))
        if len(payload) > 5000 or name == "shell":  # an export takes its seconds
            found.append(case(f"qu-export to {name}", "qu-export", "in/checkpoint", "--output", f"{below}.onnx"))
        found.append(case(f"qu-data of {name}", "qu-data", "--data", payload))
    for number in _NUMBERS:
        for option in ("--frames", "--jobs", "--target-fps", "--clock-mhz"):
            if (option, number) != ("--frames", "1_0"):
                found.append(case(f"{option} {number}", "qu-build", *_BUILD, *out, option, number))
        for option in ("--test-fraction", "--in-channels", "--image-size"):
            found.append(case(f"{option} {number}", "qu-data", "--data", "in/data", option, number))
        if number not in ("0", "１２", "1_0"):  # which are taken
            found.append(case(f"qu-export --frames {number}", "qu-export", "in/checkpoint", "--output", "out/a.onnx",
                              "--frames", number))  # fmt: skip
    found.append(case("an image of 10^12 pixels", "qu-data", "--data", "in/data", "--image-size", "1048576x1048576"))
    found.append(case("an image of 2^64 pixels a side", "qu-data", "--data", "in/data", "--image-size", str(2**64)))
    return found
