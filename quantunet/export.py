# SPDX-License-Identifier: BSD-3-Clause
"""Export to QONNX: one clean file that says nothing about the machine that wrote it."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
import torch
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.util.cleanup import cleanup_model

from quantunet.model import QuantUNet
from quantunet.quantizers import learned_widths
from quantunet_common.errors import UserError
from quantunet_common.files import write_durably

#: Metadata of a node in which torch.onnx names the modules that it belongs to.
_MODULES = "pkg.torch.onnx.name_scopes"


def export_qonnx(model: QuantUNet, path: Path) -> None:
    """Write `model` as QONNX: weights inside the file, input ``[1, C, H, W]`` float32 in k/255, output
    logits.

    The file is written at once or not at all, and the same network gives the same bytes.

    Raises:
        UserError: the network is a float one, or the file cannot be written.
    """
    if model.config.precision == "float":
        raise UserError(
            "is a float network: it has no integers to export or to build hardware from",
            "checkpoint",
            "Train it with precision learned or fixed.",
        )
    assert all(not width.bit_width_offset.requires_grad for _, width in learned_widths(model)), (
        "freeze the widths first"
    )
    graph = _exported(model)
    _anonymize(graph)
    write_durably(Path(path), graph.SerializeToString(deterministic=True))


def _exported(model: QuantUNet) -> onnx.ModelProto:
    was_training = model.training
    model.eval()
    image = torch.zeros((1, *model.input_shape))
    with tempfile.TemporaryDirectory() as folder, _quiet():
        from brevitas.export import export_qonnx as brevitas_export  # warns of an optional package

        raw = str(Path(folder) / "raw.onnx")
        brevitas_export(model, args=image, export_path=raw, verbose=False)
        # torch writes the weights beside the file; loading joins them.
        wrapper = cleanup_model(ModelWrapper(onnx.load(raw)))
    model.train(was_training)
    graph: onnx.ModelProto = wrapper.model
    return graph


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what the exporters say about optional packages (torchvision, Hadamard kernels)."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _anonymize(model: onnx.ModelProto) -> None:
    """Drop the paths and stack traces that the torch exporter leaves in documentation fields, not the names of modules."""
    model.producer_name, model.producer_version, model.doc_string = "quantunet", "", ""
    del model.metadata_props[:]
    graph = model.graph
    graph.name, graph.doc_string = "quantunet", ""
    del graph.metadata_props[:]
    for item in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        item.doc_string = ""
        kept = [entry for entry in item.metadata_props if entry.key == _MODULES]
        del item.metadata_props[:]
        item.metadata_props.extend(kept)
