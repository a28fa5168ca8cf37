import pytest

from hw_flows.errors import UserError
from hw_flows.synthesize import Resources, synthesize_operators, total_resources, yosys

from .conftest import accelerator, operator

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
    real = yosys.count_cells

    def spy(instances, *arguments):
        runs.append(len(instances))
        return real(instances, *arguments)

    monkeypatch.setattr(yosys, "count_cells", spy)
    return runs


def test_known_operators_cost_what_they_must_on_7_series(rtl, tmp_path):
    results = synthesize_operators(accelerator(*ALL), rtl, "xc7", logs=tmp_path / "logs")
    assert [r.name for r in results] == [i.name for i in ALL]
    count, delay, scratch, weights, product = (r.resources for r in results)
    assert count.FF == 8 and 0 < count.LUT <= 16
    assert delay == Resources(LUT=8, LUTRAM=8, SRL=8)
    assert scratch == Resources(LUT=4, LUTRAM=4)
    assert weights == Resources(BRAM36=0.5)
    assert (product.DSP, product.LUT) == (1, 0)
    assert total_resources(results) == count + delay + scratch + weights + product


def test_known_operators_cost_what_they_must_on_ecp5(rtl, tmp_path):
    results = synthesize_operators(accelerator(*ALL), rtl, "ecp5", logs=tmp_path / "logs")
    count, delay, scratch, weights, product = (r.resources for r in results)
    assert count.FF == 8
    assert (delay.FF, delay.SRL) == (8 * 16, 0)
    assert scratch.LUTRAM == 4 * 4, "two deep and two wide"
    assert weights == Resources(BRAM36=0.5)
    assert product.DSP == 1


def test_an_operator_costs_the_same_alone_and_beside_others(rtl, tmp_path):
    together = yosys.count_cells(ALL, rtl, "xc7", tmp_path / "log")
    assert [together[0]] == yosys.count_cells(ALL[:1], rtl, "xc7", tmp_path / "log")
    assert [together[3]] == yosys.count_cells(ALL[3:4], rtl, "xc7", tmp_path / "log")


def test_equal_operators_are_synthesized_once_whatever_their_name(rtl, tmp_path, yosys_runs):
    (rtl / "copy_words.mem").write_bytes((rtl / "weights_words.mem").read_bytes())
    (rtl / "other_words.mem").write_text("1\n" * 512)
    instances = [operator(n, "rom", memories=(f"{n}_words.mem",)) for n in ("weights", "copy", "other")]
    results = synthesize_operators(accelerator(*instances), rtl, "xc7", logs=tmp_path / "logs")
    assert yosys_runs == [2]
    assert results[0].resources == results[1].resources == Resources(BRAM36=0.5)
    assert results[2].resources.BRAM36 == 0, "a ROM of equal words is no memory"


def test_results_are_kept_and_damaged_ones_made_again(rtl, tmp_path, yosys_runs, empty_cache):
    seen = []
    design = accelerator(*ALL[:2])
    first = synthesize_operators(design, rtl, "xc7", logs=tmp_path, progress=lambda *p: seen.append(p))
    assert seen == [(0, 2), (2, 2)]
    assert synthesize_operators(design, rtl, "xc7", logs=tmp_path) == first
    assert yosys_runs == [2]

    one, other = sorted(empty_cache.iterdir())
    one.write_text(one.read_text()[:-3])
    other.write_text('{"$_NOT_": 3}')
    assert synthesize_operators(design, rtl, "xc7", logs=tmp_path) == first
    assert yosys_runs == [2, 2]

    (rtl / "counter.sv").write_text((rtl / "counter.sv").read_text().replace("+ 1'b1", "- 1'b1"))
    synthesize_operators(design, rtl, "xc7", logs=tmp_path)
    assert yosys_runs == [2, 2, 1], "a changed source is another operator"


def test_an_operator_that_cannot_be_synthesized_is_named_with_the_tools_words(rtl, tmp_path, empty_cache):
    design = accelerator(ALL[0], operator("bad_one", "broken"), ALL[1])
    with pytest.raises(UserError, match="bad_one") as caught:
        synthesize_operators(design, rtl, "xc7", logs=tmp_path / "logs")
    assert "no_such_signal" in str(caught.value)
