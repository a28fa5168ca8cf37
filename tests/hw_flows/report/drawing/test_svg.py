# SPDX-License-Identifier: BSD-3-Clause
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from hw_flows.report.drawing.figures import Figures
from hw_flows.report.drawing.graph import Graph, graph_of
from hw_flows.report.drawing.layout import NARROW, WIDE
from hw_flows.report.drawing.svg import network_svg
from hw_flows.report.names import OwnNames
from tests.hw_flows.report.drawing.networks import u_net

FIFO = {"name": "StreamingFIFO_100", "depth": 600, "width": 4, "peak": 450}


def draw(accelerator, sheet=WIDE, performance=None, fifos=None):
    figures = Figures(accelerator, OwnNames(accelerator), performance, fifos)
    return network_svg(graph_of(accelerator), figures, sheet, "test")


@pytest.mark.parametrize("sheet", [WIDE, NARROW])
def test_every_layer_is_a_box_with_its_own_name_and_every_operator_a_block(sheet):
    drawn = draw(u_net(2), sheet)
    root = ElementTree.fromstring(drawn)
    assert len(root.findall("{*}g") or root.findall("g")) == 5
    for name in ("encoder.0", "encoder.1", "bottom", "decoder.1", "decoder.0"):
        assert f">{name}</text>" in drawn
    shown = {o.name for layer in graph_of(u_net(2)).layers for o in layer.operators}
    assert drawn.count('<a class="block') == len(shown)


def test_blocks_say_how_busy_they_are_and_the_slowest_is_marked():
    drawn = draw(u_net(1), performance={"bottleneck": "MVAU_0", "cycles_per_frame": 2000})
    assert 'aria-label="encoder.0, MVAU: 1,000 cycles a frame, 50 % busy, the slowest; rtl/qu_matrix.sv"' in drawn
    assert drawn.count('class="layer hot"') == drawn.count(' hot" href=') == 1
    assert 'class="block b2 hot"' in drawn


def test_skip_connections_tell_depth_and_peak_of_their_fifo():
    drawn = draw(u_net(1), fifos={"fifos": [FIFO]})
    assert "FIFO 600 × 4 bit, peak 450</text>" in drawn
    assert 'class="fill" ' in drawn and 'width="90.0" height="10"' in drawn
    assert "FIFO 600" not in draw(u_net(1))


def test_a_fifo_in_the_boards_memory_says_so():
    assert ">DRAM FIFO 600 × 4 bit, peak 450</text>" in draw(u_net(1), fifos={"fifos": [FIFO | {"memory": "board"}]})


def test_names_of_layers_stay_text():
    evil = '"><script>alert(1)</script>&'
    accelerator = u_net(1)
    instances = tuple(replace(i, network_layer=evil, op_type=evil, module=evil) for i in accelerator.instances)
    drawn = draw(replace(accelerator, instances=instances))
    ElementTree.fromstring(drawn)
    assert "<script" not in drawn


def test_a_long_name_keeps_its_end():
    accelerator = u_net(1)
    instances = tuple(replace(i, network_layer="a" * 200 + ".conv1/Conv") for i in accelerator.instances[:3])
    drawn = draw(replace(accelerator, instances=instances + accelerator.instances[3:]))
    (short,) = set(re.findall(r">(…[^<]*conv1)</text>", drawn))
    assert len(short) < 30


def test_without_layers_nothing_is_drawn():
    accelerator = u_net(1)
    figures = Figures(accelerator, OwnNames(accelerator))
    assert network_svg(Graph((), ()), figures, WIDE, "test") == ""
