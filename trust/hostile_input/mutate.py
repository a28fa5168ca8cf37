# SPDX-License-Identifier: BSD-3-Clause
"""Deterministic damage: to bytes, to trees of plain values, and values that nobody expects."""

from __future__ import annotations

import copy
import functools
import random
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trust.hostile_input.payloads import NAMES

_T = TypeVar("_T")


def damaged(data: bytes, count: int, seed: str) -> Iterator[tuple[str, bytes]]:
    """`count` damaged copies of `data`, each with what was done; the same seed gives the same."""
    source = random.Random(seed)
    kinds: list[Callable[[bytearray, random.Random], str]] = [
        _flip,
        _cut,
        _flip_in_front,
        _insert,
        _remove,
        _repeat,
        _numbers,
        _zero,
    ]
    for index in range(count):
        content = bytearray(data)
        done = kinds[index % len(kinds)](content, source)
        yield f"{done}, {index}", bytes(content)


def _flip(content: bytearray, source: random.Random) -> str:
    for _ in range(count := source.choice((1, 3, 16))):
        content[source.randrange(len(content))] ^= 1 << source.randrange(8)
    return f"{count} bits flipped"


def _flip_in_front(content: bytearray, source: random.Random) -> str:
    """Headers lie there."""
    for _ in range(3):
        content[source.randrange(min(256, len(content)))] = source.choice(
            (0, 1, 0x7F, 0x80, 0xFF, source.randrange(256))
        )
    return "3 of the first bytes changed"


def _cut(content: bytearray, source: random.Random) -> str:
    del content[source.randrange(len(content)) :]
    return f"cut after {len(content)} bytes"


def _insert(content: bytearray, source: random.Random) -> str:
    content[(place := source.randrange(len(content))) : place] = source.randbytes(source.choice((1, 8, 300)))
    return "bytes inserted"


def _remove(content: bytearray, source: random.Random) -> str:
    start = source.randrange(len(content))
    del content[start : start + source.choice((1, 2, 100))]
    return "bytes removed"


def _repeat(content: bytearray, source: random.Random) -> str:
    start = source.randrange(len(content))
    part = content[start : start + 200]
    content[start:start] = part * 3
    return "a part repeated"


def _numbers(content: bytearray, source: random.Random) -> str:
    """Sizes and offsets become large or negative."""
    size = source.choice((2, 4, 8))
    start = source.randrange(max(1, min(1024, len(content)) - size))
    content[start : start + size] = source.choice((b"\xff" * size, b"\xff" * (size - 1) + b"\x7f", b"\0" * size))
    return f"a number of {size} bytes changed"


def _zero(content: bytearray, source: random.Random) -> str:
    start = source.randrange(len(content))
    length = min(len(content) - start, source.choice((16, 512)))
    content[start : start + length] = bytes(length)
    return f"{length} bytes zeroed"


@functools.cache
def values(count: int) -> list[Any]:
    """Plain values of every type, the usual suspects first, then what hypothesis draws."""
    suspects: list[Any] = [
        None,
        True,
        "",
        0,
        -1,
        1,
        2**31,
        2**63,
        -(2**63),
        10**400,
        0.5,
        1e308,
        float("nan"),
        float("inf"),
        -float("inf"),
        [],
        {},
        [[]],
        [None],
        {"": ""},
        "nan",
        "1e999",
        "0x10",
        "\0",
        "2024-01-01",
        *NAMES.values(),
    ]
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    trees = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
    return [*suspects, *drawn(trees, max(1, count - len(suspects)))][:count]


def drawn(strategy: st.SearchStrategy[_T], count: int) -> list[_T]:
    """What hypothesis draws, the same every time."""
    found: list[_T] = []

    @settings(
        derandomize=True,
        database=None,
        max_examples=count,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: _T) -> None:
        found.append(value)

    collect()
    return found[:count]


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all values in a tree of dictionaries and lists, itself first."""
    yield path
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from places(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from places(value, (*path, index))


def changed(tree: Any, count: int, seed: str) -> Iterator[tuple[str, Any]]:
    """`count` copies of `tree` with one value replaced, removed or added, each with what was done."""
    source = random.Random(seed)
    everywhere = [path for path in places(tree) if path]
    strange = values(200)
    for index in range(count):
        path = everywhere[index % len(everywhere)] if index < 2 * len(everywhere) else source.choice(everywhere)
        value = source.choice(strange)
        result = copy.deepcopy(tree)
        parent = result
        for key in path[:-1]:
            parent = parent[key]
        name = ".".join(map(str, path))
        match index % 7:
            case 5:
                del parent[path[-1]]
                yield f"{name} removed, {index}", result
            case 6 if isinstance(parent, dict):
                parent[str(value)[:100]] = value
                yield f"a key beside {name}, {index}", result
            case _:
                parent[path[-1]] = value
                yield f"{name} = {str(value)[:40]!r}, {index}", result
