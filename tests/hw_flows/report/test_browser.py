# SPDX-License-Identifier: BSD-3-Clause
"""The report in a real browser: no errors, nothing wider than a phone, keys work, figures equal the reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hw_flows.report.data import ReportData
from hw_flows.report.page import render_page
from tests.hw_flows.report.browser import ask, needs_browser
from tests.hw_flows.report.drawing.networks import u_net

pytestmark = needs_browser

#: Choose the first block with the keyboard, go to the next, and tell what the page shows.
QUESTION = """(page, view) => {
  const key = (target, name) => target.dispatchEvent(new view.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
  const shown = () => [...page.querySelectorAll("#details > div")].filter((each) => each.offsetParent).map((each) => each.innerText);
  const svg = [...page.querySelectorAll("svg.network")].find((each) => each.getBoundingClientRect().width > 0);
  const [first, second] = svg.querySelectorAll("a.block");
  key(first, " ");
  const atFirst = shown();
  key(first, "ArrowRight");
  const atSecond = shown();
  const stops = [...svg.querySelectorAll("a.block")].filter((each) => each.tabIndex === 0).length;
  const focused = page.activeElement === second;
  key(second, "Escape");
  return {
    overflow: page.documentElement.scrollWidth - view.innerWidth, atFirst, atSecond, focused, stops, closed: shown(),
    drawings: page.querySelectorAll("svg.network").length,
    text: page.body.innerText, background: view.getComputedStyle(page.body).backgroundColor,
  };
}"""


@pytest.fixture
def page(tmp_path: Path, data: ReportData) -> Path:
    accelerator = u_net(2)
    rows = [
        {"name": i.name, "op_type": i.op_type, "layer": i.layer, "cycles": i.expected_cycles, "mac_units": i.mac_units}
        for i in accelerator.instances
    ]
    performance = {**(data.performance or {}), "operators": rows, "bottleneck": "MVAU_0"}
    spans = {stream.name: [10 * n, 10 * n + 900] for n, stream in enumerate(accelerator.streams)}
    timeline = {"frame": 0, "cycles": 1400, "cycles_per_frame": 1000, "streams": spans}
    path = tmp_path / "index.html"
    path.write_text(
        render_page(replace(data, accelerator=accelerator, performance=performance, timeline=timeline)),
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(("width", "dark"), [(400, False), (1200, True)], ids=["phone", "desktop"])
def test_the_page_works_on_phones_and_desktops(page: Path, width: int, dark: bool) -> None:
    told, errors = ask(page, QUESTION, width, dark)
    assert errors == []
    assert told["overflow"] <= 0
    assert len(told["atFirst"]) == len(told["atSecond"]) == 1 and told["atFirst"] != told["atSecond"]
    assert told["focused"] and told["stops"] == 1 and told["closed"] == []
    assert "rtl/qu_matrix.sv" in told["atFirst"][0] and "encoder.0" in told["atFirst"][0]
    for figure in ("21,277 frames/s", "4,700 cycles a frame", "123,456 integers of 5 streams", "1,200 of 53,200"):
        assert figure in " ".join(told["text"].split())
    assert (told["background"] == "rgb(20, 24, 29)") is dark
