# SPDX-License-Identifier: BSD-3-Clause
"""Files of other projects' weights that a training is to start from."""

from __future__ import annotations

import io
import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trust.hostile_input.case import BadInput
from trust.hostile_input.kinds.checkpoints import bomb, safetensors_file, with_damaged_pickle
from trust.hostile_input.mutate import changed, damaged
from trust.hostile_input.payloads import NAMES, NO_FILES, pickles, torch_archives, write_canary_module
from trust.hostile_input.seeds import Seeds

KIND = "weights to start from"
_TRAIN = ("--data", "in/data", "--image-size", "16x16", "--base-width", "1", "--depth", "1", "--steps", "1")


def cases(seeds: Seeds) -> list[BadInput]:
    states = _states()
    found = [_case(seeds, f"pickle: {name}", data) for name, data in pickles().items()]
    found += [_case(seeds, f"archive: {name}", data) for name, data in torch_archives().items()]
    for family, state in states.items():
        sound = _torch_file(state)
        found += [_case(seeds, f"{family}: {name}", data) for name, data in damaged(sound, 12, family)]
        found += [_case(seeds, f"{family}, pickle: {name}", data) for name, data in with_damaged_pickle(sound, 8)]
        found += [_case(seeds, f"{family}: {name}", _torch_file(other)) for name, other in _changed(state).items()]
    found += _safetensors(seeds, next(iter(states.values())))
    found.append(_case(seeds, "archive that unpacks to 3 GiB", lambda path: path.write_bytes(bomb())))
    for name, make in NO_FILES.items():
        found += [_case(seeds, f"{name} as {file}", make, file) for file in ("net.pth", "net.safetensors")]
    return found


def _case(seeds: Seeds, name: str, content: bytes | Callable[[Path], object], file: str = "net.pth") -> BadInput:
    """`content` is written, or writes, what is named by --init."""

    def write(folder: Path) -> None:
        shutil.copytree(seeds.data, folder / "data")
        write_canary_module(folder)
        if isinstance(content, bytes):
            (folder / file).write_bytes(content)
        else:
            content(folder / file)

    arguments = (*_TRAIN, "--init", f"in/{file}", "--output", "out/run")
    return BadInput(KIND, name, "qu-train", arguments, write, attacked="--init")


def _states() -> dict[str, dict[str, Any]]:
    """Sound weights of each family, for the network of the cases."""
    from quantunet.config import ModelConfig
    from quantunet.foreign.family import families
    from quantunet.model import QuantUNet

    ours = QuantUNet(ModelConfig(depth=1, base_width=1, precision="float")).state_dict()
    found = {}
    for family in families():
        names = family.ours_and_theirs(1)
        parts = {name: name.rpartition(".")[::2] for name in ours}
        found[family.name] = {
            f"{names[layer]}.{part}": ours[name].clone() for name, (layer, part) in parts.items() if layer in names
        }
    return found


def _changed(state: dict[str, Any]) -> dict[str, dict[Any, Any]]:
    """The same with tensors, names or values that no network has."""
    import torch

    first = next(iter(state))
    found: dict[str, dict[Any, Any]] = {
        "tensor of 2^62 values": {**state, first: torch.zeros(1).expand(2**31, 2**31)},
        "convolution with 2^40 outputs": {**state, first: torch.zeros(1).expand(2**40, 1, 3, 3)},
        "convolution without outputs": {**state, first: torch.zeros(0, 1, 3, 3)},
        "tensor without values": {**state, first: torch.empty(1, 1, 3, 3, device="meta")},
        "sparse": {**state, first: torch.ones(1, 1, 3, 3).to_sparse()},
        "complex": {**state, first: torch.ones(1, 1, 3, 3, dtype=torch.complex64)},
        "infinite": {name: torch.full(tensor.shape, torch.inf) for name, tensor in state.items()},
        "all zero": {name: torch.zeros_like(tensor) for name, tensor in state.items()},
        "the largest numbers": {name: torch.full(tensor.shape, 3e38) for name, tensor in state.items()},
        "negative variances": {name: -tensor for name, tensor in state.items()},
        "numbers in place of tensors": {**dict.fromkeys(state, 1), first: state[first]},
        "a number as a name": dict[Any, Any](state) | {7: state[first]},
        "wrapped in itself": {"state_dict": {"state_dict": {"state_dict": state}}},
    }
    for name, payload in list(NAMES.items())[::6]:
        found[f"tensor named {name}"] = {**state, payload: state[first]}
        found[f"only a tensor named {name}"] = {payload: state[first]}
    return found


def _torch_file(state: dict[Any, Any]) -> bytes:
    import torch

    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def _safetensors(seeds: Seeds, state: dict[str, Any]) -> list[BadInput]:
    from safetensors.torch import save

    sound = save(state)
    length = struct.unpack("<Q", sound[:8])[0]
    header, data = json.loads(sound[8 : 8 + length]), sound[8 + length :]
    contents = {f"safetensors: {name}": other for name, other in damaged(sound, 8, "safetensors")}
    for name, other in changed(header, 8, "header"):
        contents[f"safetensors, header: {name}"] = safetensors_file(json.dumps(other).encode(), data)
    contents["safetensors: header of 2^63 bytes"] = safetensors_file(b"{}", length=2**63)
    contents["safetensors: pickle"] = pickles()["os.system"]
    return [_case(seeds, name, content, "net.safetensors") for name, content in contents.items()]
