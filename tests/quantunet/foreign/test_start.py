# SPDX-License-Identifier: BSD-3-Clause
"""The networks of `miniatures` become QuantU-Nets that answer as they do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from quantunet.config import ModelConfig
from quantunet.foreign import folding
from quantunet.foreign.origin import Origin
from quantunet.foreign.start import start_from_file
from quantunet.foreign.state_file import WeightsFile
from quantunet.model import QuantUNet
from tests.quantunet.foreign.miniatures import DEPTH, SIZE, WIDTH, BrainSegmentation, Milesial, as_trained
from tests.quantunet.refusal import refused

FILE = Path("somewhere/of/mine/net.pth")
EXACT = {"atol": 1e-5, "rtol": 1e-5}


def ours(**settings: object) -> QuantUNet:
    torch.manual_seed(7)
    plain = {"precision": "float", "base_width": WIDTH, "depth": DEPTH, "image_size": (SIZE, SIZE)}
    return QuantUNet(ModelConfig.model_validate({**plain, **settings}))


def started(theirs: nn.Module, **settings: object) -> tuple[QuantUNet, Origin]:
    model = ours(**settings)
    origin = start_from_file(model, WeightsFile(FILE, theirs.state_dict(), "0" * 64))
    return model.eval(), origin


def answers(network: nn.Module, channels: int = 1, size: int = SIZE) -> Tensor:
    with torch.no_grad():
        return network(torch.rand(2, channels, size, size, generator=torch.Generator().manual_seed(3)))


@pytest.mark.parametrize(
    "theirs",
    [Milesial(), Milesial(bias=True), BrainSegmentation(), Milesial(channels=3, classes=2), BrainSegmentation(3, 2)],
    ids=["milesial", "milesial-2020", "brain", "milesial-3-2", "brain-3-2"],
)
def test_the_answer_is_the_same_where_the_relu_upwards_has_nothing_to_cut(theirs: Milesial | BrainSegmentation) -> None:
    """Folded biases, the order of the joined channels, normalization upwards."""
    as_trained(theirs, nothing_below_zero=True)
    expected = answers(theirs, channels := next(theirs.parameters()).shape[1])
    model, origin = started(theirs, in_channels=channels, out_channels=expected.shape[1])
    assert expected.std() > 0.1
    torch.testing.assert_close(answers(model, channels), expected, **EXACT)
    assert (origin.taken, origin.not_taken) == (5 * DEPTH + 3, ())


@pytest.mark.parametrize("kind", [Milesial, BrainSegmentation])
def test_of_any_weights_the_inside_is_the_same_as_long_as_nothing_is_cut(
    kind: type[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "SIGMAS", 20.0)
    theirs = as_trained(kind(depth=1))
    model, _ = started(theirs, depth=1)
    wrong = (answers(model) - answers(theirs)).abs().amax((0, 1))
    assert wrong[2:-2, 2:-2].max() < 2e-5  # two convolutions of 3x3 from the edge
    assert wrong[0].max() > 1e-3


@pytest.mark.parametrize("kind", [Milesial, BrainSegmentation])
def test_of_any_weights_the_answer_is_nearer_than_without_the_lift(
    kind: type[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log says that it is only near."""
    theirs = as_trained(kind())
    expected = answers(theirs, size=64)
    errors = []
    for sigmas in (folding.SIGMAS, -100):
        monkeypatch.setattr(folding, "SIGMAS", sigmas)
        model, origin = started(theirs, image_size=(64, 64))
        errors.append((answers(model, size=64) - expected).square().mean().sqrt() / expected.std())
        assert "the ReLU of a QuantU-Net cuts" in str(origin)
    assert errors[0] < 0.7 * errors[1]


def test_two_classes_of_which_the_larger_wins_are_one_mask() -> None:
    theirs = as_trained(Milesial(classes=2), nothing_below_zero=True)
    logits = answers(theirs)
    model, origin = started(theirs)
    torch.testing.assert_close(answers(model), logits[:, 1:] - logits[:, :1], **EXACT)
    assert origin.not_taken == ()


def test_other_channels_of_the_image_or_the_answer_leave_that_layer_as_it_was() -> None:
    model, origin = started(as_trained(BrainSegmentation(3, 2)))
    fresh = ours()
    for name in ("encoder.0.conv1.weight", "encoder.0.norm1.running_mean", "head.weight", "head.bias"):
        assert torch.equal(model.state_dict()[name], fresh.state_dict()[name])
    assert not torch.equal(model.encoder[0].conv2.weight, fresh.encoder[0].conv2.weight)
    assert origin.not_taken == (
        "encoder.0.conv1 (for 3 channels of the image instead of 1)",
        "head (for 2 channels of the answer instead of 1)",
    )
    assert origin.taken == 5 * DEPTH + 1


@pytest.mark.parametrize("decoder", ["transpose", "upsample"])
def test_of_a_network_that_interpolates_the_encoder_is_taken(decoder: str) -> None:
    theirs = as_trained(Milesial(bilinear=True))
    model, origin = started(theirs, decoder=decoder)
    image = torch.rand(1, 1, SIZE, SIZE)
    with torch.no_grad():
        torch.testing.assert_close(model.encoder[0](image), theirs.inc["double_conv"](image), **EXACT)
    assert origin.taken == 2 * DEPTH
    assert origin.not_taken == ("bottom, up, decoder, head (the file interpolates on the way up)",)


def test_the_origin_names_the_file_but_not_its_folder() -> None:
    _, origin = started(as_trained(BrainSegmentation()))
    assert origin.file == "net.pth"
    assert "somewhere" not in origin.model_dump_json()
    assert "its images had mean 0 and standard deviation 1" in str(origin)


def test_quantized_networks_take_the_same_weights() -> None:
    theirs = as_trained(Milesial())
    plain, _ = started(theirs)
    model, _ = started(theirs, precision="learned")
    for name, value in plain.named_parameters():
        assert torch.equal(value, model.get_parameter(name)), name


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("down1.maxpool_conv.1.double_conv.1.running_var", lambda t: t - 9, r"running_var holds negative variances"),
        ("up1.up.bias", lambda t: t + 3e38, "net.pth: holds weights too large for float32"),
        (
            "down2.maxpool_conv.1.double_conv.3.weight",
            lambda t: t[:-1],
            r"has shape \(15, 16, 3, 3\) instead of \(16, 16",
        ),
    ],
)
def test_weights_of_no_trained_network_are_refused(name: str, change: Callable[[Tensor], Tensor], said: str) -> None:
    state = as_trained(Milesial()).state_dict()
    state = {key: value.double() for key, value in state.items()}
    with refused(said):
        start_from_file(ours(), WeightsFile(FILE, {**state, name: 2 * change(state[name])}, ""))
