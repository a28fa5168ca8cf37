# SPDX-License-Identifier: BSD-3-Clause
"""Streams that wait in memory: what they take on a 7-series device, words a cycle, and how long a word is on its way.

    .venv/bin/python benchmarks/stream_memory.py [--markdown]

Resources are synthesized, the rest is simulated with every word compared; both are the same in every run. Rings of 128 KiB.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tables import table

from hw_flows.families.resources import Resources
from hw_flows.simulate.board_memory import ZYNQ_HP, Memory
from hw_flows.stream_memory.ring import Ring
from hw_flows.stream_memory.write import MODULE, SOURCES, write_rings
from hw_flows.testing.ring_bench import Run, Traffic, compile_rings, simulate
from hw_flows.testing.synthesis import module_resources

BYTES = 128 * 1024
WORDS = 12_000
#: Cycles in which words only come in, so that all of them are in memory afterwards.
FILLING = 60_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    for count, bits in ((1, 16), (2, 16), (4, 16), (8, 16), (1, 8), (1, 24), (1, 64), (1, 128)):
        cost = resources(rings(count, bits))
        rows.append((count, bits, int(cost.LUT), int(cost.FF), int(cost.LUTRAM + cost.SRL), float(cost.BRAM36)))
    print(
        table("7-series", ("streams", "bits of a word", "LUT", "FF", "LUT as memory", "RAMB36"), rows, options.markdown)
    )

    rows = []
    for count in (1, 2, 4):
        streams = rings(count, 64)
        binary = compile_rings(streams, jobs=2)
        memories = [Memory(latency=latency) for latency in (10, 20, 40, 80, 160)]
        rows += [
            (count, memory.latency, *(f"{rate(binary, streams, memory, write):.3f}" for write in (False, True)))
            for memory in memories
        ]
        rows.append((count, "Zynq HP", *(f"{rate(binary, streams, ZYNQ_HP, write):.3f}" for write in (False, True))))
    header = ("streams", "latency", "read alone", "written and read")
    print(table("Rows a cycle of all streams", header, rows, options.markdown))

    streams = rings(1, 64)
    binary = compile_rings(streams, jobs=2)
    rows = [
        (memory.title or f"latency {memory.latency}", *way(binary, streams, memory))
        for memory in (Memory(latency=10), Memory(latency=20), Memory(latency=40), ZYNQ_HP)
    ]
    header = ("memory", "way past the memory", "from a full ring, at most between two words")
    print(table("Cycles, one stream of 64 bits whose consumer takes all", header, rows, options.markdown))


def rings(count: int, word_bits: int) -> list[Ring]:
    return [Ring(str(i), word_bits, WORDS, BYTES) for i in range(count)]


def resources(streams: Sequence[Ring]) -> Resources:
    """Of the written module, with its port."""
    return module_resources(MODULE, write_rings(streams), SOURCES)


def rate(binary: Path, streams: Sequence[Ring], memory: Memory, write: bool) -> float:
    """Rows a cycle that come out while the consumers take all: of what is in memory, or with as much coming in behind it."""
    late = FILLING if not write else FILLING // 4
    words = WORDS if not write else 8 * WORDS
    traffic = Traffic(words=words, taken_from=late)
    seen = simulate(binary, streams, Run((traffic,) * len(streams), memory=memory, cycles=10_000_000))
    assert seen.came_out == (words,) * len(streams)
    return words * len(streams) / (seen.cycles - late)


def way(binary: Path, streams: Sequence[Ring], memory: Memory) -> tuple[int, int]:
    alone = simulate(binary, streams, Run((Traffic(words=100, inside=1),), memory=memory))
    full = simulate(binary, streams, Run((Traffic(words=WORDS, taken_from=FILLING),), memory=memory))
    assert alone.came_out == (100,) and full.came_out == (WORDS,)
    return alone.longest_way[0], full.longest_wait[0]


if __name__ == "__main__":
    main()
