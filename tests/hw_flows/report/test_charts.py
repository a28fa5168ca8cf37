# SPDX-License-Identifier: BSD-3-Clause
import re

from hypothesis import given
from hypothesis import strategies as st

from hw_flows.report.charts import HEIGHT, bits_chart
from hw_flows.report.data import LayerBits
from hw_flows.report.names import OwnNames


def test_no_layers_no_chart():
    assert bits_chart([], OwnNames(None)) == ""


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(1, 8), st.integers(1, 8)), min_size=1, max_size=40))
def test_columns_are_as_high_as_the_bits_are_many(layers):
    chart = bits_chart([LayerBits(*layer) for layer in layers], OwnNames(None))
    heights = [float(h) for h in re.findall(r'<rect [^>]*height="([0-9.]+)"', chart)]
    expected = [bits for _, *pair in layers for bits in pair]
    assert [round(8 * h / HEIGHT, 2) for h in heights] == expected


def test_wide_values_stay_inside_the_chart():
    chart = bits_chart([LayerBits("wide", 24, 32)], OwnNames(None))
    assert max(float(h) for h in re.findall(r'<rect [^>]*height="([0-9.]+)"', chart)) == HEIGHT
