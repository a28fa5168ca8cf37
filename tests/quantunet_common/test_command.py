# SPDX-License-Identifier: BSD-3-Clause
"""What a command quotes of wrong arguments is escaped."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from quantunet_common.command import Command

HOSTILE = "\x1b]0;title\x07\x1b[2J"


@click.command(cls=Command)
@click.option("--colour", type=click.Choice(["red", "green"]))
def paint(colour: str | None) -> None:
    click.echo(f"painted {colour}")


@pytest.mark.parametrize("arguments", [[HOSTILE], ["--colour", HOSTILE], [f"--{HOSTILE}"]])
def test_wrong_arguments_cannot_steer_a_terminal(arguments: list[str]) -> None:
    done = CliRunner().invoke(paint, arguments)
    assert done.exit_code == 2
    assert "\x1b" not in done.output and "\\x1b]0;title" in done.output


def test_right_arguments_reach_the_command() -> None:
    assert CliRunner().invoke(paint, ["--colour", "red"]).output == "painted red\n"
