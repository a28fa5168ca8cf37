# SPDX-License-Identifier: BSD-3-Clause
"""What the installed commands of this package call; a missing package is told before it is needed."""

from __future__ import annotations

from quantunet_common.installation import start


def evaluate() -> None:
    start("quantunet_lab.cli:eval_main")


def experiment() -> None:
    start("quantunet_lab.cli:experiment_main")


def ablate() -> None:
    start("quantunet_lab.cli:ablate_main")
