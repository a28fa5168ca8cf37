# SPDX-License-Identifier: BSD-3-Clause
"""What the commands share: complaints that cannot steer a terminal, and the option `--config`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from quantunet.configurations import Purpose, what_to_give
from quantunet.messages import printable

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


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
