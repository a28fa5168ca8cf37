# SPDX-License-Identifier: BSD-3-Clause
"""From what the user names to what the steps read: one QONNX file, images, and the network's own answer to them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hw_flows.arrays import read_expected, read_images
from hw_flows.config import BuildConfig
from hw_flows.machine.errors import UserError
from quantunet_common.files import read_json, require_input_file, save_array, write_atomically, write_text_atomically

if TYPE_CHECKING:
    from hw_flows.network.answers import Answers
    from hw_flows.network.head import SplitNetwork
    from quantunet.model import QuantUNet

SEED_OF_RANDOM_IMAGES = 20
#: Of quantunet, and of others, which are told apart when they are read.
_CHECKPOINT_FILES = (".pt", ".pth", ".json", ".safetensors")
_FILES = ("network", "images", "expected", "head", "outputs")


@dataclass(frozen=True)
class NetworkInputs:
    """Files in `<output>/inputs`: the network that becomes hardware, which ends with its logits, images (N, C, H, W) and
    logits (N, classes, H, W), both float32."""

    network: Path
    images: Path
    expected: Path
    title: str
    images_from: str
    """Where the images come from, for the report."""
    expected_from: str
    """What computed the expected logits, for the report."""
    head: Path | None = None
    """What the network computes behind its logits, on the host; None where it ends with them."""
    outputs: Path | None = None
    """The network's output (N, ...) behind `head`, as float32."""
    host_operators: tuple[str, ...] = ()
    """Types of the operators of `head`, in order."""
    operators: tuple[str, ...] = ()
    """Folders of operators that are not in this package, absolute."""
    disagreement: str | None = None
    """Why the network's answer is not the expected output that the user gave; None where it is."""

    def save(self, path: Path) -> None:
        text = {k: v.name if isinstance(v, Path) else v for k, v in vars(self).items()}
        write_text_atomically(path, json.dumps(text, indent=1))

    @staticmethod
    def load(path: Path) -> NetworkInputs:
        """Raises UserError where the file is missing or not one of ours."""
        require_input_file(path)
        try:
            values = dict(read_json(path))
            for key in _FILES:
                if values.get(key) is not None:
                    values[key] = path.parent / values[key]
            for key in ("title", "images_from", "expected_from"):
                values[key] = str(values[key])
            for key in ("host_operators", "operators"):
                values[key] = tuple(map(str, values.get(key, ())))
            return NetworkInputs(**values)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError("the description of the inputs is damaged", str(path), "run qu-build again") from error


def inputs_of_build(build_dir: Path) -> NetworkInputs:
    """Those of a finished build, whose models can be read from here on: FINN and the operators that it used are known.

    Raises UserError where the build has none.
    """
    from hw_flows.finn_environment import prepare_finn
    from hw_flows.operators import add_folder

    prepare_finn(build_dir / "finn")
    inputs = NetworkInputs.load(build_dir / "inputs" / "inputs.json")
    for operator in inputs.operators:
        add_folder(Path(operator))
    return inputs


def _demo() -> Path:
    from quantunet.checkpoints import DEMO

    return DEMO


def prepare_inputs(cfg: BuildConfig) -> NetworkInputs:
    """Fill `<output>/inputs`. Raises UserError for unusable models and arrays, and for networks without hardware."""
    folder = cfg.output_dir / "inputs"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("masks.npy", "head.onnx", "outputs.npy"):  # of other inputs, where they have changed
        (folder / name).unlink(missing_ok=True)
    model = _given_model(cfg)
    found = _from_qonnx(model, cfg, folder) if _is_onnx(model) else _from_checkpoint(model, cfg, folder)
    found = replace(found, operators=tuple(str(path.resolve()) for path in cfg.operators))
    found.save(folder / "inputs.json")
    return found


def network_file(cfg: BuildConfig, folder: Path) -> Path:
    """The QONNX file that is given, or what the checkpoint that is given exports, in `folder`. Raises UserError."""

    from quantunet.export import export_qonnx

    model = _given_model(cfg)
    if _is_onnx(model):
        return model
    export_qonnx(_read_checkpoint(model), folder / "network.onnx")
    return folder / "network.onnx"


def _given_model(cfg: BuildConfig) -> Path:
    model = cfg.model or _demo()
    if not model.exists():
        raise UserError("the model does not exist", str(model), "give a checkpoint of qu-train or a QONNX file")
    if model.is_file() and not _is_onnx(model) and model.suffix.lower() not in _CHECKPOINT_FILES:
        raise UserError(
            "this is neither a checkpoint of qu-train nor an ONNX file by its name",
            str(model),
            "give a quantized network as a file that ends in .onnx (Brevitas: export_qonnx), or a checkpoint folder of qu-train",
        )
    if not _is_onnx(model) and (cfg.input_shape is not None or cfg.output_tensor is not None):
        raise UserError(
            "--input-shape and --output-tensor are for ONNX files: a checkpoint has one output, and its image size",
            str(model),
            "leave them out, or export the network (qu-export) and give the file",
        )
    return model


