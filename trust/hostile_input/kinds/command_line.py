# SPDX-License-Identifier: BSD-3-Clause
"""Options: every one that takes a name, a path or a number, with what names, paths and numbers should not be."""

from __future__ import annotations

import shutil
from pathlib import Path

from trust.hostile_input.case import BadInput
from trust.hostile_input.kinds.build_folders import copy_build
from trust.hostile_input.payloads import NAMES, write_canary_module
from trust.hostile_input.seeds import Seeds
from trust.hostile_input.zygote import OUTPUT

KIND = "command line"
_BUILD = ("--model", "in/network.onnx", "--flow", "none", "--stop-step", "step_qonnx_cleanup", "--batch")
_NUMBERS = ("0", "-1", "1e400", "nan", "inf", "-inf", "1e-320", "99999999999999999999", "0x10", "", "１２", "1_0")


def cases(seeds: Seeds) -> list[BadInput]:
    def case(name: str, program: str, *arguments: str, attacked: str = "") -> BadInput:
        def write(folder: Path) -> None:
            shutil.copy(seeds.network, folder)
            shutil.copytree(seeds.checkpoint, folder / "checkpoint")
            shutil.copytree(seeds.data, folder / "data")
            write_canary_module(folder)

        return BadInput(KIND, name, program, arguments, write, attacked=attacked)

    found = []
    out = ("--output", "out/build")
    for name, payload in list(NAMES.items())[::5]:
        if "\0" in payload:
            continue  # no argument can hold it
        for option in ("--board", "--start-step", "--stop-step", "--input-shape", "--output-tensor"):
            found.append(case(f"{option} {name}", "qu-build", *_BUILD, *out, option, payload))
        for option in ("--model", "--config", "--verify-input", "--verify-expected"):
            found.append(case(f"{option} {name}", "qu-build", *_BUILD, *out, option, payload, attacked=option))
        found.append(case(f"--check {name}", "qu-build", "--check", payload, attacked="--check"))
        below = f"out/{payload.replace('/', '_')}"
        found.append(
            case(f"--output {name}", "qu-build", *_BUILD, "--frames", "1", "--output", below, attacked="--output")
        )
        found.append(case(f"qu-sim of {name}", "qu-sim", payload, attacked="BUILD_DIR"))
        found.append(case(f"qu-eval of {name}", "qu-eval", payload, attacked="CHECKPOINT"))
        found.append(case(f"qu-data of {name}", "qu-data", "--data", payload, attacked="--data"))
    for number in _NUMBERS:
        for option in ("--frames", "--jobs", "--target-fps", "--clock-mhz"):
            if (option, number) != ("--frames", "1_0"):
                found.append(case(f"{option} {number}", "qu-build", *_BUILD, *out, option, number))
        shape = ("--input-shape", f"1,1,{number},16")
        found.append(case(f"--input-shape {number}", "qu-build", *_BUILD, *out, *shape))
        for option in ("--test-fraction", "--in-channels", "--image-size"):
            found.append(case(f"{option} {number}", "qu-data", "--data", "in/data", option, number))
        if number not in ("0", "１２", "1_0"):  # which are taken
            found.append(
                case(
                    f"qu-export --frames {number}",
                    "qu-export",
                    "in/checkpoint",
                    "--output",
                    "out/a.onnx",
                    "--frames",
                    number,
                )
            )
    for name, payload in list(NAMES.items())[::7]:
        if "\0" not in payload:
            found += [
                case(f"{program} {option} {name}", program, *arguments, *_given(option, value), attacked=option)
                for program, option, value, arguments in _file_options(payload)
            ]
    found += [_of_build(seeds, option, "terminal") for option in ("--waves", "--saif", "--output")]
    found.append(case("qu-doctor, nothing", "qu-doctor"))
    found.append(case("qu-doctor, an argument", "qu-doctor", "--", NAMES["terminal"]))
    found.append(case("an image of 10^12 pixels", "qu-data", "--data", "in/data", "--image-size", "1048576x1048576"))
    found.append(case("an image of 2^64 pixels a side", "qu-data", "--data", "in/data", "--image-size", str(2**64)))
    return found


def _file_options(payload: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Command, option, its value and the arguments before it: the file options that the other kinds do not name oddly."""
    below = f"out/{payload.replace('/', '_')}"
    evaluated = ("in/checkpoint", "--data", "in/data")
    trained = ("--image-size", "16x16", "--base-width", "1", "--depth", "1", "--steps", "1")
    experiment = ("--page-only", "--output", "out/experiment")
    ablation = ("--table-only", "--output", "out/ablation")
    return [
        ("qu-train", "--config", payload, ("--output", "out/run")),
        ("qu-train", "--data", payload, (*trained, "--output", "out/run")),
        ("qu-train", "--output", below, (*trained, "--data", "in/data")),
        ("qu-train", "--init", payload, (*trained, "--data", "in/data", "--output", "out/run")),
        ("qu-train", "--teacher", payload, (*trained, "--data", "in/data", "--output", "out/run")),
        ("qu-eval", "--data", payload, ("in/checkpoint",)),
        ("qu-eval", "--json", below, evaluated),
        ("qu-eval", "--images-to", below, evaluated),
        ("qu-eval", "--logits", payload, evaluated),
        ("qu-eval", "--onnx", payload, evaluated),
        ("qu-eval", "--build", payload, evaluated),
        ("qu-eval", "--against", payload, evaluated),
        ("qu-experiment", "--config", payload, experiment),
        ("qu-experiment", "--output", below, ("--page-only", "--config", "in/missing.yaml")),
        ("qu-experiment", "--data", payload, (*experiment, "--config", "experiment_icbm152")),
        ("qu-ablate", "--config", payload, ablation),
        ("qu-ablate", "--output", below, ("--table-only", "--config", "in/missing.yaml")),
        ("qu-ablate", "--data", payload, (*ablation, "--config", "experiment_recipe_hc18")),
        ("qu-export", "CHECKPOINT", payload, ("--output", "out/a.onnx")),
        ("qu-export", "--output", f"{below}.onnx", ("in/checkpoint",)),
        ("qu-data", "--config", payload, ()),
        ("qu-data", "--output", below, ("--original", "hc18", "--data", "in/data")),
        ("qu-data", "--pictures", below, ("--data", "in/data", "--image-size", "16x16")),
        ("qu-sim", "--input", payload, ("in/data",)),
    ]


def _of_build(seeds: Seeds, option: str, name: str) -> BadInput:
    """A finished build is simulated, and writes to a file of an odd name."""

    def write(folder: Path) -> None:
        copy_build(seeds, folder.parent)

    below = f"{OUTPUT}/{NAMES[name].replace('/', '_')}"
    return BadInput(
        KIND, f"qu-sim {option} {name}", "qu-sim", (f"{OUTPUT}/build", option, below), write, attacked=option
    )


def _given(option: str, value: str) -> tuple[str, ...]:
    """As it stands on the command line; arguments have no name there."""
    return (option, value) if option.startswith("--") else ("--", value)
