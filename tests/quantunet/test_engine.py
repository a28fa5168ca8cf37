# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import pytest
import torch

from quantunet.engine import TrainingEngine
from quantunet_common.errors import UserError
from tests.quantunet.refusal import refused


def test_a_device_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with refused("no CUDA device"):
        TrainingEngine("cuda")
    assert TrainingEngine("auto").device == torch.device("cpu")


def test_more_processes_than_devices_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    for name, value in {"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    with refused(r"2 processes share 1 CUDA device"):
        TrainingEngine("auto")


@pytest.mark.parametrize("count", [2, 5, 8, 9])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_shares_cover_everything_once_and_evenly(monkeypatch: pytest.MonkeyPatch, count: int, processes: int) -> None:
    monkeypatch.setattr(TrainingEngine, "processes", processes)
    engine, parts = TrainingEngine("cpu"), []
    for rank in range(processes):
        monkeypatch.setattr(TrainingEngine, "rank", rank)
        parts.append(list(range(count))[engine.share(count)])
    assert [item for part in parts for item in part] == list(range(count))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_what_the_first_process_finds_wrong_is_raised() -> None:
    def fails() -> None:
        raise UserError("is wrong")

    engine = TrainingEngine("cpu")
    assert engine.first(lambda: 3) == 3
    with refused("is wrong"):
        engine.first(fails)


def test_arithmetic_is_repeatable_for_the_time_of_a_training() -> None:
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.allow_tf32
    with TrainingEngine("cpu").running():
        assert torch.backends.cudnn.deterministic
        assert not torch.backends.cudnn.allow_tf32
    assert (torch.backends.cudnn.deterministic, torch.backends.cudnn.allow_tf32) == before
