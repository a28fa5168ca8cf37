"""From what the user names to what the steps read: one QONNX file, images, and the network's own answer to them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from hw_flows.config import BuildConfig
from hw_flows.errors import UserError
from hw_flows.files import read_json, require_input_file, save_array, write_atomically, write_text_atomically
from hw_flows.network_file import MOST_IMAGE_VALUES, load_network

SEED_OF_RANDOM_IMAGES = 20


@dataclass(frozen=True)
class NetworkInputs:
    """Files in `<output>/inputs`: the network, images (N, C, H, W) and logits (N, classes, H, W), both float32."""

    network: Path
    images: Path
    expected: Path
    title: str
    images_from: str
    """Where the images come from, for the report."""
    expected_from: str
    """What computed the expected logits, for the report."""

    def save(self, path: Path) -> None:
        text = {k: v.name if isinstance(v, Path) else v for k, v in vars(self).items()}
        write_text_atomically(path, json.dumps(text, indent=1))

    @staticmethod
    def load(path: Path) -> NetworkInputs:
        """Raises UserError where the file is missing or not one of ours."""
        require_input_file(path)
        try:
            values = read_json(path)
            return NetworkInputs(
                network=path.parent / values["network"],
                images=path.parent / values["images"],
                expected=path.parent / values["expected"],
                title=str(values["title"]),
                images_from=str(values["images_from"]),
                expected_from=str(values["expected_from"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError("the description of the inputs is damaged", str(path), "run qu-build again") from error


def _demo() -> Path:
    from quantunet.checkpoints import DEMO

    return DEMO


def prepare_inputs(cfg: BuildConfig) -> NetworkInputs:
    """Fill `<output>/inputs`. Raises UserError for unusable models and arrays."""
    folder = cfg.output_dir / "inputs"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "masks.npy").unlink(missing_ok=True)  # of other images, where the inputs have changed
    model = cfg.model or _demo()
    if not model.exists():
        raise UserError("the model does not exist", str(model), "give a checkpoint of qu-train or a QONNX file")
    is_onnx = model.is_file() and model.suffix.lower() == ".onnx"
    found = _from_qonnx(model, cfg, folder) if is_onnx else _from_checkpoint(model, cfg, folder)
    found.save(folder / "inputs.json")
    return found


def _from_checkpoint(path: Path, cfg: BuildConfig, folder: Path) -> NetworkInputs:
    import torch

    from quantunet.checkpoint import load_checkpoint
    from quantunet.data import verification_images
    from quantunet.errors import QuantUNetError
    from quantunet.exact import exact_network
    from quantunet.export import export_qonnx

    try:
        network = load_checkpoint(path)
        export_qonnx(network, folder / "network.onnx")
        shape = (network.config.in_channels, *network.config.image_size)
        if cfg.verify_input_npy is not None:
            images = _read_array(cfg.verify_input_npy, shape, "images")
            images_from = cfg.verify_input_npy.name
        else:
            images, masks = verification_images(network, cfg.frames)
            save_array(folder / "masks.npy", masks)
            images_from = "validation split of the data that the network was trained on"
    except QuantUNetError as error:
        raise UserError(error.what, error.where, error.fix) from error
    exact = exact_network(network)
    with torch.no_grad():
        logits = torch.cat([exact(torch.from_numpy(image[None]).double()) for image in images]).float().numpy()
    expected_from = "the Brevitas model in PyTorch, in float64"
    if cfg.verify_expected_output_npy is not None:
        logits = _read_array(cfg.verify_expected_output_npy, logits.shape[1:], "expected output", len(images))
        expected_from = cfg.verify_expected_output_npy.name
    return _finish(folder, images, logits, cfg.frames, path.name, images_from, expected_from)


def _from_qonnx(path: Path, cfg: BuildConfig, folder: Path) -> NetworkInputs:
    from qonnx.core.modelwrapper import ModelWrapper

    network = ModelWrapper(load_network(path))
    write_atomically(folder / "network.onnx", lambda temporary: network.save(str(temporary)))
    shapes, clean = _shapes(network, path), _cleaned(network, path)
    if cfg.verify_input_npy is not None:
        images = _read_array(cfg.verify_input_npy, shapes[0], "images")
        images_from = cfg.verify_input_npy.name
    else:
        random = np.random.default_rng(SEED_OF_RANDOM_IMAGES)
        images = (random.integers(0, 256, (cfg.frames, *shapes[0])) / 255).astype(np.float32)
        images_from = "random pixels k/255 (no --verify-input given)"
    if cfg.verify_expected_output_npy is not None:
        logits = _read_array(cfg.verify_expected_output_npy, shapes[1], "expected output", len(images))
        expected_from = cfg.verify_expected_output_npy.name
    else:
        images = images[: cfg.frames]
        logits = _answers(clean, images, path)
        expected_from = "the QONNX file itself, executed in float64 (no --verify-expected given)"
    return _finish(folder, images, logits, cfg.frames, path.stem, images_from, expected_from)


def _shapes(network, path: Path) -> tuple[tuple[int, ...], tuple[int, ...]]:  # type: ignore[no-untyped-def]
    from qonnx.transformation.infer_shapes import InferShapes

    weights = {i.name for i in network.graph.initializer}
    images = [i for i in network.graph.input if i.name not in weights]
    if len(images) != 1:
        raise UserError(f"the network has {len(images)} inputs, not one", str(path), "export one image input")
    try:
        shaped = network.transform(InferShapes())
    except Exception as error:
        raise _not_executed(error, path) from error
    result = []
    for name in (images[0].name, network.graph.output[0].name):
        shape = shaped.get_tensor_shape(name)
        if shape is None or len(shape) != 4 or shape[0] != 1 or any(d < 1 for d in shape):
            raise UserError(
                f"tensor {name} has shape {shape}, not (1, channels, height, width)", str(path),
                "export with fixed sizes and a batch of one",
            )  # fmt: skip
        if prod(shape) > MOST_IMAGE_VALUES:
            raise UserError(f"tensor {name} has shape {shape}, too large", str(path), "export for smaller images")
        result.append(tuple(int(d) for d in shape[1:]))
    return result[0], result[1]


def _cleaned(network, path: Path):  # type: ignore[no-untyped-def]
    """A cleaned copy, as the first build step makes it."""
    from qonnx.core.modelwrapper import ModelWrapper
    from qonnx.util.cleanup import cleanup_model

    try:
        return cleanup_model(ModelWrapper(network.model))
    except Exception as error:  # QONNX and ONNX Runtime refuse what they cannot compute with errors of many types
        raise _not_executed(error, path) from error


def _answers(clean, images: np.ndarray, path: Path) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Logits (N, classes, H, W) of a clean network, in float64."""
    from hw_flows.execute import execute_network

    try:
        return np.concatenate([execute_network(clean, None, image[None]) for image in images])
    except (UserError, MemoryError):
        raise
    except Exception as error:
        raise _not_executed(error, path) from error


