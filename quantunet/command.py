# SPDX-License-Identifier: BSD-3-Clause
"""Commands whose complaints about their own arguments cannot steer a terminal."""

from __future__ import annotations

from typing import Any

import click

from quantunet.messages import printable


class Command(click.Command):
    """A command that escapes what it quotes of wrong arguments, as the rest of its messages does."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            raise click.UsageError(printable(error.format_message()), error.ctx) from None
