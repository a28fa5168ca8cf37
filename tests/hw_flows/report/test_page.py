# SPDX-License-Identifier: BSD-3-Clause
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from hw_flows.report.data import ReportData
from hw_flows.report.operator_table import RESOURCES
from hw_flows.report.page import render_page
from tests.hw_flows.report.drawing.networks import u_net

VOID = {"meta", "img", "line", "rect", "br"}


class Reader(HTMLParser):
    """Checks that tags are balanced and collects tags, attributes and the text that people see."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        assert self.open == []
        self.text = re.sub(r"\s+", " ", self.text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.text += data + " "

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)


def test_the_page_shows_the_headline_figures(data):
    text = Reader(render_page(data)).text
    assert "Bit-exact yes 123,456 integers of 5 streams over 2 frames, 0 mismatches" in text
    assert "21,277 frames/s" in text
    assert "4,700 cycles a frame at 100 MHz" in text
    assert "88 % 1,000 products a frame on 10 units" in text
    assert "1,200 of 53,200" in text and "6 of 140" in text
    assert "StreamingFIFO_7 MVAU_0 → StreamingConcat_0 8 600 512 4,800 block" in text
    assert "verify done 22.5" in text
    assert "all 25.0" in text


def test_the_page_says_what_is_read_from_memory_where_weights_come_from_there(data, reports):
    assert "Board's memory" not in Reader(render_page(data)).text
    reports["performance"].update(dram_mb_s=812.0, dram_bytes_a_frame=26_812_500, dram_ports=2)
    text = Reader(render_page(replace(data, performance=reports["performance"]))).text
    assert "Board's memory 812 MB/s 26,812,500 bytes a frame for weights, ports: 2, in simulation" in text
    reports["performance"]["streams_in_memory"] = {"a": 4096, "b": 256}
    text = Reader(render_page(replace(data, performance=reports["performance"]))).text
    assert "for weights and 2 skip connections" in text


def test_the_page_says_that_energy_is_not_known_and_what_would_tell_it(data):
    text = Reader(render_page(data)).text
    assert "Energy a frame: not known, since the power is not; Vivado's report_power" in text
    assert "Energy a frame" not in Reader(render_page(replace(data, performance=None))).text


def test_the_page_says_the_energy_of_a_frame_and_by_which_means(data, reports):
    told = "Vivado report_power, switching activity of 1 frame"
    power = {"total_w": 1.8, "dynamic_w": 1.6, "static_w": 0.2, "confidence": "Medium", "from": told}
    text = Reader(render_page(replace(data, bitstream={**reports["bitstream"], "power": power}))).text
    assert (
        f"Energy a frame 0.188 mJ 1.8 W (1.6 W dynamic and 0.2 W static) at full speed; {told}; confidence: Medium"
        in text
    )
    assert "not known" not in text


def test_the_page_loads_nothing_from_anywhere(data):
    page = render_page(data)
    reader = Reader(page)
    assert reader.count("link") == reader.count("iframe") == 0
    for tag, attributes in reader.tags:
        for name in ("src", "href", "data", "srcset", "poster"):
            assert (attributes.get(name) or "#").startswith(("data:image/png;base64,", "#")), tag
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style and "@import" not in style
    assert "http" not in page


def test_every_frame_shows_image_and_masks_side_by_side(data):
    reader = Reader(render_page(data))
    assert reader.count("img") == 6 + 4, "the second frame has no reference mask"
    assert "hardware and network agree in all 96 pixels" in reader.text


def test_a_mask_of_another_size_than_the_image_has_no_contours_on_it(data):
    assert "contours" in Reader(render_page(data)).text
    smaller = [
        replace(frame, network=frame.network[::2], hardware=frame.hardware[::2], reference=None)
        for frame in data.frames
    ]
    assert "contours" not in Reader(render_page(replace(data, frames=smaller))).text


def test_the_overlap_with_the_reference_is_told_where_there_is_one(data):
    frame = data.frames[0]
    reference = frame.reference.copy()
    reference[reference.nonzero()[0][0]] = 0
    text = Reader(render_page(replace(data, frames=(replace(frame, reference=reference), data.frames[1])))).text
    common, both = int(reference.sum()), int(reference.sum()) + int(frame.hardware.sum())
    assert (
        f"Frame 0: hardware and network agree in all 96 pixels; Dice against the reference {2 * common / both:.3f}"
        in text
    )
    assert text.count("Dice") == 1


def test_pixels_that_nobody_labelled_do_not_count_for_the_overlap(data):
    frame = data.frames[0]
    reference = np.where(frame.hardware, 1, 0)
    reference[:2] = -1
    text = Reader(render_page(replace(data, frames=(replace(frame, reference=reference),)))).text
    assert "Dice against the reference 1.000" in text


def test_pixels_that_differ_are_counted(data):
    frame = data.frames[0]
    hardware = frame.hardware.copy()
    hardware[2, 3:6] ^= True
    page = render_page(replace(data, frames=(replace(frame, hardware=hardware),)))
    assert "3 of 96 pixels differ" in Reader(page).text


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a'b&c</style>"])
def test_names_from_a_model_file_stay_text(data, reports, evil):
    reports["build"].update(model=evil, images_from=evil, expected_from=evil, failures=[evil], tools={evil: evil})
    reports["performance"]["bottleneck"] = evil
    reports["verification"]["first_mismatch"] = {"text": evil}
    for report in ("performance", "resources"):
        for operator in reports[report]["operators"]:
            operator.update(name=evil, layer=evil, op_type=evil)
    for fifo in reports["fifos"]["fifos"]:
        fifo.update(name=evil, between=[evil, evil], memory=evil)
    bits = tuple(replace(b, layer=evil) for b in data.bits)
    network = u_net(1)
    network = replace(network, instances=tuple(replace(i, network_layer=evil, module=evil) for i in network.instances))
    page = render_page(replace(data, bits=bits, board_title=evil, accelerator=network))
    assert evil not in page
    reader = Reader(page)
    assert reader.count("script") == 1
    assert reader.count("img") == 10
    assert re.sub(r"\s+", " ", evil) in reader.text


def test_the_network_is_drawn_with_details_of_every_operator_in_it(data, reports):
    accelerator = u_net(1)
    reports["performance"].update(bottleneck="MVAU_0", cycles_per_frame=2000)
    assert "The network" not in Reader(render_page(data)).text
    reader = Reader(render_page(replace(data, accelerator=accelerator)))
    ids = {attributes.get("id") for _, attributes in reader.tags}
    chosen = [attributes for _, attributes in reader.tags if "data-details" in attributes]
    assert len(chosen) == 2 * 10, "for wide and for narrow screens"
    assert {attributes["data-details"] for attributes in chosen} <= ids
    assert (
        "encoder.0 MVAU, MVAU_0 the slowest RTL rtl/qu_matrix.sv Cycles a frame 1,000, 50 % of a frame's time"
        in reader.text
    )
    assert "The slowest of all is encoder.0 MVAU (MVAU_0)" in reader.text
    assert (
        reader.count("script") == 1 and len(ids) == len(list(filter(None, (a.get("id") for _, a in reader.tags)))) + 1
    )


def test_every_block_leads_to_a_row_of_the_table_without_the_script(data, reports):
    accelerator = u_net(1)
    rows = [
        {"name": i.name, "op_type": i.op_type, "layer": i.layer, "cycles": 1, "mac_units": 0}
        for i in accelerator.instances
    ]
    reports["performance"]["operators"] = rows
    reader = Reader(render_page(replace(data, accelerator=accelerator)))
    ids = {attributes.get("id") for _, attributes in reader.tags}
    assert {a["href"].removeprefix("#") for tag, a in reader.tags if tag == "a"} <= ids


def test_a_failed_verification_says_where(data, reports):
    reports["verification"].update(
        bit_exact=False, mismatches=3, first_mismatch={"text": "tensor t: frame 0, row 1: expected 4, got 5"}
    )
    reports["build"]["failures"] = ["the RTL differs from the model"]
    text = Reader(render_page(data)).text
    assert "Bit-exact no" in text
    assert "Check failed. the RTL differs from the model" in text
    assert "expected 4, got 5" in text


def test_the_bitstream_is_told_with_what_was_routed_and_how_to_load_it(data, reports):
    text = Reader(render_page(data)).text
    assert "45 MHz; the routed design reaches 61.2 MHz: timing met" in text
    assert "TRELLIS_COMB 36 % 30,000 of 83,640" in text
    assert "gives the RTL's 8,192 integers of 2 frames" in text
    assert "read back, it is the same" in text
    assert "openFPGALoader -b ulx3s bitfile/ulx3s-85f.bit" in text
    assert "Experimental" not in text
    reports["bitstream"].update(experimental="nobody has run it", timing_met=False)
    reports["routed_netlist"].update(equal=False, complaint="frame 1, row 2: expected 3, got 4")
    text = Reader(render_page(data)).text
    assert "Experimental. nobody has run it" in text
    assert "timing NOT met" in text
    assert "frame 1, row 2: expected 3, got 4" in text


def test_the_page_says_whether_the_netlist_equals_the_rtl(data, reports):
    assert "the 2,234 cells equal the RTL: 192 words compared in 9,100 cycles" in Reader(render_page(data)).text
    wrong = reports["netlist"] | {"exact": False, "complaint": "stops after 3 words (cycle 70) at full speed"}
    assert "WRONG: it stops after 3 words (cycle 70)" in Reader(render_page(replace(data, netlist=wrong))).text
    none = {"exact": None, "left_out": "a frame is 20,000,000 cycles", "frames": 0, "cells": {}}
    assert "not simulated: a frame is 20,000,000 cycles" in Reader(render_page(replace(data, netlist=none))).text


def test_a_design_that_does_not_fit_says_so(data, reports):
    reports["resources"].update(fits=False)
    reports["resources"]["total"]["LUT"] = 60000
    reader = Reader(render_page(data))
    assert "Fits the device no fullest: LUT, 113 %" in reader.text
    assert ("span", {"class": "meter over"}) in reader.tags


def test_sections_of_steps_that_have_not_run_are_left_out(reports):
    text = Reader(render_page(ReportData(build=reports["build"], board_title="TUL PYNQ-Z2"))).text
    assert "not verified" in text and "Build steps" in text
    for heading in ("Resources", "Verified frames", "Operators", "FIFOs", "Bits per layer", "Bitstream"):
        assert heading not in text
    assert "Accelerator report" in Reader(render_page(ReportData(build={}, board_title=""))).text


def test_operators_are_grouped_by_layer_in_the_order_of_their_products(data):
    reader = Reader(render_page(data))
    table = reader.text[reader.text.index("Layer, operator") :]
    assert table.index("MVAU_0 2 operators 4,608") < table.index("MVAU_1 2 operators 2,304")
    bodies = [attributes for tag, attributes in reader.tags if tag == "tbody"]
    assert sum(body.get("class") == "hot" for body in bodies) == 1, "one layer holds the bottleneck"
    first_layer = table[table.index("MVAU_0 2 operators") :]
    assert first_layer.startswith("MVAU_0 2 operators 4,608 2 600 400 48 16 3 6")
    assert RESOURCES == ("LUT", "FF", "LUTRAM", "SRL", "BRAM36", "DSP")


def test_predictions_stand_beside_what_synthesis_counted(data, reports):
    resources = reports["resources"]
    assert "Predicted and synthesized" not in Reader(render_page(data)).text
    resources["estimate"] = {"LUT": 1260, "FF": 800, "LUTRAM": 96, "BRAM36": 6, "DSP": 12}
    resources["deviation"] = {"LUT": 0.05, "FF": 0, "LUTRAM": 0, "BRAM36": 0, "DSP": None}
    for operator in resources["operators"]:
        operator["estimate"] = {"LUT": 315, "FF": 200, "LUTRAM": 24, "BRAM36": 1.5, "DSP": 3}
    text = Reader(render_page(data)).text
    assert "predicted 1,260 (+5.0 %)" in text
    table = text[text.index("Predicted and synthesized") :]
    assert "MVAU 2 630 600 400 400 48 48 3 3 6 6" in table


def test_what_the_host_computes_behind_the_logits_is_named(data):
    assert "On the host" not in Reader(render_page(data)).text
    with_head = replace(data, build={**data.build, "host_operators": ["Resize", "<ArgMax>"]})
    assert "On the host behind the logits, in float: Resize, <ArgMax>" in Reader(render_page(with_head)).text