def _is_onnx(model: Path) -> bool:
    return model.is_file() and model.suffix.lower() == ".onnx"


def _read_checkpoint(path: Path) -> QuantUNet:
    from quantunet.checkpoint import DESCRIPTION, load_checkpoint

    try:
        return load_checkpoint(path)
    except UserError as error:
        if (path / DESCRIPTION).is_file() or path.name == DESCRIPTION:  # one of ours, damaged
            raise
        own = "A network of your own is given as an ONNX file (Brevitas: export_qonnx), not as weights."
        raise UserError(error.what, error.where, f"{error.fix} {own}".strip()) from error


def _from_checkpoint(path: Path, cfg: BuildConfig, folder: Path) -> NetworkInputs:
    from hw_flows.network.answers import Answers
    from quantunet.data import verification_images
    from quantunet.exact import exact_logits
    from quantunet.export import export_qonnx

    network = _read_checkpoint(path)
    export_qonnx(network, folder / "network.onnx")
    shape = (network.config.in_channels, *network.config.image_size)
    if cfg.verify_input_npy is not None:
        images = read_images(cfg.verify_input_npy, shape)
        images_from = cfg.verify_input_npy.name
    elif (data := getattr(network.data, "path", None)) is not None and not data.exists():
        images = _random_images(cfg.frames, shape)
        images_from = f"random pixels k/255 (the network's data are not at {data}, and no --verify-input given)"
    else:
        images, masks = verification_images(network, cfg.frames)
        save_array(folder / "masks.npy", masks)
        images_from = "validation split of the network's data"
    used = images[: cfg.frames]
    logits = exact_logits(network, used)
    expected = _read_expected(cfg, [logits.shape[1:]], len(images))
    found = NetworkInputs(
        folder / "network.onnx",
        folder / "images.npy",
        folder / "logits.npy",
        path.name,
        images_from,
        "the Brevitas model in PyTorch, in float64",
        disagreement=_compare(expected, Answers(logits, logits), None),
    )
    return _finish(found, used, Answers(logits, logits), cfg.frames)


def _from_qonnx(path: Path, cfg: BuildConfig, folder: Path) -> NetworkInputs:
    from hw_flows.network.answers import answer
    from hw_flows.network.read import read_network

    read = read_network(path, cfg.input_shape, cfg.output_tensor)
    network, shapes = read.parts, read.shapes
    if cfg.verify_input_npy is not None:
        images = read_images(cfg.verify_input_npy, shapes.image)
        images_from = cfg.verify_input_npy.name
    else:
        images = _random_images(cfg.frames, shapes.image)
        images_from = "random pixels k/255 (no --verify-input given)"
    expected = _read_expected(cfg, [shapes.output, shapes.logits], len(images))
    read.require_hardware()  # before any step
    used = images[: cfg.frames]
    answers = answer(network, read.image, used)
    write_atomically(folder / "network.onnx", lambda temporary: _save(network.body, temporary))
    if network.head is not None:
        head = network.head
        write_atomically(folder / "head.onnx", lambda temporary: _save(head, temporary))
    found = NetworkInputs(
        folder / "network.onnx",
        folder / "images.npy",
        folder / "logits.npy",
        path.stem,
        images_from,
        "the QONNX file itself, executed in float64 before any change"
        + ("" if cfg.verify_expected_output_npy is None else f", compared with {cfg.verify_expected_output_npy.name}"),
        head=None if network.head is None else folder / "head.onnx",
        outputs=None if network.head is None else folder / "outputs.npy",
        host_operators=network.host_operators,
        disagreement=_compare(expected, answers, network),
    )
    return _finish(found, used, answers, cfg.frames)


def _random_images(count: int, shape: tuple[int, ...]) -> np.ndarray:
    """Pixels k/255, float32, (count, *shape)."""
    random = np.random.default_rng(SEED_OF_RANDOM_IMAGES)
    return (random.integers(0, 256, (count, *shape)) / 255).astype(np.float32)


def _save(model: Any, path: Path) -> None:
    path.write_bytes(model.SerializeToString(deterministic=True))


def _read_expected(cfg: BuildConfig, shapes: list[tuple[int, ...]], count: int) -> np.ndarray | None:
    """The expected output that the user gives for the images used, if any."""
    path = cfg.verify_expected_output_npy
    return None if path is None else read_expected(path, shapes, count)[: cfg.frames]


def _compare(expected: np.ndarray | None, answers: Answers, network: SplitNetwork | None) -> str | None:
    from hw_flows.network.expected import disagreement

    return None if expected is None else disagreement(expected, answers, network)


def _finish(found: NetworkInputs, images: np.ndarray, answers: Answers, frames: int) -> NetworkInputs:
    if not np.isfinite(answers.logits).all():
        raise UserError(
            "the network answers with values that are not finite", found.title, "check its weights and scales"
        )
    chosen = np.arange(frames) % len(images)
    save_array(found.images, images[chosen])
    save_array(found.expected, answers.logits[chosen])
    if found.outputs is not None:
        save_array(found.outputs, answers.output[chosen])
    return found
