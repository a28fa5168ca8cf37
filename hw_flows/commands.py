# SPDX-License-Identifier: BSD-3-Clause
"""What the installed commands of this package call; a missing package is told before it is needed."""

from __future__ import annotations

from quantunet_common.installation import start


def build() -> None:
    start("hw_flows.cli:build_main")


def sim() -> None:
    start("hw_flows.cli:sim_main")


def compare() -> None:
    start("hw_flows.cli:compare_main")


def lift() -> None:
    start("hw_flows.cli:lift_main")


def doctor() -> None:
    start("hw_flows.cli:doctor_main")
