# SPDX-License-Identifier: BSD-3-Clause
"""A netlist as few kinds of cells, sorted so that one pass settles every net; and the table that `simulator.cpp` reads.

Every combinational vendor cell becomes LUTs, carry bits, reads of small memories or a multiplier; every register a
flip-flop, a small memory of up to 64 bits (written or shifted), a block memory or a DSP.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hw_flows.families.netlist import ONE, UNDEFINED, ZERO, Cell, Netlist
from hw_flows.machine.errors import UserError

CARRY, MEMORY_READ, MULTIPLIER, DSP = 7, 8, 9, 10
WRITE_MODES = ("READ_FIRST", "WRITE_FIRST", "NO_CHANGE")
_LOOP_SHOWN = 8


@dataclass
class _Node:
    """A combinational cell: `head` and `reads` as written into the table, `tail` behind the outputs' nets."""

    kind: int
    cell: str
    reads: Sequence[int]
    writes: Sequence[int]
    head: Sequence[int] = ()


@dataclass
class BlockPort:
    """One port of a block memory; bits are (net, offset of the stored bit from the addressed one)."""

    enable: int = ZERO
    address: Sequence[int] = ()
    """In bits without parity; the low ones that a wide word leaves out are 0."""
    mode: str = "READ_FIRST"
    reads: Sequence[tuple[int, int]] = ()
    writes: Sequence[tuple[int, Sequence[tuple[int, int]]]] = ()
    """For each write enable its bits."""


@dataclass
class Dsp48:
    """A DSP48E1 (UG479): nets of its buses from bit 0, of its enables and resets, and the stages of its registers."""

    a: Sequence[int]
    b: Sequence[int]
    c: Sequence[int]
    d: Sequence[int]
    pcin: Sequence[int]
    inmode: Sequence[int]
    opmode: Sequence[int]
    alumode: Sequence[int]
    carry_in: int
    enables: Sequence[int]
    """CEA1, CEA2, CEB1, CEB2, CEC, CED, CEAD, CEM, CEP."""
    resets: Sequence[int]
    """RSTA, RSTB, RSTC, RSTD, RSTM, RSTP."""
    stages: Sequence[int]
    """AREG, BREG, CREG, DREG, ADREG, MREG, PREG."""
    use_d: bool
    p: Sequence[int]

    def combinational_inputs(self) -> list[int]:
        """Nets that the output follows without a clock edge between."""
        a, b, c, d, ad, m, p = self.stages
        if p:
            return []
        nets = [*self.pcin, *self.opmode, *self.alumode, self.carry_in]
        nets += [] if a else self.a
        nets += [] if b else self.b
        nets += [] if c else self.c
        if not m:
            nets += [*self.inmode, *(() if d or (self.use_d and ad) else self.d)]
        return nets


