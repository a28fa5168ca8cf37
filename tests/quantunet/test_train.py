# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from quantunet.checkpoint import load_checkpoint, read_description
from quantunet.config import ModelConfig, TrainConfig
from quantunet.data import load_data
from quantunet.metrics import evaluate
from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths, scale_parameters
from quantunet.train import Progress, TrainingResult, train
from tests.quantunet.conftest import everything, recipe
from tests.quantunet.foreign.miniatures import WIDTH, Milesial, as_trained
from tests.quantunet.refusal import refused


def weights(checkpoint: Path) -> bytes:
    return (checkpoint / "weights.safetensors").read_bytes()


class Interrupted(Exception):
    pass


def stop_at(step: int) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.step == step:
            raise Interrupted

    return report


@pytest.mark.parametrize(
    "interruptions",
    [
        pytest.param([5], id="before-the-first-saved-state"),
        pytest.param([25], id="before-freezing"),
        pytest.param([45], id="after-freezing"),
        pytest.param([21, 39, 59], id="three-times"),
    ],
)
def test_a_resumed_training_gives_the_same_weights(
    trained: TrainingResult, small_config: TrainConfig, tmp_path: Path, interruptions: list[int]
) -> None:
    output = tmp_path / "run"
    for index, step in enumerate(interruptions):
        with pytest.raises(Interrupted):
            train(small_config, output, resume=index > 0, report=stop_at(step))
    resumed = train(small_config, output, resume=True)
    assert weights(resumed.checkpoint) == weights(trained.checkpoint)
    assert resumed.metrics == trained.metrics


def test_the_seed_decides(trained: TrainingResult, small_config: TrainConfig, tmp_path: Path) -> None:
    same = train(small_config, tmp_path / "same")
    other = train(small_config.model_copy(update={"seed": 1}), tmp_path / "other")
    assert weights(same.checkpoint) == weights(trained.checkpoint)
    assert weights(other.checkpoint) != weights(trained.checkpoint)


def test_widths_wait_move_and_stay(small_config: TrainConfig, tmp_path: Path) -> None:
    seen: list[Progress] = []
    result = train(small_config, tmp_path / "run", report=seen.append)
    assert [progress.step for progress in seen] == list(range(1, 61))
    bits = [progress.weight_bits for progress in seen]
    assert bits[0] == 8
    assert bits[28] < 8
    assert [progress.frozen for progress in seen] == [False] * 29 + [True] * 31
    assert len(set(bits[29:])) == 1
    assert result.metrics["widths"]["mean_weight_bits_per_layer"] == bits[-1]


def test_training_learns(small_config: TrainConfig, tmp_path: Path) -> None:
    seen: list[Progress] = []
    changes = {"bit_penalty": 0.0, "width_learning_rate": 0.001, "learning_rate": 0.03}
    result = train(small_config.model_copy(update=changes), tmp_path / "run", report=seen.append)
    assert sum(p.loss for p in seen[-10:]) < 0.7 * sum(p.loss for p in seen[:10])
    assert result.metrics["validation"]["dice"] == max(
        p.validation_dice for p in seen if p.frozen and p.validation_dice is not None
    )


def test_without_early_freezing_the_last_step_freezes(small_config: TrainConfig, tmp_path: Path) -> None:
    config = small_config.model_copy(update={"freeze_at": 1.0, "steps": 6})
    load_checkpoint(train(config, tmp_path / "run").checkpoint)


def test_tensorboard_gets_loss_scores_and_bits(trained: TrainingResult) -> None:
    events = EventAccumulator(str(trained.checkpoint.parent / "tensorboard"))
    events.Reload()
    assert {"train/loss", "validation/dice", "validation/iou", "bits/head"} <= set(events.Tags()["scalars"])
    assert [event.step for event in events.Scalars("train/loss")] == list(range(1, 61))


def test_an_output_folder_in_use_is_left_alone(trained: TrainingResult, small_config: TrainConfig) -> None:
    before = weights(trained.checkpoint)
    with refused("already in use"):
        train(small_config, trained.checkpoint.parent)
    assert weights(trained.checkpoint) == before


