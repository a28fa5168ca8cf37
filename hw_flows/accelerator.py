# SPDX-License-Identifier: BSD-3-Clause
"""`Accelerator`: the stitched design as plain data, the only thing that later stages read.

FIFO sizing, simulation, stream comparison, synthesis, vendor scripts, report and drivers work from this description;
none of them looks into an ONNX graph again. It is written to `rtl/accelerator.json` beside the sources it names.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from hw_flows.machine.errors import UserError
from quantunet_common.files import read_json, require_input_file, write_text_atomically

FORMAT = 4


class Role(StrEnum):
    """What an operator does with its streams: who has to tell operators apart goes by this, not by their names."""

    MATRIX = "matrix"  # multiplies by weights and accumulates
    THRESHOLDS = "thresholds"  # makes activations of what a matrix has accumulated
    FIFO = "fifo"
    CONVERTER = "converter"  # the same elements in words of another width
    FORK = "fork"  # the same words on every output
    PART = "part"  # some of the words, in their order
    JOIN = "join"  # pixel by pixel, the words of its inputs one after the other
    ADD = "add"  # word by word, makes one of a word of each input; what has one pixel, or one channel, serves all
    OTHER = "other"


@dataclass(frozen=True)
class Element:
    """Number format of one stream element: two's complement integers of `bits` bits, or unsigned."""

    bits: int
    signed: bool

    @property
    def minimum(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1


@dataclass(frozen=True)
class Endpoint:
    """One end of a stream: stream `index` among an instance's inputs or outputs; instance "" is the accelerator."""

    instance: str
    index: int


@dataclass(frozen=True)
class Stream:
    """One AXI-Stream between two operators, or between an operator and the outside.

    It carries the tensor `tensor` (NHWC, `shape` of one frame) as words of `lanes` elements, lane 0 in the lowest
    bits; `words` words make a frame, frames follow each other without a marker.
    """

    name: str
    tensor: str
    shape: tuple[int, ...]
    element: Element
    lanes: int
    source: Endpoint
    sink: Endpoint

    @property
    def width(self) -> int:
        """Bits of a word."""
        return self.lanes * self.element.bits

    @property
    def words(self) -> int:
        """Words per frame."""
        values = 1
        for extent in self.shape:
            values *= extent
        return values // self.lanes


@dataclass(frozen=True)
class StreamPort:
    """How one port of a module is wired: prefix of its signals and the streams packed into it, lowest bits first."""

    prefix: str
    streams: tuple[str, ...]


@dataclass(frozen=True)
class Instance:
    """One operator: a SystemVerilog module with its parameters, memory images and ports."""

    name: str
    op_type: str
    module: str
    parameters: dict[str, int]
    memories: tuple[str, ...]
    """File names in `rtl/`, each `<name><suffix>`; the module reads them through its parameter MEMORY_PREFIX."""
    sources: tuple[str, ...]
    """File names in `rtl/`, dependencies first."""
    inputs: tuple[StreamPort, ...]
    outputs: tuple[StreamPort, ...]
    layer: str
    """Name of the layer of the network that the instance belongs to; groups the report."""
    expected_cycles: int
    """Cycles per frame by the operator's own model."""
    macs: int
    """Multiply-accumulates per frame (0 for operators without products)."""
    mac_units: int
    """Multiply-accumulates per cycle when busy (PE * SIMD)."""
    cost: dict[str, float]
    """Predicted resources: lut, ff, lutram, bram36, dsp."""
    role: Role = Role.OTHER
    in_memory: bool = False
    """A FIFO whose words wait in the board's memory: it is not in the top module, which has both its streams as ports."""
    network_layer: str = ""
    """What the author of the network calls the layer that the instance came from; empty for what stands between layers."""

    @property
    def is_fifo(self) -> bool:
        return self.role is Role.FIFO


@dataclass(frozen=True)
class Accelerator:
    """The stitched design. `inputs`, `memory` and `outputs` name the streams of the top module in order."""

    name: str
    instances: tuple[Instance, ...]
    streams: tuple[Stream, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    sources: tuple[str, ...] = field(default=())
    """All SystemVerilog files in `rtl/` in compile order, the top module last."""
    memory: tuple[str, ...] = field(default=())
    """Streams of weights out of the board's memory, in the order of its regions. The tensor of one has the shape (1, repeats,
    bytes): each frame takes its words `repeats` times."""

    @property
    def built(self) -> tuple[Instance, ...]:
        """Instances of the top module."""
        return tuple(i for i in self.instances if not i.in_memory)

    @property
    def rings(self) -> tuple[Instance, ...]:
        """FIFOs in the board's memory, beside the top module."""
        return tuple(i for i in self.instances if i.in_memory)

    @property
    def driven(self) -> tuple[str, ...]:
        """Streams into the top module: images, then weights, then what has waited in memory."""
        return (*self.inputs, *self.memory, *(ring.outputs[0].streams[0] for ring in self.rings))

    @property
    def taken(self) -> tuple[str, ...]:
        """Streams out of the top module: results, then what is to wait in memory."""
        return (*self.outputs, *(ring.inputs[0].streams[0] for ring in self.rings))

    def block_words(self, stream: Stream) -> int:
        """Words after which a stream of weights begins anew; 0 for all other streams."""
        weights = stream.tensor in {self.stream(name).tensor for name in self.memory}
        return stream.words // stream.shape[1] if weights else 0

    def stream(self, name: str) -> Stream:
        return self._streams_by_name[name]

    def instance(self, name: str) -> Instance:
        return self._instances_by_name[name]

    @property
    def _streams_by_name(self) -> dict[str, Stream]:
        return {s.name: s for s in self.streams}

    @property
    def _instances_by_name(self) -> dict[str, Instance]:
        return {i.name: i for i in self.instances}

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1)

    def save(self, path: Path) -> None:
        write_text_atomically(path, self.to_json())

    @staticmethod
    def load(path: Path) -> Accelerator:
        """Raises UserError where the file is missing or not one of ours."""
        try:
            require_input_file(path)
            data = read_json(path)
            if data.pop("format") != FORMAT:
                raise KeyError("format")
            return Accelerator(
                name=data["name"],
                instances=tuple(_instance(i) for i in data["instances"]),
                streams=tuple(_stream(s) for s in data["streams"]),
                inputs=tuple(data["inputs"]),
                outputs=tuple(data["outputs"]),
                sources=tuple(data["sources"]),
                memory=tuple(data["memory"]),
            )
        except (UserError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                "no stitched accelerator can be read here", str(path), "give the output folder of a finished qu-build"
            ) from error


def _instance(data: dict) -> Instance:
    def ports(key: str) -> tuple[StreamPort, ...]:
        return tuple(StreamPort(p["prefix"], tuple(p["streams"])) for p in data[key])

    plain = {k: v for k, v in data.items() if k not in ("inputs", "outputs", "memories", "sources", "role")}
    return Instance(
        **plain,
        role=Role(data["role"]),
        inputs=ports("inputs"),
        outputs=ports("outputs"),
        memories=tuple(data["memories"]),
        sources=tuple(data["sources"]),
    )


def _stream(data: dict) -> Stream:
    return Stream(
        name=data["name"],
        tensor=data["tensor"],
        shape=tuple(data["shape"]),
        element=Element(**data["element"]),
        lanes=data["lanes"],
        source=Endpoint(**data["source"]),
        sink=Endpoint(**data["sink"]),
    )


def instance_hash(instance: Instance, rtl: Path) -> str:
    """Content hash of one operator: module, parameters, sources and memory images, whatever its name is.

    Two instances with the same hash have the same netlist, whatever network they stand in.
    """
    digest = hashlib.sha256()
    digest.update(json.dumps([instance.module, sorted(instance.parameters.items())]).encode())
    for source in instance.sources:
        digest.update((rtl / source).read_bytes())
    for memory in instance.memories:
        digest.update(memory.removeprefix(instance.name).encode())
        digest.update((rtl / memory).read_bytes())
    return digest.hexdigest()[:32]
