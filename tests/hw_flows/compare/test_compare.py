# SPDX-License-Identifier: BSD-3-Clause
"""qu-compare: table, page, command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hw_flows.cli import compare_command
from hw_flows.compare import compare
from hw_flows.machine.errors import UserError
from tests.hw_flows.compare.conftest import Maker
from tests.hw_flows.report.browser import ask, needs_browser
from tests.hw_flows.report.test_page import Reader


def test_the_table_says_what_differs(make: Maker) -> None:
    text = compare(make("one"), make("other", fps=2000.0, weights=5))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "A: one B: other B against A" in lines
    assert "speed 1,000 frames/s 2,000 frames/s +100.0 %" in lines
    assert "slowest encoder.0 encoder.0" in lines
    assert any(line.startswith("encoder.0 3 → 5 4 1,000 2") for line in lines)
    assert not any(line.startswith("bottom") for line in lines)
    assert lines[-1] == "layers without a difference: 2 of 3"


def test_the_page_is_one_file_with_figures_layers_and_both_networks(make: Maker, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "comparison.html"
    compare(make("one"), make("other", fps=2000.0, weights=5), page)
    text = page.read_text()
    reader = Reader(text)
    assert "speed 1,000 frames/s 2,000 frames/s +100.0 %" in reader.text
    assert "encoder.0 3 → 5" in reader.text
    assert reader.count("svg") == 2 and reader.count("script") == reader.count("img") == reader.count("link") == 0
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {a["href"].removeprefix("#") for tag, a in reader.tags if tag == "a"} <= set(ids)
    assert "http" not in text and str(tmp_path) not in text


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "\x1b]0;title\x07[red]", "first\nerror: forged"])
def test_names_from_the_builds_stay_text(make: Maker, tmp_path: Path, evil: str) -> None:
    folder = make("one")
    path = folder / "rtl" / "accelerator.json"
    tree = json.loads(path.read_text())
    for instance in tree["instances"]:
        instance.update(network_layer=evil + "/Conv", op_type=evil, module=evil)
    path.write_text(json.dumps(tree))
    (folder / "report" / "build.json").write_text(json.dumps({"model": evil, "board": evil, "fpga_part": evil}))
    text = compare(folder, make("other"), tmp_path / "page.html")
    assert "\x1b" not in text and "\x07" not in text and "\nerror:" not in text
    page = (tmp_path / "page.html").read_text()
    assert Reader(page).count("script") == 0 and "<script" not in page


def test_the_page_has_a_name_of_a_page(make: Maker, tmp_path: Path) -> None:
    report = make("one") / "report" / "build.json"
    before = report.read_text()
    with pytest.raises(UserError, match=r"\.html"):
        compare(make("one"), make("other"), report)
    assert report.read_text() == before


def test_the_command_prints_the_table_and_refuses_what_is_no_build(make: Maker, tmp_path: Path) -> None:
    done = CliRunner().invoke(compare_command, [str(make("one")), str(make("other"))])
    assert done.exit_code == 0 and "cycles a frame" in done.output
    refused = CliRunner().invoke(compare_command, [str(make("one")), str(tmp_path)])
    assert refused.exit_code == 2 and "no build" in refused.output and "qu-build" in refused.output


@needs_browser
def test_the_page_fits_a_phone(make: Maker, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    compare(make("one"), make("other"), page)
    question = (
        "(page, view) => [page.documentElement.scrollWidth - view.innerWidth, page.body.innerText.includes('2.5 ms')]"
    )
    (overflow, told), errors = ask(page, question, 400)
    assert errors == [] and overflow <= 0 and told
