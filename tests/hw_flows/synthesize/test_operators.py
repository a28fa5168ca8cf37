# SPDX-License-Identifier: BSD-3-Clause
import gzip
import re

import pytest

from hw_flows.families import find_family
from hw_flows.families.resources import Resources
from hw_flows.machine.errors import UserError
from hw_flows.synthesize import synthesize_operators, total_resources, yosys
from hw_flows.synthesize.operators import count_cells, read_netlist

from .conftest import accelerator, operator

ECP5 = find_family("ecp5")

XC7 = find_family("xc7")

ALL = (
    operator("count", "counter", BITS=8),
    operator("delay", "delay_line", WIDTH=8, DEPTH=16),
    operator("scratch", "register_file", WIDTH=6, DEPTH=32),
    operator("weights", "rom", memories=("weights_words.mem",), WIDTH=36, DEPTH=512),
    operator("product", "multiply", BITS=8),
)


@pytest.fixture
def yosys_runs(monkeypatch):
    """How many operators each Yosys process got."""
    runs = []
    real = yosys.map_operators

    def spy(instances, *arguments):
        runs.append(len(instances))
        return real(instances, *arguments)

    monkeypatch.setattr(yosys, "map_operators", spy)
    return runs


def test_known_operators_cost_what_they_must_on_7_series(rtl, tmp_path):
    results = synthesize_operators(accelerator(*ALL), rtl, XC7, logs=tmp_path / "logs")
    assert [r.name for r in results] == [i.name for i in ALL]
    count, delay, scratch, weights, product = (r.resources for r in results)
    assert count.FF == 8 and 0 < count.LUT <= 16
    assert delay == Resources(LUT=8, LUTRAM=8, SRL=8)
    assert scratch == Resources(LUT=4, LUTRAM=4)
    assert weights == Resources(BRAM36=0.5)
    assert (product.DSP, product.LUT) == (1, 0)
    assert total_resources(results) == count + delay + scratch + weights + product


def test_known_operators_cost_what_they_must_on_ecp5(rtl, tmp_path):
    results = synthesize_operators(accelerator(*ALL), rtl, ECP5, logs=tmp_path / "logs")
    count, delay, scratch, weights, product = (r.resources for r in results)
    assert count.FF == 8
    assert (delay.FF, delay.SRL) == (8 * 16, 0)
    assert scratch.LUTRAM == 4 * 4, "two deep and two wide"
    assert weights == Resources(BRAM36=0.5)
    assert product.DSP == 1


def test_an_operator_costs_the_same_alone_and_beside_others(rtl, tmp_path):
    together = yosys.map_operators({i.name: i for i in ALL}, rtl, XC7, tmp_path / "log")
    for instance in (ALL[0], ALL[3]):
        alone = yosys.map_operators({instance.name: instance}, rtl, XC7, tmp_path / "log")
        assert count_cells(alone[instance.name]) == count_cells(together[instance.name])


def test_the_netlist_of_every_operator_is_kept(rtl, tmp_path):
    results = synthesize_operators(accelerator(*ALL), rtl, XC7, logs=tmp_path / "logs")
    cells = {r.name: count_cells(read_netlist(r.netlist)) for r in results}
    assert cells["delay"] == {"SRL16E": 8}
    assert cells["weights"] == {"RAMB18E1": 1}
    assert cells["count"]["FDRE"] == 8


def test_equal_operators_are_synthesized_once_whatever_their_name(rtl, tmp_path, yosys_runs):
    (rtl / "copy_words.mem").write_bytes((rtl / "weights_words.mem").read_bytes())
    (rtl / "other_words.mem").write_text("1\n" * 512)
    instances = [operator(n, "rom", memories=(f"{n}_words.mem",)) for n in ("weights", "copy", "other")]
    results = synthesize_operators(accelerator(*instances), rtl, XC7, logs=tmp_path / "logs")
    assert yosys_runs == [2]
    assert results[0].resources == results[1].resources == Resources(BRAM36=0.5)
    assert results[2].resources.BRAM36 == 0, "a ROM of equal words is no memory"


def test_results_are_kept_and_damaged_ones_made_again(rtl, tmp_path, yosys_runs, empty_cache):
    seen = []
    design = accelerator(*ALL[:2])
    first = synthesize_operators(design, rtl, XC7, logs=tmp_path, progress=lambda *p: seen.append(p))
    assert seen == [(0, 2), (2, 2)]
    assert synthesize_operators(design, rtl, XC7, logs=tmp_path) == first
    assert yosys_runs == [2]

    one, other = sorted(empty_cache.iterdir())
    one.write_bytes(one.read_bytes()[:-3])
    unmapped = re.sub(r"cell \\\w+", "cell $_NOT_", read_netlist(other), count=1)
    other.write_bytes(gzip.compress(unmapped.encode()))
    assert synthesize_operators(design, rtl, XC7, logs=tmp_path) == first
    assert yosys_runs == [2, 2]

    (rtl / "counter.sv").write_text((rtl / "counter.sv").read_text().replace("+ 1'b1", "- 1'b1"))
    synthesize_operators(design, rtl, XC7, logs=tmp_path)
    assert yosys_runs == [2, 2, 2], "a changed source is another operator, and the other stands beside another"


def test_what_was_built_before_decides_on_nothing(rtl, tmp_path, yosys_runs, empty_cache):
    small, large = accelerator(ALL[0]), accelerator(*ALL[:2])
    synthesize_operators(small, rtl, XC7, logs=tmp_path)
    after_small = synthesize_operators(large, rtl, XC7, logs=tmp_path)
    assert yosys_runs == [1, 2]
    netlists = [result.netlist.read_bytes() for result in after_small]
    for file in empty_cache.iterdir():
        file.unlink()
    assert [result.netlist.read_bytes() for result in synthesize_operators(large, rtl, XC7, logs=tmp_path)] == netlists


def test_an_operator_that_cannot_be_synthesized_is_named_with_the_tools_words(rtl, tmp_path, empty_cache):
    design = accelerator(ALL[0], operator("bad_one", "broken"), ALL[1])
    with pytest.raises(UserError, match="bad_one") as caught:
        synthesize_operators(design, rtl, XC7, logs=tmp_path / "logs")
    assert "no_such_signal" in str(caught.value)
