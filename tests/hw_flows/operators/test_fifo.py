# SPDX-License-Identifier: BSD-3-Clause
"""FIFO: order kept, exactly `depth` words, full rate, each kind of storage."""

from __future__ import annotations

import re
from math import isqrt
from pathlib import Path

import pytest
from qonnx.custom_op.registry import getCustomOp

from hw_flows.errors import UserError
from hw_flows.operators.fifo.rtl import BLOCK, DISTRIBUTED, SHIFT, OpenStreamingFIFO_rtl
from tests.hw_flows.operators.harness import FULL_SPEED, STALLS, Case, build_model, check, check_netlist


def fifo(depth: int, lanes: int = 2, data: str = "UINT3", ram_style: str = "auto", words: int = 150) -> Case:
    shape = [1, words, lanes]
    attributes = {
        "depth": depth,
        "folded_shape": [1, words, 1, lanes],
        "normal_shape": shape,
        "dataType": data,
        "ram_style": ram_style,
    }
    return Case("OpenStreamingFIFO_rtl", attributes)


GRID = [
    *(fifo(depth, ram_style="srl") for depth in (1, 2, 3, 16, 17, 32, 65)),
    *(fifo(depth, lanes=3, data="INT5", ram_style="distributed") for depth in (1, 2, 5, 64, 100)),
    *(fifo(depth, lanes=1, data="UINT7", ram_style="block") for depth in (3, 4, 9, 64, 130)),
    fifo(2048, lanes=9, data="INT8"),
    fifo(513, lanes=9, data="UINT3", ram_style="block", words=400),  # addresses in order: twice the places would cost
    fifo(1030, lanes=12, data="UINT3", ram_style="block", words=700),
    fifo(20, lanes=1, data="UINT1"),
]


def test_grid(tmp_path: Path) -> None:
    check(GRID, tmp_path)


def test_full_rate(tmp_path: Path) -> None:
    """One word a cycle through every FIFO of more than one word, behind the latency."""
    cases = [fifo(depth, ram_style=style) for style in ("srl", "distributed", "block") for depth in (3, 40)]
    (result,) = check(cases, tmp_path, frames=4, modes=(FULL_SPEED,))
    assert all(last - first == 4 * 150 - 1 for name, (first, last) in result.spans.items())


def test_capacity_is_the_depth(tmp_path: Path) -> None:
    depths = (1, 5, 12)
    cases = [fifo(depth, ram_style=style) for style in ("srl", "distributed", "block") for depth in depths]
    (result,) = check(cases, tmp_path, modes=(STALLS,))
    assert list(result.fifo_peaks.values()) == [*depths] * 3


def test_netlist(tmp_path: Path) -> None:
    check_netlist([fifo(17), fifo(40, lanes=5), fifo(70, lanes=3, data="INT4", ram_style="block")], tmp_path)


@pytest.mark.parametrize(
    ("depth", "lanes", "storage"),
    [(2, 2, SHIFT), (32, 16, SHIFT), (32, 25, DISTRIBUTED), (64, 4, DISTRIBUTED), (4096, 4, BLOCK)],
)
def test_storage_follows_cost(depth: int, lanes: int, storage: int) -> None:
    operator = getCustomOp(build_model([fifo(depth, lanes, "UINT4")]).graph.node[0])
    assert operator.storage() == storage
    assert operator.rtl_parameters() | {"SCATTERED": 0} == {
        "WIDTH": 4 * lanes,
        "DEPTH": depth,
        "STYLE": storage,
        "SCATTERED": 0,
    }


def bad_feedback(source: str) -> list[int]:
    """Numbers of bits, 2 to 24, for which the feedback in the text of qu_address_counter.sv misses an address."""
    rows = re.findall(r"^ +(\d+|default): return 24'h(\w+);", source, re.MULTILINE)
    taps = {24 if bits == "default" else int(bits): int(value, 16) for bits, value in rows}
    return [bits for bits in range(2, 25) if bits not in taps or not _is_primitive(taps[bits] << 1 | 1, bits)]


def _is_primitive(polynomial: int, degree: int) -> bool:
    """Whether a register with this feedback polynomial over GF(2) goes through 2**degree - 1 states."""
    if polynomial.bit_length() != degree + 1:
        return False

    def product(a: int, b: int) -> int:
        result = 0
        while b:
            result ^= a if b & 1 else 0
            a, b = a << 1, b >> 1
            a ^= polynomial if a >> degree else 0
        return result

    def power(exponent: int) -> int:
        result, base = 1, 2  # 2 is x
        while exponent:
            result = product(result, base) if exponent & 1 else result
            base, exponent = product(base, base), exponent >> 1
        return result

    states = (1 << degree) - 1
    return power(states) == 1 and all(power(states // prime) != 1 for prime in _prime_factors(states))


def _prime_factors(number: int) -> set[int]:
    divisor = next((d for d in range(2, isqrt(number) + 1) if number % d == 0), number)
    return {divisor} | (_prime_factors(number // divisor) if divisor < number else set())


def test_scattered_addresses_come_each_once() -> None:
    """Every feedback of qu_address_counter.sv has the full period, so that a full FIFO overwrites nothing."""
    text = next(s for s in OpenStreamingFIFO_rtl.sources if s.name == "qu_address_counter.sv").read_text()
    assert bad_feedback(text) == []
    assert bad_feedback(text.replace("24'h000829", "24'h000828")) == [12]
    assert bad_feedback(text.replace("24'he10000", "24'he10001")) == [24]


@pytest.mark.parametrize(("change", "message"), [({"depth": 0}, "depth is 0"), ({"ram_style": "ultra"}, "`ultra`")])
def test_bad_parameters_are_named(change: dict, message: str) -> None:
    operator = getCustomOp(build_model([fifo(2)]).graph.node[0])
    for name, value in change.items():
        operator.set_nodeattr(name, value)
    with pytest.raises(UserError, match=message) as caught:
        operator.rtl_parameters()
    assert "case0" in caught.value.where
