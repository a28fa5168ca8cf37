# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from pathlib import Path

import pytest
import torch

from quantunet.checkpoint import save_checkpoint
from quantunet.config import ModelConfig
from quantunet.model import QuantUNet
from quantunet.quantizers import freeze_widths, learned_widths
from quantunet.start import load_teacher, plain_tensors, start_from
from tests.quantunet.foreign.miniatures import WIDTH, Milesial, as_trained
from tests.quantunet.refusal import refused

SMALL = {"depth": 1, "base_width": 2, "image_size": (4, 4)}


def network(seed: int, **settings: object) -> QuantUNet:
    torch.manual_seed(seed)
    return QuantUNet(ModelConfig.model_validate({**SMALL, **settings}))


def saved(path: Path, **settings: object) -> tuple[Path, QuantUNet]:
    """The checkpoint of a network that has seen a batch."""
    model = network(1, **settings)
    model(torch.rand(4, 1, 4, 4))
    freeze_widths(model)
    save_checkpoint(path, model)
    return path, model


@pytest.mark.parametrize("precision", [{"precision": "float"}, {}, {"precision": "fixed", "bits": 3}])
def test_weights_and_batch_normalization_are_taken_over(tmp_path: Path, precision: dict[str, object]) -> None:
    path, other = saved(tmp_path / "run", **precision)
    model = network(2)
    start_from(model, path)
    theirs = plain_tensors(other)
    assert all(torch.equal(value, theirs[name]) for name, value in plain_tensors(model).items())
    assert "encoder.0.norm1.running_mean" in theirs
    assert all(width() == 8 and width.bit_width_offset.requires_grad for _, width in learned_widths(model))


def test_learned_ranges_begin_at_the_new_weights(tmp_path: Path) -> None:
    path, other = saved(tmp_path / "run", precision="float")
    model = network(2, weight_scales="learned")
    start_from(model, path)
    quantized = model.encoder[0].conv2.quant_weight().value
    torch.testing.assert_close(quantized, other.encoder[0].conv2.weight, atol=2e-3, rtol=0)


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    path, _ = saved(tmp_path / "run", precision="float", base_width=3)
    with refused("another architecture .base_width: 3 instead of 2"):
        start_from(network(0), path)


def test_weights_of_another_project_are_taken_from_a_file(tmp_path: Path) -> None:
    """And learned ranges begin at them."""
    theirs = as_trained(Milesial(depth=1))
    torch.save({"state_dict": theirs.state_dict()}, tmp_path / "net.pth")
    model = network(2, base_width=WIDTH, weight_scales="learned")
    origin = start_from(model, tmp_path / "net.pth")
    assert origin is not None and origin.file == "net.pth" and origin.taken == 8
    taken = theirs.inc["double_conv"][3].weight
    assert torch.equal(model.encoder[0].conv2.weight, taken)
    torch.testing.assert_close(model.encoder[0].conv2.quant_weight().value, taken, atol=0.02, rtol=0)


def test_a_checkpoint_may_be_given_by_a_file_of_it_or_as_a_torch_file(tmp_path: Path) -> None:
    path, other = saved(tmp_path / "run", precision="float")
    file = tmp_path / "run.pt"
    torch.save({"model": other.config.model_dump(mode="json"), "state_dict": other.state_dict()}, file)
    for given in (path / "weights.safetensors", file):
        model = network(2)
        assert start_from(model, given) is None
        assert torch.equal(model.head.weight, other.head.weight)


def test_weights_of_a_checkpoint_alone_are_of_no_known_network(tmp_path: Path) -> None:
    path, _ = saved(tmp_path / "run", precision="float")
    (path / "weights.safetensors").rename(tmp_path / "weights.safetensors")
    with refused(r"is of no network that is known here; it holds .*\n.*Give a checkpoint of qu-train, or weights of"):
        start_from(network(0), tmp_path / "weights.safetensors")


def test_a_teacher_may_be_of_any_width_but_not_of_other_channels(tmp_path: Path) -> None:
    path, _ = saved(tmp_path / "run", precision="float", base_width=3)
    teacher = load_teacher(ModelConfig.model_validate(SMALL), path)
    assert not teacher.training
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
    with refused("in_channels: 1 instead of 3"):
        load_teacher(ModelConfig.model_validate({**SMALL, "in_channels": 3}), path)
    deep, _ = saved(tmp_path / "deep", depth=2)
    with refused("halves its images 2 times"):
        load_teacher(ModelConfig.model_validate({**SMALL, "image_size": (6, 6)}), deep)
    with refused("there is no checkpoint here"):
        load_teacher(ModelConfig.model_validate(SMALL), tmp_path / "none")
