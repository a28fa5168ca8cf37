# SPDX-License-Identifier: BSD-3-Clause
"""What a command quotes of wrong arguments is escaped, and what a user can cause ends in one message."""

from __future__ import annotations

import errno
from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner

from hw_flows.cli import ends_cleanly as of_the_hardware
from quantunet.cli import ends_cleanly as of_the_training
from quantunet_common.command import Command, Ending
from quantunet_common.errors import UserError

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


def raising(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


def ended(ending: Ending, command: Callable[[], int | None], capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    with pytest.raises(SystemExit) as caught:
        ending(command)()
    return caught.value.code, capsys.readouterr().err


WRONG = UserError("is damaged", "net.onnx", "Export it again.")
FULL = OSError(errno.ENOSPC, "No space left on device", "model.onnx")
NO_NAME = OSError(errno.ENAMETOOLONG, "File name too long", "x" * 9)


@pytest.mark.parametrize(
    ("ending", "error", "status", "message"),
    [
        (of_the_hardware, WRONG, 2, "error: is damaged\n  where: net.onnx\n  to do: Export it again.\n"),
        (of_the_training, WRONG, 2, "error: net.onnx: is damaged\n  Export it again.\n"),
        (of_the_hardware, UserError("damaged"), 2, "error: damaged\n"),
        (of_the_training, UserError("damaged"), 2, "error: damaged\n"),
        (of_the_training, FULL, 2, "error: model.onnx: No space left on device\n"),
        (of_the_training, OSError("odd"), 2, "error: system: odd\n"),
        (of_the_hardware, NO_NAME, 2, "error: File name too long\n  where: xxxxxxxxx\n"),
        (of_the_training, MemoryError(), 2, "error: not enough memory\n  Use smaller images or smaller batches.\n"),
        (of_the_hardware, KeyboardInterrupt(), 130, "interrupted; the same command continues where it stopped\n"),
        (of_the_training, KeyboardInterrupt(), 130, "interrupted; continue the training with --resume\n"),
        (of_the_hardware, UserError(HOSTILE), 2, "error: \\x1b]0;title\\x07\\x1b[2J\n"),
    ],
)
def test_what_a_user_can_cause_is_one_message(
    ending: Ending, error: BaseException, status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(ending, raising(error), capsys) == (status, message)


def test_a_full_disk_says_how_a_build_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    status, message = ended(of_the_hardware, raising(FULL), capsys)
    assert status == 2
    assert message.startswith("error: No space left on device\n  where: model.onnx\n  to do: free disk space")


@pytest.mark.parametrize("error", [ZeroDivisionError(), OSError(errno.EIO, "Input/output error")])
def test_a_bug_keeps_its_traceback(error: Exception) -> None:
    with pytest.raises(type(error)):
        of_the_hardware(raising(error))()


def test_a_status_ends_the_process_and_none_returns(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(of_the_hardware, lambda: 1, capsys) == (1, "")
    assert ended(of_the_hardware, lambda: 0, capsys) == (0, "")
    of_the_training(lambda: None)()
