# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from pathlib import Path

from quantunet.foreign.origin import Origin, read_origin
from tests.quantunet.refusal import refused


def test_an_origin_comes_back_as_it_was_written(tmp_path: Path) -> None:
    origin = Origin(family="a/b", file="net.pth", sha256="12", taken=3, not_taken=("head (why)",), inexact=("edges",))
    (tmp_path / "origin.json").write_text(origin.model_dump_json())
    assert read_origin(tmp_path / "origin.json") == origin
    assert str(origin) == "starts from net.pth (a/b): 3 convolutions taken; not taken: head (why); edges"


def test_there_may_be_none_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    assert read_origin(tmp_path / "none.json") is None
    (tmp_path / "origin.json").write_text('{"family": ')
    with refused("origin.json: is damaged"):
        read_origin(tmp_path / "origin.json")
