# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from quantunet.checkpoint import load_checkpoint, read_description, save_checkpoint
from quantunet.checkpoints import FETAL_HEADS
from quantunet.config import ModelConfig, TrainConfig
from quantunet.data import load_data
from quantunet.metrics import evaluate
from quantunet.model import QuantUNet
from quantunet.quantizers import freeze_widths, learned_widths
from quantunet.train import TrainingResult
from quantunet_common import files
from tests.quantunet.refusal import refused


def run(model: QuantUNet) -> torch.Tensor:
    image = torch.rand(3, *model.input_shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return model(image)


def small_network(base: int = 2) -> QuantUNet:
    """A network whose activation scales have been measured, as by training."""
    torch.manual_seed(base)
    model = QuantUNet(ModelConfig(depth=1, base_width=base, image_size=(8, 8)))
    run(model.train())
    freeze_widths(model)
    return model.eval()


def test_a_network_comes_back_as_it_was(tmp_path: Path) -> None:
    model = small_network()
    save_checkpoint(tmp_path / "a", model)
    back = load_checkpoint(tmp_path / "a")
    assert torch.equal(run(back), run(model))
    assert back.config == model.config
    assert not back.training
    assert all(not width.bit_width_offset.requires_grad for _, width in learned_widths(back))


def test_saving_again_gives_the_same_bytes(trained: TrainingResult, tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "again", load_checkpoint(trained.checkpoint))
    name = "weights.safetensors"
    assert (tmp_path / "again" / name).read_bytes() == (trained.checkpoint / name).read_bytes()


def test_the_description_says_how_it_was_made_and_what_it_reaches(
    trained: TrainingResult, small_config: TrainConfig
) -> None:
    description = read_description(trained.checkpoint)
    assert description.training is not None
    assert description.training.settings == small_config
    assert description.training.command == "qu-train --example"
    model = load_checkpoint(trained.checkpoint)
    measured = evaluate(model, load_data(small_config.data, small_config.model).validation)
    assert description.metrics["validation"] == vars(measured)
    assert description.widths == {name: int(width()) for name, width in learned_widths(model)}


def test_the_run_folder_and_the_files_in_it_stand_for_the_checkpoint(trained: TrainingResult) -> None:
    expected = run(load_checkpoint(trained.checkpoint))
    for path in (
        trained.checkpoint.parent,
        trained.checkpoint / "model.json",
        trained.checkpoint / "weights.safetensors",
    ):
        assert torch.equal(run(load_checkpoint(path)), expected)


def change_json(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "model.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | values))

    return change


def truncate(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return change


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def edit_weights(edit: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / "weights.safetensors"
        tensors = load_file(file)
        edit(tensors)
        file.unlink()
        save_file(tensors, file)

    return change


def weights_of_a_wider_network(folder: Path) -> None:
    save_checkpoint(folder.parent / "other", small_network(base=3))
    shutil.copy(folder.parent / "other" / "weights.safetensors", folder)


def not_finite(tensors: dict[str, torch.Tensor]) -> None:
    tensors["head.bias"][0] = float("nan")


def other_width(tensors: dict[str, torch.Tensor]) -> None:
    name = next(name for name in tensors if name.endswith("bit_width_offset"))
    tensors[name].fill_(3.0)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (shutil.rmtree, "there is no checkpoint here"),
        (remove("model.json"), r"holds no model\.json"),
        (remove("weights.safetensors"), r"weights\.safetensors: the file cannot be read"),
        (truncate("model.json"), r"model\.json: is damaged"),
        (truncate("weights.safetensors"), r"weights\.safetensors: is truncated"),
        (change_json(format="something"), r"model\.json.*format"),
        (change_json(format_version=99), "format version 99"),
        (change_json(model={"depth": "deep"}), r"model\.depth"),
        (change_json(widths={}), r"learned widths differ"),
        (weights_of_a_wider_network, r"another network: .* has shape"),
        (
            change_json(model={"depth": 2, "base_width": 2, "image_size": [8, 8]}),
            "another network: 512 numbers for at least",
        ),
        (
            edit_weights(lambda tensors: tensors.pop("head.weight")),
            r"another network: head\.weight is missing",
        ),
        (edit_weights(lambda tensors: tensors.update(extra=torch.ones(1))), r"extra is not part"),
        (edit_weights(not_finite), r"head\.bias holds values that are not finite"),
        (edit_weights(other_width), "learned widths differ"),
    ],
)
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    folder = tmp_path / "checkpoint"
    save_checkpoint(folder, small_network())
    load_checkpoint(folder)  # sound before
    damage(folder)
    with refused(said) as caught:
        load_checkpoint(folder)
    assert str(folder) in str(caught.value)
    assert caught.value.fix


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(b"\x08\x0a")
    with refused("another kind"):
        load_checkpoint(file)


class _Attack:
    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.victim),))


