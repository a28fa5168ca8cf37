# SPDX-License-Identifier: BSD-3-Clause
"""Streams of layers with random weights, for the tests beside this file."""

from __future__ import annotations

import numpy as np

from hw_flows.weight_memory.image import LayerStream, MemoryImage, build_image


def stream(number: int, words: int, word_bits: int, repeats: int, seed: int = 1) -> LayerStream:
    rng = np.random.default_rng((seed, number))
    return LayerStream(f"layer{number}", rng.integers(0, 2, (words, word_bits), dtype=np.uint8), repeats)


def image_of(*sizes: tuple[int, int, int], seed: int = 1) -> MemoryImage:
    """Of streams with (words, bits of a word, repeats)."""
    return build_image([stream(i, *size, seed=seed) for i, size in enumerate(sizes)])
