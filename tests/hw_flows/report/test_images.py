# SPDX-License-Identifier: BSD-3-Clause
import base64
import io

import numpy as np
from PIL import Image

from hw_flows.report.images import (
    BOTH,
    CLASS_COLOURS,
    CONTOUR_SIZE,
    HARDWARE_COLOUR,
    ONLY_FIRST,
    ONLY_SECOND,
    REFERENCE_COLOUR,
    contours_png,
    difference_png,
    image_png,
    mask_png,
)


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


def test_contours_enclose_the_masks_on_the_grey_image():
    image = np.linspace(0, 1, 3 * 16 * 16, dtype=np.float32).reshape(3, 16, 16)
    hardware, reference = np.zeros((16, 16), int), np.zeros((16, 16), int)
    hardware[4:8, 4:8], reference[10:14, 2:6] = 1, 2
    shown = pixels(contours_png(image, [(reference, REFERENCE_COLOUR), (hardware, HARDWARE_COLOUR)]))
    factor = CONTOUR_SIZE // 16
    assert shown.shape == (16 * factor, 16 * factor, 3)
    assert (shown[4 * factor, 4 * factor : 8 * factor] == HARDWARE_COLOUR).all()
    assert (shown[10 * factor : 14 * factor, 2 * factor] == REFERENCE_COLOUR).all()
    inside = shown[6 * factor, 6 * factor]
    assert inside[0] == inside[1] == inside[2], "the image stays to be seen"


def test_the_difference_of_two_masks_has_a_colour_for_each_kind():
    shown = pixels(difference_png(np.array([[0, 1, 1, 0, 1]]), np.array([[0, 1, 0, 2, 2]])))
    assert [tuple(pixel) for pixel in shown[0]] == [CLASS_COLOURS[0], BOTH, ONLY_FIRST, ONLY_SECOND, ONLY_FIRST]
