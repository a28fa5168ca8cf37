# SPDX-License-Identifier: BSD-3-Clause
"""What is tried in an image, and what each command has to answer."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml

from hw_flows.docker.images import OPEN, VENDOR, project_folder
from quantunet_common.files import read_json, write_text_atomically

Judge = Callable[[str], str | None]
"""Given all that a command said, what is wrong; None where nothing is."""

#: Who runs, and which networks are there.
_WHERE = "import json, os, socket; print(json.dumps([os.getuid(), [name for _, name in socket.if_nameindex()]]))"
#: FINN's builder needs FINN's settings, which its own program sets, and loads Vivado's simulator or what takes its place.
_FINN = (
    "from pathlib import Path; from tempfile import mkdtemp; from hw_flows.finn_environment import prepare_finn; "
    "from hw_flows.finn_verilator import install; prepare_finn(Path(mkdtemp())); install(); "
    "import finn.builder.build_dataflow, finn.builder.build_dataflow_config, mip; print('imported', mip.__version__)"
)
#: Groups of qu-doctor that must be ready in an image: (flow, times).
_READY = {OPEN: {"none": 1, "open": 2}, VENDOR: {"none": 1}}
_EXPERIMENT = {
    "train": "train.yaml",
    "seeds": [0],
    "variants": {"learned": {}, "fixed-4": {"model": {"precision": "fixed", "bits": 4}}},
    "cluster": {"kind": "local", "workers": 1},
    "hardware": {"board": "pynq-z2", "target_fps": 1000},
}
_TRAINING = {
    "model": {"base_width": 2, "depth": 1, "image_size": [16, 16]},
    "data": {"kind": "icbm152", "target": "white_matter"},
    "steps": 20,
    "batch_size": 4,
}


@dataclass(frozen=True)
class ContainerCheck:
    """A command inside, and what its answer must be; it must also end with status 0."""

    name: str
    command: tuple[str, ...]
    judge: Judge = lambda said: None


def checks_of(stage: str, folder: Path, user: int) -> list[ContainerCheck]:
    """All checks of the image of a stage but the build of a network, which is `build_check`.

    Args:
        stage: Of docker/Dockerfile.
        folder: Existing, empty folder that the commands may write into.
        user: Id that the commands are to run as; negative where the engine chooses it.
    """
    write_experiment(folder)
    experiment = ("qu-experiment", "--config", str(folder / "experiment.yaml"), "--output", str(folder / "experiment"))
    checks = [
        ContainerCheck("user and network", ("python", "-c", _WHERE), lambda said: judge_place(said, user)),
        ContainerCheck(
            "`--help` of every command",
            ("bash", "-c", f"for c in {' '.join(commands())}; do $c --help || exit 1; done"),
        ),
        ContainerCheck("`qu-doctor`", ("qu-doctor",), lambda said: judge_doctor(said, _READY[stage])),
        ContainerCheck(
            "`qu-eval`",
            ("qu-eval", "--json", str(folder / "eval.json")),
            lambda said: judge_scores(folder / "eval.json"),
        ),
        ContainerCheck("`qu-experiment`, 2 short trainings", experiment, lambda said: judge_page(said)),
    ]
    if stage == VENDOR:
        checks.append(
            ContainerCheck(
                "FINN's builder imports, without Vivado by `hw_flows.finn_verilator`", ("python", "-c", _FINN)
            )
        )
    return checks


def build_check(config: Path, output: Path) -> ContainerCheck:
    """The build of a configuration, made inside to its report."""
    command = ("qu-build", "--config", str(config), "--output", str(output), "--batch")
    return ContainerCheck(f"`qu-build --config {config.name}`", command, lambda said: judge_report(output))


def commands() -> list[str]:
    """The commands of the project."""
    settings = tomllib.loads((project_folder() / "pyproject.toml").read_text(encoding="utf-8"))
    return list(settings["project"]["scripts"])


def write_experiment(folder: Path) -> None:
    """`experiment.yaml` and its `train.yaml`."""
    for name, content in (("experiment", _EXPERIMENT), ("train", _TRAINING)):
        write_text_atomically(folder / f"{name}.yaml", yaml.safe_dump(content, sort_keys=False))


def judge_place(said: str, user: int) -> str | None:
    """No network but the loopback, and the user that was asked for."""
    found, networks = json.loads(said.strip().splitlines()[-1])
    if user >= 0 and found != user:
        return f"runs as user {found}, not {user}"
    return f"there are networks: {', '.join(networks)}" if set(networks) - {"lo"} else None


def judge_doctor(said: str, wanted: dict[str, int]) -> str | None:
    """Every flow of the image is ready: its name, as often as it is there."""
    verdicts = re.findall(r"^flow (\w+): .*?^  -> (.*?)$", said, re.MULTILINE | re.DOTALL)
    for flow, times in wanted.items():
        found = [verdict for name, verdict in verdicts if name == flow]
        if found != ["ready"] * times:
            return f"flow {flow}: {'; '.join(found) or 'not named'}"
    return None


def judge_scores(file: Path) -> str | None:
    scores = read_json(file)
    return None if 0 < scores["dice"] <= 1 else f"a Dice of {scores['dice']}"


def judge_page(said: str) -> str | None:
    """Its last line is the page."""
    page = Path(said.strip().splitlines()[-1])
    return None if page.is_file() and page.suffix == ".html" else f"{page} is no page"


def judge_report(build: Path) -> str | None:
    """The build is whole, bit-exact, and has its page."""
    status = read_json(build / "report" / "build.json")["status"]
    if status != "built":
        return f"the build is {status}"
    runs = read_json(build / "report" / "verification.json")
    if not (build / "report" / "index.html").is_file():
        return "there is no report page"
    return None if runs["bit_exact"] else "the RTL is not bit-exact"
