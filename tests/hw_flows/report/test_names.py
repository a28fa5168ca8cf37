# SPDX-License-Identifier: BSD-3-Clause
from dataclasses import replace

import pytest

from hw_flows.report.names import OwnNames, short_name
from tests.hw_flows.report.drawing.networks import u_net


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("encoder.0.conv1/Conv_0", "encoder.0.conv1"),
        ("encoder.0.act1.act_quant.export_handler/Quant_24", "encoder.0.act1"),
        ("/down1/conv/Conv", "down1/conv"),
        ("Concat_0", "Concat_0"),
        ("/Conv_3", "Conv_3"),
        ("act_quant/Quant_1", "act_quant"),
        ("", ""),
        ("/", ""),
    ],
)
def test_a_layer_is_called_by_the_path_of_its_module(name, short):
    assert short_name(name) == short


def test_operators_are_called_by_the_networks_own_names():
    names = OwnNames(u_net(1))
    assert names.layer("MVAU_0") == "encoder.0"
    assert names.operator("MVAU_1") == "bottom"
    assert names.operator("Fork_0") == "encoder.0", "where the words were made"
    assert names.operator("StreamingFIFO_2") == "decoder.0"
    assert names.place("Concat_0") == "decoder.0 Concat"
    assert names.home("Thresholding_1") == "MVAU_1"


def test_without_own_names_everything_is_called_as_it_is():
    for names in (OwnNames(u_net(1, named=False)), OwnNames(None)):
        for name in ("MVAU_0", "Fork_0", "board's memory"):
            assert names.layer(name) == names.place(name) == name
    assert OwnNames(None).home("MVAU_0") is None


def test_layers_of_one_name_are_told_apart():
    accelerator = u_net(1)
    names = OwnNames(
        replace(accelerator, instances=tuple(replace(i, network_layer="conv/Conv") for i in accelerator.instances))
    )
    assert names.layer("MVAU_0") == "conv (MVAU_0)"
    assert names.layer("MVAU_1") == "conv (MVAU_1)"
