# SPDX-License-Identifier: BSD-3-Clause
"""Skip connections of a design, and how many words each must hold whatever the timing.

A word of the main branch depends on a number of words out of the fork (a 3x3 window on the row below, at every level
of the U-Net; the whole frame, where it is a gate made of an average of the image). The fork gives each word to both branches, so
until that word has come to the join, a concat, an add or a product, the skip connection must hold all that was given and not
yet joined.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from hw_flows.accelerator import Accelerator, Instance, Role, Stream
from hw_flows.fifo_sizing.timing_model import words_needed

#: What passes words on as they are, or some of them.
_ON_A_SKIP = (Role.FIFO, Role.CONVERTER, Role.PART)


@dataclass(frozen=True)
class Skip:
    """A direct way from a fork to a join."""

    fork: str
    join: str
    fork_output: int
    join_input: int
    fifos: tuple[str, ...]
    """FIFOs on it, from the fork, or the last crop, on."""
    before: tuple[str, ...]
    """FIFOs before the crop: what waits there is more than what has to wait."""
    lower_bound: int
    """Words, as the join takes them, that it must be able to hold."""


def find_skips(accelerator: Accelerator) -> tuple[Skip, ...]:
    """Every way from a fork to a concat, an add or a product that holds nothing but FIFOs, width converters and crops."""
    skips = []
    own: dict[str, np.ndarray] = {}  # of each operator, shared by all forks
    for join in accelerator.instances:
        if join.role not in (Role.JOIN, Role.ADD):
            continue
        for index, name in enumerate(_streams(join, "inputs")):
            fifos: list[str] = []
            before: list[str] = []
            parted = False
            source = accelerator.stream(name).source
            while source.instance and accelerator.instance(source.instance).role in _ON_A_SKIP:
                instance = accelerator.instance(source.instance)
                if instance.is_fifo:
                    (before if parted else fifos).insert(0, instance.name)
                parted |= instance.role is Role.PART
                source = accelerator.stream(_streams(instance, "inputs")[0]).source
            if source.instance and accelerator.instance(source.instance).role is Role.FORK and fifos:
                bound = _lower_bound(accelerator, source.instance, join, index, own)
                skips.append(Skip(source.instance, join.name, source.index, index, tuple(fifos), tuple(before), bound))
    return tuple(skips)


def _streams(instance: Instance, side: str) -> list[str]:
    return [s for port in getattr(instance, side) for s in port.streams]


def _images(accelerator: Accelerator, instance: Instance) -> list[str]:
    """Streams that an instance takes, without weights."""
    return [s for s in _streams(instance, "inputs") if s not in accelerator.memory]


def _lower_bound(
    accelerator: Accelerator, fork: str, join: Instance, skip_input: int, own: dict[str, np.ndarray]
) -> int:
    """Most words on the skip over all words of the main branch; one less than given, for the fork may keep one back."""
    streams = _streams(join, "inputs")
    main, skip = (accelerator.stream(streams[i]) for i in (1 - skip_input, skip_input))
    needs = _needs(accelerator, fork, own)
    given = np.maximum(needs[main.name] - 1, 0)
    if join.role is Role.ADD:
        result = accelerator.stream(_streams(join, "outputs")[0])
        first, first_of_skip = (np.unique(_met(stream, result), return_index=True)[1] for stream in (main, skip))
        joined = np.searchsorted(first_of_skip, first)  # words of the skip used before
    else:
        pixels = prod(main.shape[:-1])
        pixel = np.arange(main.words) // (main.words // pixels)
        joined = (pixel + (skip_input == 0)) * (skip.words // pixels)
    come = np.searchsorted(needs[skip.name], given, side="right")  # of the skip's words
    held = come - joined
    return max(0, int(held.max()))


def _met(stream: Stream, result: Stream) -> np.ndarray:
    """For each word of `result` the one of `stream` that it is made of: one pixel, or one channel, serves all."""
    own, all_words = ((*s.shape[:-1], s.shape[-1] // s.lanes) for s in (stream, result))
    return np.broadcast_to(np.arange(stream.words).reshape(own), all_words).ravel()


def _needs(accelerator: Accelerator, fork: str, own: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """For each word of a frame on every stream, how many words into `fork` it depends on (0: on none)."""
    needs: dict[str, np.ndarray] = {}
    waiting = list(accelerator.instances)
    for name in accelerator.inputs:
        needs[name] = np.zeros(accelerator.stream(name).words, np.int64)
    while waiting:
        ready = [i for i in waiting if all(s in needs for s in _images(accelerator, i))]
        assert ready, "a cycle in the dataflow"
        for instance in ready:
            waiting.remove(instance)
            needs.update(_through(accelerator, instance, fork, needs, own))
    return needs


def _through(
    accelerator: Accelerator, instance: Instance, fork: str, needs: dict[str, np.ndarray], own: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    inputs, outputs = _images(accelerator, instance), _streams(instance, "outputs")
    if instance.name == fork:
        return dict.fromkeys(outputs, np.arange(1, accelerator.stream(inputs[0]).words + 1))
    if instance.role in (Role.FIFO, Role.FORK):
        return dict.fromkeys(outputs, needs[inputs[0]])
    words = accelerator.stream(outputs[0]).words
    if not any(needs[name].any() for name in inputs):
        return {outputs[0]: np.zeros(words, np.int64)}
    if instance.role is Role.ADD:
        result = accelerator.stream(outputs[0])
        first, second = (needs[name][_met(accelerator.stream(name), result)] for name in inputs)
        return {outputs[0]: np.maximum.accumulate(np.maximum(first, second))}
    if instance.role is Role.JOIN:
        pixels = prod(accelerator.stream(outputs[0]).shape[:-1])
        joined = np.concatenate([needs[name].reshape(pixels, -1) for name in inputs], axis=1)
        return {outputs[0]: np.maximum.accumulate(joined.reshape(-1))}
    if instance.name not in own:
        own[instance.name] = words_needed(instance, accelerator.stream(inputs[0]).words, words)
    before = np.concatenate([[0], np.maximum.accumulate(needs[inputs[0]])])
    return {outputs[0]: before[own[instance.name]]}
