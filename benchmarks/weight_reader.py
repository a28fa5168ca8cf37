# SPDX-License-Identifier: BSD-3-Clause
"""The reader of weights from memory: what it takes on a 7-series device, and words a cycle by latency and bursts under way.

    .venv/bin/python benchmarks/weight_reader.py [--markdown]

Resources are synthesized, words a cycle simulated over 8 frames with every word compared; both are the same in every run. The
image has 16 layers with streams of the same width, each read several times a frame.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from tables import table

from hw_flows.families.resources import Resources
from hw_flows.simulate.board_memory import ZYNQ_HP, Memory
from hw_flows.testing.reader_bench import Run, compile_reader, simulate
from hw_flows.testing.synthesis import module_resources
from hw_flows.weight_memory.image import LayerStream, MemoryImage, build_image, read_streams
from hw_flows.weight_memory.region import WORD_BYTES
from hw_flows.weight_memory.write import MODULE, SOURCES, ReaderOptions, write_reader

LAYERS = 16
FRAMES = 8
OUTPUT = (16, 4096)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    for ports, depth, bits in (
        (1, 64, 16),
        (2, 128, 16),
        (4, 256, 16),
        (1, 64, 8),
        (1, 64, 32),
        (1, 64, 64),
        (1, 64, 24),
    ):
        cost = resources(sixteen(bits), ReaderOptions(ports=ports, depth=depth))
        rows.append((ports, depth, bits, int(cost.LUT), int(cost.FF), int(cost.LUTRAM + cost.SRL), float(cost.BRAM36)))
    header = ("ports", "words a buffer", "bits of a stream's word", "LUT", "FF", "LUT as memory", "RAMB36")
    print(table(f"{LAYERS} layers, 7-series", header, rows, options.markdown))

    reader = ReaderOptions(depth=64)
    image = sixteen(16)
    binary = compile_reader(image.layout, OUTPUT[1], reader, jobs=2)
    rows = []
    for latency in (10, 20, 40, 80, 160):
        memory = Memory(latency=latency)
        rates = [words_per_cycle(binary, image, replace(memory, accepts=accepts)) for accepts in (1, 2, 4, 8)]
        rows.append((latency, *(f"{rate:.3f}" for rate in rates)))
    header = ("cycles to the first word", "1 burst", "2 bursts", "4", "8 under way")
    print(table("Words a cycle of one port", header, rows, options.markdown))
    print(f"Zynq-7000 HP port, as measured by others: {words_per_cycle(binary, image, ZYNQ_HP):.3f} words a cycle")


def sixteen(word_bits: int) -> MemoryImage:
    """Layers of about 4,000 bytes each, read 4 times a frame."""
    rng = np.random.default_rng(1)
    words = 32_000 // word_bits
    return build_image(
        [
            LayerStream(f"layer {i}", rng.integers(0, 2, (words + i, word_bits), dtype=np.uint8), 4)
            for i in range(LAYERS)
        ]
    )


def resources(image: MemoryImage, options: ReaderOptions) -> Resources:
    """Of the written reader with its gate."""
    return module_resources(MODULE, write_reader(image.layout, OUTPUT, options), SOURCES)


def words_per_cycle(binary: Path, image: MemoryImage, memory: Memory) -> float:
    """64-bit words, heads included, from the start to the last word of the last frame. Every unit takes what it can get."""
    seen = simulate(binary, image.layout, image.data, Run(memory=memory, frames=FRAMES, cycles=10_000_000))
    for layer, got in zip(read_streams(image), seen.streams, strict=True):
        wanted = np.concatenate([layer.words] * layer.repeats * FRAMES)
        assert np.array_equal(got[: len(wanted)], wanted), layer.name
    return FRAMES * image.layout.frame_bytes / WORD_BYTES / seen.cycles


if __name__ == "__main__":
    main()