def test_a_torch_file_of_tensors_is_read(tmp_path: Path) -> None:
    model = small_network()
    file = tmp_path / "net.pt"
    torch.save({"model": model.config.model_dump(mode="json"), "state_dict": model.state_dict()}, file)
    assert torch.equal(run(load_checkpoint(file)), run(model))


def test_code_in_a_torch_file_does_not_run(tmp_path: Path) -> None:
    victim = tmp_path / "was here"
    modern, plain = tmp_path / "modern.pt", tmp_path / "plain.pt"
    torch.save({"model": _Attack(victim)}, modern)
    plain.write_bytes(pickle.dumps(_Attack(victim)))
    for file in (modern, plain):
        with refused("not opened"):
            load_checkpoint(file)
    assert not victim.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"plain text"])
def test_a_broken_torch_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "net.pt"
    file.write_bytes(content)
    with refused(r"net\.pt"):
        load_checkpoint(file)


@pytest.mark.parametrize("content", [{}, {"model": {"depth": 0}, "state_dict": {}}, {"model": {}, "state_dict": [1]}])
def test_a_torch_file_of_something_else_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "net.pt")
    with refused(r"net\.pt"):
        load_checkpoint(tmp_path / "net.pt")


def test_a_checkpoint_replaces_an_older_one_but_nothing_else(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "a", small_network())
    save_checkpoint(tmp_path / "a", small_network(base=3))
    assert load_checkpoint(tmp_path / "a").config.base_width == 3
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with refused("taken by something else"):
        save_checkpoint(tmp_path / "mine", small_network())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "mine"]


def test_a_full_disk_leaves_the_older_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checkpoint(tmp_path / "a", small_network())

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with refused("No space left on device"):
        save_checkpoint(tmp_path / "a", small_network(base=3))
    assert load_checkpoint(tmp_path / "a").config.base_width == 2
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_described_network_larger_than_its_weights_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "checkpoint"
    save_checkpoint(folder, small_network())
    change_json(model={"depth": 5, "base_width": 50, "image_size": [64, 64]})(folder)
    monkeypatch.setattr("quantunet.checkpoint.QuantUNet", lambda config: pytest.fail("memory is taken"))
    with refused("weights of another network"):
        load_checkpoint(folder)


def test_a_torch_file_that_unpacks_to_more_than_itself_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "net.pt"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10**6))
    with refused("compressed"):
        load_checkpoint(file)


def test_sparse_weights_are_refused(tmp_path: Path) -> None:
    model = small_network()
    state = dict(model.state_dict())
    state["head.weight"] = state["head.weight"].to_sparse()
    torch.save({"model": model.config.model_dump(mode="json"), "state_dict": state}, tmp_path / "net.pt")
    with refused("head.weight holds sparse"):
        load_checkpoint(tmp_path / "net.pt")


@pytest.mark.parametrize("name", ["model.json", "weights.safetensors"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "checkpoint"
    save_checkpoint(folder, small_network())
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with refused("not a regular file"):
        load_checkpoint(folder)


def test_weights_of_the_packaged_wide_network_are_what_its_quantizers_use() -> None:
    """So that the file packs well; at the widths that training gave, its answers stay the same."""
    model = load_checkpoint(FETAL_HEADS)
    layers = [module for module in model.modules() if hasattr(module, "quant_weight")]
    assert sum(layer.weight.numel() for layer in layers) == 1_939_104
    for layer in layers:
        assert layer.weight.unique().numel() <= 2**8
        torch.testing.assert_close(layer.quant_weight().value, layer.weight, rtol=1e-6, atol=0)
