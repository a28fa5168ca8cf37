# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import errno
import gc
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest
from torch.utils.data import DataLoader

from quantunet.data import Pairs
from quantunet.data.sampling import batch
from quantunet.data.store import PictureStore
from tests.quantunet.refusal import refused

SHAPE = (2, 8, 6)


def filled(limit: int, count: int = 7) -> Pairs:
    random = np.random.default_rng(0)
    store = PictureStore(SHAPE, limit)
    for index in range(count):
        image = random.integers(0, 256, SHAPE).astype(np.uint8)
        store.add(f"p{index}", image, (image[:1] > 99).astype(np.uint8))
    assert len(store) == count
    return store.pairs()


def test_pictures_beyond_the_limit_lie_in_a_file_and_are_the_same() -> None:
    held, mapped = filled(10**6), filled(300)
    assert held.files is None
    assert mapped.files is not None
    assert isinstance(mapped.images, np.memmap)
    assert mapped.names == held.names
    for kind in ("images", "masks"):
        assert np.array_equal(getattr(mapped, kind), getattr(held, kind))
    for first, second in zip(mapped.as_float(), held.as_float(), strict=True):
        assert first.dtype == np.float32
        assert np.array_equal(first, second)
    for augment in (True, False):
        drawn = [batch(pairs, 5, seed=1, step=2, augment=augment) for pairs in (held, mapped)]
        assert np.array_equal(drawn[0][0], drawn[1][0])
    with pytest.raises(ValueError, match="read-only"):
        mapped.images[0, 0, 0, 0] = 1


def test_the_file_goes_with_its_pairs() -> None:
    pairs = filled(0)
    assert pairs.files is not None
    folder = pairs.files[0].parent
    assert folder.is_dir()
    del pairs
    gc.collect()
    assert not folder.exists()


def test_mapped_pairs_are_sent_to_another_process_without_their_pixels() -> None:
    mapped, held = filled(0, count=200), filled(10**6, count=200)
    text = pickle.dumps(mapped)
    assert len(text) < 4000 < len(pickle.dumps(held))
    again = pickle.loads(text)
    assert isinstance(again.images, np.memmap)
    assert np.array_equal(again.masks, mapped.masks)
    assert np.array_equal(pickle.loads(pickle.dumps(held)).images, held.images)


def test_a_part_of_the_pairs_is_a_view() -> None:
    for pairs in (filled(0), filled(10**6)):
        part = pairs[2:5]
        assert part.names == ("p2", "p3", "p4")
        assert np.shares_memory(part.images, pairs.images)
        assert np.array_equal(pickle.loads(pickle.dumps(part)).masks, pairs.masks[2:5])


class _Pictures:
    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> np.ndarray:
        return np.array(self._pairs.images[index])


def test_several_workers_read_the_mapped_pairs_and_leave_the_file_there() -> None:
    pairs = filled(0)
    assert pairs.files is not None
    for _ in range(2):
        read = [picture.numpy() for picture in DataLoader(_Pictures(pairs), batch_size=None, num_workers=2)]  # type: ignore[arg-type]
        assert np.array_equal(np.stack(read), pairs.images)
    assert pairs.files[0].is_file()


def test_what_was_begun_can_be_discarded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    store = PictureStore(SHAPE, 0)
    store.add("a", np.zeros(SHAPE, np.uint8), np.zeros((1, 8, 6), np.uint8))
    assert list(tmp_path.iterdir())
    store.discard()
    assert not list(tmp_path.iterdir())


def test_no_room_for_the_file_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **more: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with refused(r"No space left on device(.|\n)*memory_mib"):
        filled(0)
