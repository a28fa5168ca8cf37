# SPDX-License-Identifier: BSD-3-Clause
"""What the commands share: one way to end, complaints that cannot steer a terminal, and the option `--config`."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from quantunet_common.configurations import Purpose, what_to_give
from quantunet_common.errors import UserError
from quantunet_common.messages import printable

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])
_Arguments = ParamSpec("_Arguments")

#: Exit status of a command that was given what it cannot use, or lacks what it needs.
UNUSABLE = 2
#: Exit status of an interrupted command, as of one that SIGINT ended.
INTERRUPTED = 130


@dataclass(frozen=True)
class Ending:
    """How commands end on what a user can cause: one message on standard error, an exit status, no traceback."""

    show: Callable[[UserError], str]
    """The message of an error."""
    from_system: Callable[[OSError], UserError | None]
    """What to tell of an error of the operating system; None: it is a bug, and its traceback is shown."""
    less_memory: str
    """What to do where memory does not suffice."""
    interrupted: str
    """What to do after an interruption."""

    def __call__(self, command: Callable[_Arguments, int | None]) -> Callable[_Arguments, None]:
        """Decorates a command; an exit status that it returns ends the process."""

        @functools.wraps(command)
        def run(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> None:
            try:
                status = command(*args, **kwargs)
            except UserError as error:
                status = self._complain(error)
            except OSError as error:
                told = self.from_system(error)
                if told is None:
                    raise
                status = self._complain(told)
            except MemoryError:
                status = self._complain(UserError("not enough memory", "", self.less_memory))
            except KeyboardInterrupt:
                click.echo(f"interrupted; {self.interrupted}", err=True)
                status = INTERRUPTED
            if status is not None:
                sys.exit(status)

        return run

    def _complain(self, error: UserError) -> int:
        click.echo(printable(f"error: {self.show(error)}"), err=True)
        return UNUSABLE


class Command(click.Command):
    """A command that escapes what it quotes of wrong arguments, as the rest of its messages does."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise click.UsageError(printable(error.format_message()), error.ctx) from None


def config_option(purpose: Purpose, required: bool = False) -> Callable[[_Decorated], _Decorated]:
    """`--config`, which comes as `config_file`: a path, or a name for `configuration_file`."""
    words = what_to_give(purpose)
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        required=required,
        metavar="FILE|NAME",
        help=f"Settings: {words}. Other options override them.",
    )
