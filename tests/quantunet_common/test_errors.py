# SPDX-License-Identifier: BSD-3-Clause
"""One error in two forms, which also travels between processes."""

from __future__ import annotations

import pickle

import pytest

from hw_flows.machine.errors import CheckFailed
from quantunet_common.errors import UserError


@pytest.mark.parametrize(
    ("error", "lines", "place_first"),
    [
        (UserError("it is cut"), "it is cut", "it is cut"),
        (UserError("it is cut", "net.pt"), "it is cut\n  where: net.pt", "net.pt: it is cut"),
        (UserError("it is cut", "", "Train."), "it is cut\n  to do: Train.", "it is cut\n  Train."),
        (
            UserError("it is cut", "net.pt", "Train."),
            "it is cut\n  where: net.pt\n  to do: Train.",
            "net.pt: it is cut\n  Train.",
        ),
    ],
)
def test_what_where_and_fix_are_told_in_either_form(error: UserError, lines: str, place_first: str) -> None:
    assert (str(error), error.place_first) == (lines, place_first)
    assert error.headline == place_first.splitlines()[0]


@pytest.mark.parametrize("kind", [UserError, CheckFailed])
def test_another_process_gets_the_same_error(kind: type[UserError]) -> None:
    sent = kind("it is cut", "net.pt", "Train.")
    received = pickle.loads(pickle.dumps(sent))
    assert type(received) is kind and vars(received) == vars(sent) and str(received) == str(sent)
