# SPDX-License-Identifier: BSD-3-Clause
"""What is read of a build, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hw_flows.compare.digest import read_digest
from hw_flows.machine.errors import UserError
from tests.hw_flows.compare.conftest import Maker


def test_a_build_is_read_with_its_layers_by_their_own_names(make: Maker) -> None:
    digest = read_digest(make("one", fps=500.0))
    assert (digest.title, digest.model, digest.board, digest.exact) == ("one", "demo", "pynq-z2", True)
    assert digest.slowest == "encoder.0"
    assert [layer.name for layer in digest.layers] == ["encoder.0", "bottom", "decoder.0"]
    first = digest.layers[0]
    assert (first.cycles, first.products, first.weights, first.activations) == (1000, 2, 3, 4)
    assert first.resources is not None and first.resources["LUT"] == 400, "products, thresholds, fork, FIFO"
    assert digest.figures["fps"] == 500 and digest.figures["weight_bits"] == 3
    assert digest.figures["fifo_bits"] == 3 * 8 * 4 + 600 * 4
    assert digest.figures["routed_mhz"] is None


def test_a_build_of_which_nothing_was_simulated_yet_is_read(make: Maker) -> None:
    folder = make("one")
    for report in (folder / "report").iterdir():
        report.unlink()
    digest = read_digest(folder)
    assert digest.exact is None and digest.figures["fps"] is None and digest.layers[0].resources is None
    assert digest.slowest == "encoder.0"


def test_a_folder_that_is_no_build(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(UserError) as refused:
            read_digest(folder)
        assert (
            "no build" in refused.value.what and refused.value.where == str(folder) and "qu-build" in refused.value.fix
        )


@pytest.mark.parametrize(
    ("report", "content"),
    [
        ("performance", {"fps": "fast"}),
        ("performance", {"fps": float("nan")}),
        ("performance", {"fps": 10**400}),
        ("performance", {"fps": True}),
        ("performance", {"bottleneck": 3}),
        ("resources", {"total": [1]}),
        ("resources", {"operators": [{"LUT": 1}]}),
        ("fifos", {"fifos": [{"name": "StreamingFIFO_100"}]}),
        ("verification", {"bit_exact": "yes"}),
        ("build", {"model": ["demo"]}),
        ("build", [1]),
        ("bitstream", {"fmax_mhz": {}}),
    ],
)
def test_a_report_that_is_none_is_refused(make: Maker, report: str, content: object) -> None:
    folder = make("one")
    (folder / "report" / f"{report}.json").write_text(json.dumps(content))
    with pytest.raises(UserError) as refused:
        read_digest(folder)
    assert refused.value.where.startswith(str(folder)) and "qu-build" in refused.value.fix


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '"text"'])
def test_a_report_that_is_no_json_is_refused(make: Maker, text: str) -> None:
    folder = make("one")
    (folder / "report" / "performance.json").write_text(text)
    with pytest.raises(UserError, match="cannot be read"):
        read_digest(folder)


def test_a_pipe_in_place_of_a_report_is_not_waited_for(make: Maker) -> None:
    folder = make("one")
    (folder / "report" / "performance.json").unlink()
    os.mkfifo(folder / "report" / "performance.json")
    with pytest.raises(UserError, match="not a regular file"):
        read_digest(folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("expected_cycles", "many"),
        ("parameters", []),
        ("inputs", []),
        ("outputs", []),
        ("op_type", 3),
        ("mac_units", []),
    ],
)
def test_a_description_of_another_form_is_refused(make: Maker, key: str, value: object) -> None:
    folder = make("one")
    path = folder / "rtl" / "accelerator.json"
    tree = json.loads(path.read_text())
    tree["instances"][1][key] = value
    path.write_text(json.dumps(tree))
    with pytest.raises(UserError):
        read_digest(folder)
