# SPDX-License-Identifier: BSD-3-Clause
"""What the installed commands of this package call; a missing package is told before it is needed."""

from __future__ import annotations

from quantunet_common.installation import start


def train() -> None:
    start("quantunet.cli:train_main")


def export() -> None:
    start("quantunet.cli:export_main")


def data() -> None:
    start("quantunet.cli_data:data_main")
