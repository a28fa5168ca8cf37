# SPDX-License-Identifier: BSD-3-Clause
"""What a stranger does with the installed wheel, and what must come of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from trust.wheel.machine import Machine

Check = Callable[[Machine], str | None]
"""What is wrong; None where all is well."""


def helps(machine: Machine) -> str | None:
    """Every command is there and says what it does."""
    commands = machine.commands()
    missing = [c for c in commands if not machine.shell(f"{c} --help").startswith(f"Usage: {c}")]
    return f"no help: {', '.join(missing)}" if missing or not commands else None


def says_what_is_missing(machine: Machine) -> str | None:
    """What pip leaves out is named by the first command with one message, whose command, as it is printed, brings it."""
    said = machine.shell("qu-build --board pynq-z2; test $? -eq 2")
    command = printed_command(said)
    if command is None or said.count("error:") != 1 or "Traceback" in said:
        return f"not one message with one command:\n{said}"
    machine.shell(command)
    return None


def printed_command(message: str) -> str | None:
    """The one command that a message names, between backquotes."""
    found = re.findall(r"`([^`]+)`", message)
    return found[0] if len(found) == 1 else None


def ready(machine: Machine) -> str | None:
    said = machine.shell("qu-doctor")
    return None if re.search(r"^flow none: .*?^  -> ready$", said, re.MULTILINE | re.DOTALL) else said


def unknown_name(machine: Machine) -> str | None:
    """A name that no configuration has is answered with those there are."""
    for command, known in (
        ("qu-build", "demo"),
        ("qu-train --output unknown", "train_demo"),
        ("qu-experiment --output unknown", "experiment_icbm152"),
    ):
        said = machine.shell(f"{command} --config unknown; test $? -eq 2")
        if known not in said or "Traceback" in said:
            return f"{command}: {said}"
    return None


def built(machine: Machine) -> str | None:
    """The packaged network becomes RTL that is bit-exact in simulation."""
    machine.shell("qu-build --config demo --stop-step step_verify --batch")
    report = json.loads((machine.work / "builds" / "demo" / "report" / "verification.json").read_text(encoding="utf-8"))
    return None if report["bit_exact"] and report["values_compared"] > 0 else f"verification: {report}"


def simulated(machine: Machine) -> str | None:
    """Without waves, whose simulator would have to be compiled first."""
    machine.shell("qu-sim builds/demo --frames 1 --stall 0.5 --output logits.npy")
    return None if (machine.work / "logits.npy").is_file() else "qu-sim wrote no logits"


def trained(machine: Machine) -> str | None:
    """A packaged training, for two steps; its checkpoint is measured and exported."""
    machine.shell("qu-train --config train_demo --steps 2 --output run")
    machine.shell("qu-eval run/best --json scores.json && qu-export run/best --output network.onnx")
    return None if (machine.work / "network.onnx").is_file() else "qu-export wrote no network"


#: In this order: the second installs what the later ones need.
CHECKS: tuple[tuple[str, Check], ...] = (
    ("`--help` of every command", helps),
    ("the first message brings what pip leaves out", says_what_is_missing),
    ("`qu-doctor`", ready),
    ("an unknown configuration", unknown_name),
    ("`qu-build --config demo` up to its verification", built),
    ("`qu-sim` of it", simulated),
    ("`qu-train --config train_demo`, `qu-eval`, `qu-export`", trained),
)