def test_nothing_to_resume_is_said(small_config: TrainConfig, tmp_path: Path) -> None:
    with refused("no training to resume"):
        train(small_config, tmp_path / "none", resume=True)


def test_other_settings_do_not_resume(trained: TrainingResult, small_config: TrainConfig) -> None:
    other = small_config.model_copy(update={"steps": 90, "seed": 7})
    with refused("another seed, steps"):
        train(other, trained.checkpoint.parent, resume=True)


def test_a_damaged_state_is_named(small_config: TrainConfig, tmp_path: Path) -> None:
    output = tmp_path / "run"
    with pytest.raises(Interrupted):
        train(small_config, output, report=stop_at(25))
    file = output / "state" / "step-0000020" / "training.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with refused("step-0000020: the saved training is damaged"):
        train(small_config, output, resume=True)


def test_a_loss_that_is_not_finite_stops_the_training(
    small_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quantunet.train.segmentation_loss", lambda logits, masks: logits.sum() * torch.nan)
    with refused("loss is nan at step 1"):
        train(small_config, tmp_path / "run")


def test_a_file_in_the_way_is_named(small_config: TrainConfig, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for output in (tmp_path / "file", tmp_path / "file" / "below"):
        with refused(str(tmp_path / "file")):
            train(small_config, output)


def test_float_fixed_and_learned_start_from_the_same_weights(small_config: TrainConfig) -> None:
    networks = []
    for precision in ({"precision": "float"}, {"precision": "fixed", "bits": 4}, {}):
        torch.manual_seed(3)
        networks.append(QuantUNet(ModelConfig.model_validate({**small_config.model.model_dump(), **precision})))
    baseline, *quantized = (dict(network.named_parameters()) for network in networks)
    assert all(torch.equal(other[name], value) for other in quantized for name, value in baseline.items())


def test_a_float_training_has_no_widths(small_config: TrainConfig, tmp_path: Path) -> None:
    seen: list[Progress] = []
    model = small_config.model.model_copy(update={"precision": "float"})
    result = train(small_config.model_copy(update={"model": model}), tmp_path / "run", report=seen.append)
    assert {(progress.weight_bits, progress.activation_bits) for progress in seen} == {(32, 32)}
    assert result.metrics["widths"]["compression"] == 1
    network = load_checkpoint(result.checkpoint)
    assert not any(name.endswith("_quant") for name, _ in network.named_modules())


@pytest.mark.parametrize("bits", [2, 5])
def test_fixed_widths_stay(small_config: TrainConfig, tmp_path: Path, bits: int) -> None:
    seen: list[Progress] = []
    model = ModelConfig.model_validate({**small_config.model.model_dump(), "precision": "fixed", "bits": bits})
    config = small_config.model_copy(update={"model": model, "steps": 12})
    result = train(config, tmp_path / "run", report=seen.append)
    assert {(p.weight_bits, p.activation_bits, p.frozen) for p in seen} == {(bits, bits, True)}
    assert {width().item() for _, width in learned_widths(load_checkpoint(result.checkpoint))} == {bits}


@pytest.mark.parametrize("precision", [{"precision": "float"}, {"precision": "fixed", "bits": 3}])
def test_every_precision_resumes_to_the_same_weights(
    small_config: TrainConfig, tmp_path: Path, precision: dict[str, object]
) -> None:
    model = ModelConfig.model_validate({**small_config.model.model_dump(), **precision})
    config = small_config.model_copy(update={"model": model, "steps": 30})
    whole = train(config, tmp_path / "whole")
    with pytest.raises(Interrupted):
        train(config, tmp_path / "cut", report=stop_at(25))
    assert weights(train(config, tmp_path / "cut", resume=True).checkpoint) == weights(whole.checkpoint)


@pytest.fixture(scope="module")
def short(small_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> TrainingResult:
    config = recipe(small_config, steps=12, freeze_at=0.8)
    return train(config, tmp_path_factory.mktemp("short") / "run")


@pytest.mark.parametrize("step", [pytest.param(15, id="before-freezing"), pytest.param(35, id="after-freezing")])
def test_a_training_with_every_option_resumes_to_the_same_weights(
    small_config: TrainConfig, teacher: Path, tmp_path: Path, step: int
) -> None:
    config = everything(small_config, teacher)
    whole = train(config, tmp_path / "whole")
    with pytest.raises(Interrupted):
        train(config, tmp_path / "cut", report=stop_at(step))
    resumed = train(config, tmp_path / "cut", resume=True)
    assert weights(resumed.checkpoint) == weights(whole.checkpoint)
    assert resumed.metrics == whole.metrics
    found = resumed.metrics["widths"]
    assert 3.9 < (found["mean_weight_bits_per_layer"] + found["mean_activation_bits"]) / 2 <= 4.0
    network = load_checkpoint(resumed.checkpoint)
    assert network.config == config.model


@pytest.mark.parametrize(
    "change",
    [
        {"average": 0.9},
        {"batch_norm_batches": 2},
        {"width_gradient": "interpolated"},
        {"width_momentum": 0.5},
        {"target_bits": 5.0},
        {"target": {"weight_kib": 0.8}},
        {"target": {"LUT": 1500, "cycles": 1000}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_option_of_the_recipe_changes_the_network(
    short: TrainingResult, small_config: TrainConfig, tmp_path: Path, change: dict[str, object]
) -> None:
    shorter = {"steps": 12, "freeze_at": 0.8}
    result = train(recipe(small_config, **{**shorter, **change}), tmp_path / "run")
    assert weights(result.checkpoint) != weights(short.checkpoint)


@pytest.mark.parametrize("name", ["init_from", "teacher"])
def test_a_trained_network_can_be_started_from_and_learned_from(
    trained: TrainingResult, small_config: TrainConfig, teacher: Path, tmp_path: Path, name: str
) -> None:
    change = teacher if name == "init_from" else {"run": teacher}
    result = train(recipe(small_config, **{name: change}), tmp_path / "run")
    assert weights(result.checkpoint) != weights(trained.checkpoint)
    missing = tmp_path / "none"
    with refused("there is no checkpoint here"):
        change = missing if name == "init_from" else {"run": missing}
        train(recipe(small_config, **{name: change}), tmp_path / "other")
    assert not (tmp_path / "other").exists(), "the same command, corrected, would be refused"


def test_a_training_from_another_project_says_and_records_what_it_took(
    small_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record names no folder, and lasts when the training is resumed without the file."""
    (tmp_path / "mine").mkdir()
    torch.save(as_trained(Milesial(channels=3)).state_dict(), tmp_path / "mine" / "net.pth")
    monkeypatch.chdir(tmp_path / "mine")
    model = {**small_config.model.model_dump(), "base_width": WIDTH}
    config = recipe(small_config, model=model, init_from="net.pth", steps=4, save_every=2, validate_every=4)
    said: list[str] = []
    with pytest.raises(Interrupted):
        train(config, tmp_path / "run", report=stop_at(3), say=said.append)
    assert [line.partition(";")[0] for line in said] == [
        "starts from net.pth (milesial/Pytorch-UNet): 12 convolutions taken"
    ]
    Path("net.pth").unlink()
    checkpoint = train(config, tmp_path / "run", resume=True).checkpoint
    training = read_description(checkpoint).training
    assert training is not None and training.origin is not None
    assert training.origin.not_taken == ("encoder.0.conv1 (for 3 channels of the image instead of 1)",)
    assert str(tmp_path / "mine") not in (checkpoint / "model.json").read_text()


def test_what_is_saved_is_what_was_validated(small_config: TrainConfig, tmp_path: Path) -> None:
    """With averaged weights and new statistics of batch normalization, too."""
    config = recipe(small_config, average=0.9, batch_norm_batches=3)
    result = train(config, tmp_path / "run")
    data = load_data(config.data, config.model)
    measured = evaluate(load_checkpoint(result.checkpoint), data.validation)
    assert vars(measured) == result.metrics["validation"]


def test_a_target_is_met_when_the_widths_are_kept(small_config: TrainConfig, tmp_path: Path) -> None:
    seen: list[Progress] = []
    config = recipe(small_config, bit_penalty=0.25, target_bits=4.0)
    train(config, tmp_path / "run", report=seen.append)
    means = [(progress.weight_bits + progress.activation_bits) / 2 for progress in seen]
    assert means[0] == 8
    assert 3.9 < means[-1] <= 4.0
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    assert len(events.Scalars("train/penalty")) == config.steps


def test_no_network_is_best_before_the_last_phase(small_config: TrainConfig, tmp_path: Path) -> None:
    """The baseline gets no more attempts than learned widths do."""
    model = small_config.model.model_copy(update={"precision": "float"})
    result = train(small_config.model_copy(update={"model": model}), tmp_path / "run")
    training = read_description(result.checkpoint).training
    assert training is not None and training.step >= 30


def test_learning_rates_rise_and_fall(
    small_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[tuple[float, float]] = []
    step = torch.optim.Adam.step

    def watched(self: torch.optim.Adam, closure: None = None) -> None:
        rates.append(tuple(group["lr"] for group in self.param_groups))
        step(self)

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    train(small_config.model_copy(update={"steps": 12, "warmup_steps": 4}), tmp_path / "run")
    weight_rates = [rate for rate, _ in rates]
    assert weight_rates[0] == pytest.approx(small_config.learning_rate / 4)
    assert (
        max(weight_rates)
        == weight_rates[3]
        == pytest.approx(small_config.learning_rate * (1 + math.cos(math.pi * 3 / 12)) / 2)
    )
    assert weight_rates[3:] == sorted(weight_rates[3:], reverse=True)
    ratio = small_config.width_learning_rate / small_config.learning_rate
    assert [width for _, width in rates] == pytest.approx([ratio * rate for rate in weight_rates])


def test_scales_may_have_a_learning_rate_of_their_own(
    small_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[tuple[int, float, float]] = []
    step = torch.optim.Adam.step

    def watched(self: torch.optim.Adam, closure: None = None) -> None:
        groups.extend((len(group["params"]), group["lr"], group["betas"][0]) for group in self.param_groups)
        step(self)

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    config = recipe(small_config, steps=1, scale_learning_rate=0.5, width_momentum=0.6)
    train(config, tmp_path / "run")
    model = QuantUNet(config.model)
    widths, scales = len(list(learned_widths(model))), len(scale_parameters(model))
    weights = len(list(model.parameters())) - widths - scales
    assert groups == [(weights, config.learning_rate, 0.9), (widths, 0.3, 0.6), (scales, 0.5, 0.9)]


def test_where_a_training_runs_may_change_when_it_is_resumed(small_config: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        train(small_config, tmp_path / "run", report=stop_at(25))
    train(small_config.model_copy(update={"device": "cpu"}), tmp_path / "run", resume=True)


def test_tensorboard_gets_the_width_of_every_layer_and_what_they_cost(trained: TrainingResult) -> None:
    events = EventAccumulator(str(trained.checkpoint.parent / "tensorboard"))
    events.Reload()
    names = {f"bits/{name}" for name, _ in learned_widths(load_checkpoint(trained.checkpoint))}
    assert names | {"hardware/thresholds", "hardware/products"} <= set(events.Tags()["scalars"])
    assert [event.step for event in events.Scalars("bits/head")] == [15, 30, 45, 60]
    (first, *_, last) = events.Scalars("hardware/weight_memory")
    description = read_description(trained.checkpoint).metrics["widths"]
    assert last.value < first.value
    assert last.value == pytest.approx(8 * description["size_bytes"])


def test_mixed_precision_trains_float_weights(small_config: TrainConfig, tmp_path: Path) -> None:
    model = small_config.model.model_copy(update={"precision": "float"})
    config = small_config.model_copy(update={"model": model, "steps": 4})
    plain = load_checkpoint(train(config, tmp_path / "plain").checkpoint)
    mixed = load_checkpoint(train(config.model_copy(update={"mixed_precision": True}), tmp_path / "mixed").checkpoint)
    assert mixed.head.weight.dtype == torch.float32
    assert not torch.equal(mixed.head.weight, plain.head.weight)
    torch.testing.assert_close(mixed.head.weight, plain.head.weight, rtol=0, atol=4 * 2 * config.learning_rate)