def _not_executed(error: Exception, path: Path) -> UserError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0][:500]
    return UserError(
        f"the network cannot be executed: {reason}", str(path), "export the network with Brevitas' export_qonnx"
    )


def read_images(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Images float32 (N, *shape) from a .npy file. Raises UserError where they do not fit."""
    return _read_array(path, shape, "images")


def _read_array(path: Path, shape: tuple[int, ...], what: str, count: int | None = None) -> np.ndarray:
    """float32 (N, *shape) from a .npy file, never unpickled."""
    if not path.exists():
        raise UserError(f"the file of {what} does not exist", str(path), "give an existing .npy file")
    require_input_file(path)
    try:
        # mapped: a header that claims more than the file holds takes no memory
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # NumPy's reader of headers ends on damaged ones with errors of many types
        raise UserError(f"the file of {what} is no readable .npy array: {error}", str(path)) from None
    if not isinstance(array, np.ndarray) or array.dtype != np.float32:
        raise UserError(f"the array of {what} is not float32", str(path), "save it with dtype float32")
    if array.ndim != 4 or array.shape[1:] != tuple(shape) or len(array) == 0:
        raise UserError(
            f"the array of {what} has shape {array.shape}, the network needs (N, {', '.join(map(str, shape))})",
            str(path), "give frames in NCHW order of the network's own size",
        )  # fmt: skip
    if count is not None and len(array) != count:
        raise UserError(f"{len(array)} frames of {what} for {count} images", str(path), "give as many as images")
    if not np.isfinite(array).all():
        raise UserError(f"the array of {what} holds values that are not finite", str(path))
    return np.array(array)


def _finish(
    folder: Path, images: np.ndarray, logits: np.ndarray, frames: int, title: str, images_from: str, expected_from: str
) -> NetworkInputs:
    if not np.isfinite(logits).all():
        raise UserError("the network answers with values that are not finite", title, "check its weights and scales")
    chosen = np.arange(frames) % len(images)
    save_array(folder / "images.npy", images[chosen])
    save_array(folder / "logits.npy", logits[chosen])
    return NetworkInputs(
        folder / "network.onnx", folder / "images.npy", folder / "logits.npy", title, images_from, expected_from
    )
