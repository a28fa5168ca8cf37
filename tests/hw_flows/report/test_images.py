# SPDX-License-Identifier: BSD-3-Clause
import base64
import io

import numpy as np
from PIL import Image

from hw_flows.report.images import CLASS_COLOURS, image_png, mask_png


def pixels(uri: str) -> np.ndarray:
    kind, _, content = uri.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


def test_an_image_is_spread_over_all_greys_whatever_its_range():
    image = np.array([[[-3.0, 0.0, 1.0], [5.0, 3.0, -1.0]]], dtype=np.float32)
    assert pixels(image_png(image)).tolist() == [[0, 96, 128], [255, 191, 64]]


def test_three_channels_are_colours_other_counts_show_the_first():
    image = np.zeros((3, 4, 5), dtype=np.float32)
    image[0] = 1
    assert (pixels(image_png(image)) == (255, 0, 0)).all()
    assert pixels(image_png(np.ones((2, 4, 5)))).shape == (4, 5)


def test_a_constant_image_and_one_with_gaps_can_be_shown():
    assert (pixels(image_png(np.full((1, 2, 2), 7.0))) == 0).all()
    assert pixels(image_png(np.array([[[np.nan, 1.0, 2.0]]]))).tolist() == [[0, 0, 255]]


def test_masks_have_one_colour_a_class():
    shown = pixels(mask_png(np.array([[0, 1], [2, 1]])))
    assert shown.tolist() == [
        [list(CLASS_COLOURS[0]), list(CLASS_COLOURS[1])],
        [list(CLASS_COLOURS[2]), list(CLASS_COLOURS[1])],
    ]
    assert (pixels(mask_png(np.array([[True, False]]))) == pixels(mask_png(np.array([[1, 0]])))).all()
    assert (pixels(mask_png(np.array([[99]]))) != CLASS_COLOURS[0]).any(), "more classes than colours"
