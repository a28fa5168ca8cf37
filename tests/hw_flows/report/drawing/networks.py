# SPDX-License-Identifier: BSD-3-Clause
"""Accelerators of a few operators, as plain data: nothing of them is built."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hw_flows.accelerator import Accelerator, Element, Endpoint, Instance, Role, Stream, StreamPort


@dataclass
class Sketch:
    """Operators are added in the order of the dataflow, each with those that it reads; "" is the image."""

    image: tuple[int, int] = (32, 32)
    instances: list[Instance] = field(default_factory=list)
    streams: dict[str, Stream] = field(default_factory=dict)
    _free: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        name: str,
        role: Role,
        size: tuple[int, int],
        *sources: str,
        layer: str = "",
        named: str = "",
        cycles: int = 100,
        outputs: int = 1,
        channels: int = 4,
        depth: int = 8,
    ) -> str:
        """`size`: height and width of what it makes. Its name."""
        taken = []
        for index, source in enumerate(sources):
            free = self._free.get(source, 0)
            self._free[source] = free + 1
            stream = f"{source or 'input'}_out{free}"
            if not source:
                self.streams[stream] = self._stream(stream, self.image, 1, Endpoint("", free))
            self.streams[stream] = replace(self.streams[stream], sink=Endpoint(name, index))
            taken.append(stream)
        made = [f"{name}_out{index}" for index in range(outputs)]
        for index, stream in enumerate(made):
            self.streams[stream] = self._stream(stream, size, channels, Endpoint(name, index))
        parameters = {Role.MATRIX: {"WEIGHT_BITS": 3}, Role.FIFO: {"DEPTH": depth}}.get(role, {})
        self.instances.append(
            Instance(
                name=name,
                op_type=f"Open{name.rpartition('_')[0] or name}_rtl",
                module=f"qu_{role.value}",
                parameters=parameters,
                memories=(),
                sources=(f"qu_{role.value}.sv",),
                inputs=(StreamPort("s_axis", tuple(taken)),),
                outputs=(StreamPort("m_axis", tuple(made)),),
                layer=layer or name,
                expected_cycles=cycles,
                macs=1000 if role is Role.MATRIX else 0,
                mac_units=2 if role is Role.MATRIX else 0,
                cost={},
                role=role,
                network_layer=named,
            )
        )
        return name

    def done(self) -> Accelerator:
        ends = [s.name for s in self.streams.values() if not s.sink.instance]
        ins = [s.name for s in self.streams.values() if not s.source.instance]
        return Accelerator("sketch", tuple(self.instances), tuple(self.streams.values()), tuple(ins), tuple(ends))

    def _stream(self, name: str, size: tuple[int, int], channels: int, source: Endpoint) -> Stream:
        return Stream(name, name, (1, *size, channels), Element(4, False), 1, source, Endpoint("", 0))


def u_net(depth: int = 2, skips: bool = True, named: bool = True, image: int = 32) -> Accelerator:
    """A convolution with thresholds a level on the way down and up, a FIFO on each skip connection."""
    sketch = Sketch((image, image))
    size = sketch.image
    last, forks, number = "", [], 0

    def convolution(source: str, title: str) -> str:
        nonlocal number
        matrix, title = f"MVAU_{number}", title if named else ""
        fifo = sketch.add(f"StreamingFIFO_{number}", Role.FIFO, size, source, layer=matrix)
        sketch.add(
            matrix, Role.MATRIX, size, fifo, named=f"{title}/Conv_{number}" if title else "", cycles=1000 - number
        )
        behind = f"{title}.act_quant.export_handler/Quant_{number}" if title else ""
        number += 1
        return sketch.add(f"Thresholding_{number - 1}", Role.THRESHOLDS, size, matrix, layer=matrix, named=behind)

    for level in range(depth):
        last = convolution(last, f"encoder.{level}")
        if skips:
            last = sketch.add(f"Fork_{level}", Role.FORK, size, last, outputs=2, layer=f"MVAU_{level + 1}")
            forks.append(last)
        size = (size[0] // 2, size[1] // 2)
        last = sketch.add(f"Pool_{level}", Role.OTHER, size, last, layer=f"MVAU_{level + 1}")
    last = convolution(last, "bottom")
    for level in reversed(range(depth)):
        size = (size[0] * 2, size[1] * 2)
        layer = f"MVAU_{number}"
        last = sketch.add(f"Up_{level}", Role.OTHER, size, last, layer=layer)
        if skips:
            held = sketch.add(f"StreamingFIFO_{100 + level}", Role.FIFO, size, forks[level], layer=layer, depth=600)
            last = sketch.add(f"Concat_{level}", Role.JOIN, size, last, held, layer=layer)
        last = convolution(last, f"decoder.{level}")
    return sketch.done()