@dataclass
class Program:
    """Collects the cells of a netlist from the models of the vendor's; `table` ends it."""

    first_free_net: int
    flip_flops: dict[tuple[int, int, int], list[tuple[int, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    memories: list[int] = field(default_factory=list)
    writes: dict[tuple[int, tuple[int, ...]], list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    shifts: list[tuple[int, int, int]] = field(default_factory=list)
    blocks: list[tuple[np.ndarray, BlockPort, BlockPort]] = field(default_factory=list)
    dsps: list[tuple[str, Dsp48]] = field(default_factory=list)
    clocks: dict[int, str] = field(default_factory=dict)
    """Nets that clock something, each with one of the cells."""
    clock_buffers: dict[int, int] = field(default_factory=dict)
    """Output of a buffer -> its input."""
    _nodes: list[_Node] = field(default_factory=list)
    _constant: dict[int, int] = field(default_factory=lambda: {ZERO: 0, ONE: 1})

    def net(self) -> int:
        """A net of its own for what lies inside a vendor's cell, or for an output that nobody reads."""
        self.first_free_net += 1
        return self.first_free_net - 1

    def connected(self, nets: Sequence[int | None]) -> list[int]:
        return [self.net() if net is None else net for net in nets]

    # --- combinational ----------------------------------------------------------------------------------------------

    def lut(self, cell: str, table: int, inputs: Sequence[int], out: int | None) -> int:
        """Bit k of `table` is the output where `inputs`, the first one lowest, read k. Returns the output's net."""
        out = self.net() if out is None else out
        inputs = list(inputs)
        for position in reversed(range(len(inputs))):
            if inputs[position] in self._constant:
                table = _cofactor(table, len(inputs), position, self._constant[inputs[position]])
                del inputs[position]
        if not inputs:
            inputs = [ZERO]
            table = 3 * (table & 1)
        self._nodes.append(_Node(len(inputs), cell, inputs, (out,), head=(table,)))
        return out

    def inverted(self, cell: str, net: int, invert: int | bool = True) -> int:
        """The net itself, or where `invert` its inverse."""
        if not invert:
            return net
        if net in self._constant:
            return ONE - net
        return self.lut(cell, 0b01, [net], None)

    def multiplex(self, cell: str, zero: int, one: int, select: int, out: int | None) -> int:
        return self.lut(cell, 0b11001010, [zero, one, select], out)

    def carry(self, cell: str, s: int, di: int, ci: int, o: int | None, co: int | None) -> int:
        """A bit of a carry chain: o = s xor ci, co = ci where s, else di. Returns the net of `co`."""
        nets = self.connected([o, co])
        self._nodes.append(_Node(CARRY, cell, (s, di, ci), nets))
        return nets[1]

    def multiply(
        self, cell: str, a: Sequence[int], b: Sequence[int], signed: tuple[int, int], out: Sequence[int]
    ) -> None:
        self._nodes.append(_Node(MULTIPLIER, cell, (*a, *b, *signed), out, head=(len(a), len(b))))

    # --- sequential -------------------------------------------------------------------------------------------------

    def clock(self, cell: str, net: int) -> None:
        """`net` clocks the cell, with its rising edge."""
        self.clocks.setdefault(net, cell)

    def flip_flop(self, d: int, q: int | None, *, enable: int, reset: int, value: int, initial: int) -> None:
        """`reset` sets `value` at the clock edge, whatever `enable` is. `initial`: after configuration."""
        self.flip_flops[enable, reset, value].append((d, self.net() if q is None else q, initial))

    def memory(self, initial: int) -> int:
        """A new memory of up to 64 bits."""
        self.memories.append(initial)
        return len(self.memories) - 1

    def read(self, cell: str, memory: int, address: Sequence[int], out: int | None) -> int:
        """Asynchronous read of one bit at an address of up to 6 bits."""
        out = self.net() if out is None else out
        padded = (*address, *(ZERO,) * (6 - len(address)))
        self._nodes.append(_Node(MEMORY_READ, cell, padded, (out,), head=(memory,)))
        return out

    def write(self, memory: int, address: Sequence[int], data: int, enable: int) -> None:
        self.writes[enable, (*address, *(ZERO,) * (6 - len(address)))].append((memory, data))

    def shift(self, memory: int, data: int, enable: int) -> None:
        """At the clock edge every bit moves up by one and `data` comes into bit 0."""
        self.shifts.append((enable, memory, data))

    def block(self, initial: np.ndarray, a: BlockPort, b: BlockPort) -> None:
        """`initial`: bits, row k (a byte and its parity bit) at 9 * k."""
        self.blocks.append((initial, a, b))

    def dsp(self, cell: str, dsp: Dsp48) -> None:
        self.dsps.append((cell, dsp))
        if not dsp.stages[-1]:
            self._nodes.append(_Node(DSP, cell, dsp.combinational_inputs(), dsp.p, head=(len(self.dsps) - 1,)))

    # --- the table --------------------------------------------------------------------------------------------------

    def table(self, netlist: Netlist) -> Table:
        """Check and sort. Raises UserError where nets lack a driver or have several, cells form a combinational loop,
        or not all are on the one clock.
        """
        inputs = [net for port in netlist.ports.values() if port.is_input for net in port.nets]
        clock = self._one_clock(netlist)
        registered = [q for group in self.flip_flops.values() for _, q, _ in group]
        words = [net for _, a, b in self.blocks for port in (a, b) for net, _ in port.reads]
        products = [net for _, dsp in self.dsps if dsp.stages[-1] for net in dsp.p]
        sources = [ZERO, ONE, UNDEFINED, *inputs, *registered, *words, *products]
        order = self._levels(sources)
        settled = [net for level in order for node in level for net in node.writes]
        renamed: dict[int, int] = {}
        for net in (*sources, *settled):
            if net in renamed:
                raise UserError(f"net {net} has several drivers", netlist.where, "synthesize again")
            renamed[net] = len(renamed)
        self._check_drivers(netlist, renamed)
        n = renamed.__getitem__
        table: list[int] = [len(renamed), n(registered[0]) if registered else 0, len(self.flip_flops)]
        for (enable, reset, value), group in self.flip_flops.items():
            table += [n(enable), n(reset), value, len(group)]
            for d, _, initial in group:
                table += [n(d), 0x101 * initial]
        table += [len(self.memories), *self.memories, len(self.writes)]
        for (enable, address), targets in self.writes.items():
            table += [n(enable), *map(n, address), len(targets)]
            for memory, data in targets:
                table += [memory, n(data)]
        table.append(len(self.shifts))
        for enable, memory, data in self.shifts:
            table += [n(enable), memory, n(data)]
        table.append(len(self.blocks))
        for contents, a, b in self.blocks:
            table += _block(contents, (a, b), n)
        table.append(len(self.dsps))
        for _, dsp in self.dsps:
            table += _dsp(dsp, n)
        batches = [(kind, nodes) for level in order for kind, nodes in _by_kind(level)]
        table.append(len(batches))
        for kind, nodes in batches:
            table += [kind, len(nodes)]
            for node in nodes:
                table += _encode(node, n)
        values = np.array([value if value < 1 << 63 else value - (1 << 64) for value in table], np.int64)
        nets = {p.name: np.array([renamed[net] for net in p.nets], np.uint32) for p in netlist.ports.values()}
        return Table(values, nets, clock, len(order), sum(map(len, order)))

    def _one_clock(self, netlist: Netlist) -> str | None:
        """Name of the port that clocks everything."""
        roots: dict[int, str] = {}
        for net, cell in self.clocks.items():
            while net in self.clock_buffers:
                net = self.clock_buffers[net]
            roots.setdefault(net, cell)
        ports = {port.nets[0]: port.name for port in netlist.ports.values() if port.is_input and len(port.nets) == 1}
        if len(roots) > 1 or any(net not in ports for net in roots):
            cells = ", ".join(list(roots.values())[:_LOOP_SHOWN])
            raise UserError(f"not all cells are clocked by one port; of the others: {cells}", netlist.where)
        return next((ports[net] for net in roots), None)

    def _levels(self, sources: Sequence[int]) -> list[list[_Node]]:
        """Combinational cells, each behind what it reads. What nobody reads is left in: it is checked like the rest."""
        known = set(sources)
        driver = {net: i for i, node in enumerate(self._nodes) for net in node.writes}
        readers: dict[int, list[int]] = defaultdict(list)
        missing = [0] * len(self._nodes)
        for i, node in enumerate(self._nodes):
            for source in {driver[net] for net in node.reads if net in driver and net not in known}:
                readers[source].append(i)
                missing[i] += 1
        levels: list[list[_Node]] = []
        current = [i for i, count in enumerate(missing) if count == 0]
        placed = 0
        while current:
            levels.append([self._nodes[i] for i in current])
            placed += len(current)
            following = []
            for i in current:
                for reader in readers[i]:
                    missing[reader] -= 1
                    if missing[reader] == 0:
                        following.append(reader)
            current = following
        if placed < len(self._nodes):
            raise UserError(
                f"combinational loop through {', '.join(self._loop(missing, readers))}",
                "netlist",
                "this is a bug in the RTL",
            )
        return levels

    def _loop(self, missing: Sequence[int], readers: Mapping[int, Sequence[int]]) -> list[str]:
        """Cells of one loop: going back along what is missing must come to a cell again."""
        before = {reader: i for i, listed in readers.items() if missing[i] for reader in listed if missing[reader]}
        at = next(iter(before))
        seen: dict[int, int] = {}
        while at not in seen:
            seen[at] = len(seen)
            at = before[at]
        path = [i for i, position in seen.items() if position >= seen[at]]
        names = list(dict.fromkeys(self._nodes[i].cell for i in path))
        return names[:_LOOP_SHOWN] + (["..."] if len(names) > _LOOP_SHOWN else [])

    def _check_drivers(self, netlist: Netlist, driven: Mapping[int, int]) -> None:
        for node in self._nodes:
            for net in node.reads:
                if net not in driven:
                    raise UserError(f"cell {node.cell} reads net {net}, which nothing drives", netlist.where)
        read = [net for (e, r, _), group in self.flip_flops.items() for net in (e, r, *(d for d, _, _ in group))]
        read += [net for (e, address), t in self.writes.items() for net in (e, *address, *(d for _, d in t))]
        read += [net for enable, _, data in self.shifts for net in (enable, data)]
        for _, a, b in self.blocks:
            for port in (a, b):
                read += [port.enable, *port.address]
                read += [net for enable, bits in port.writes for net in (enable, *(net for net, _ in bits))]
        for _, d in self.dsps:
            read += [
                *d.a,
                *d.b,
                *d.c,
                *d.d,
                *d.pcin,
                *d.inmode,
                *d.opmode,
                *d.alumode,
                d.carry_in,
                *d.enables,
                *d.resets,
            ]
        read += [net for port in netlist.ports.values() for net in port.nets]
        for net in read:
            if net not in driven:
                raise UserError(f"net {net} is read, but nothing drives it", netlist.where)


#: How a vendor's cell becomes cells of a program.
Model = Callable[[Cell, Program], None]


@dataclass(frozen=True)
class Table:
    """What `simulator.cpp` reads; `ports`: the nets there of each port, from bit 0."""

    values: np.ndarray
    ports: dict[str, np.ndarray]
    clock: str | None
    levels: int
    combinational: int
    """Combinational cells after reduction to the few kinds."""


def _by_kind(level: Sequence[_Node]) -> list[tuple[int, list[_Node]]]:
    kinds: dict[int, list[_Node]] = defaultdict(list)
    for node in level:
        kinds[node.kind].append(node)
    return sorted(kinds.items())


def _encode(node: _Node, n: Callable[[int], int]) -> list[int]:
    reads, writes = [n(net) for net in node.reads], [n(net) for net in node.writes]
    if node.kind == DSP:
        return [*node.head]
    if node.kind == MULTIPLIER:
        a, b = node.head
        return [a, *reads[:a], b, *reads[a : a + b], *reads[a + b :], len(writes), *writes]
    return [*node.head, *reads, *writes]


def _block(initial: np.ndarray, ports: Sequence[BlockPort], n: Callable[[int], int]) -> list[int]:
    bits = np.zeros(-(-len(initial) // 32) * 32, np.int64)
    bits[: len(initial)] = initial
    packed = (bits.reshape(-1, 32) << np.arange(32)).sum(axis=1)
    table = [len(initial), *packed.tolist()]
    for port in ports:
        table += [n(port.enable), len(port.address), *map(n, port.address), WRITE_MODES.index(port.mode)]
        table += [len(port.reads), *(value for net, offset in port.reads for value in (n(net), offset))]
        table.append(len(port.writes))
        for enable, written in port.writes:
            table += [n(enable), len(written), *(value for net, offset in written for value in (n(net), offset))]
    return table


def _dsp(dsp: Dsp48, n: Callable[[int], int]) -> list[int]:
    table: list[int] = []
    for bus in (dsp.a, dsp.b, dsp.c, dsp.d, dsp.pcin, dsp.inmode, dsp.opmode, dsp.alumode, [dsp.carry_in]):
        table += [len(bus), *map(n, bus)]
    table += [*map(n, dsp.enables), *map(n, dsp.resets), *dsp.stages, int(dsp.use_d)]
    return [*table, len(dsp.p), *map(n, dsp.p)]


def data_bits(width: int) -> int:
    """Bits of a block memory's word without parity: 1, 2, 4, 8, 16, 32 or 64."""
    return width if width < 9 else width // 9 * 8


def stored_bit(address: np.ndarray) -> np.ndarray:
    """Where a block memory keeps the data bit of an address that counts bits without parity."""
    return address // 8 * 9 + address % 8


def _cofactor(table: int, width: int, position: int, value: int) -> int:
    """Table of the other inputs where input `position` is `value`."""
    result = 0
    for k in range(1 << (width - 1)):
        low = k & ((1 << position) - 1)
        index = low | value << position | (k >> position) << (position + 1)
        result |= (table >> index & 1) << k
    return result
