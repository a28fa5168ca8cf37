# SPDX-License-Identifier: BSD-3-Clause
"""README, pages and READMEs: links lead somewhere, commands exist with the options that are used, figures agree, the site builds."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import yaml

from hw_flows.cli import build_command, compare_command, doctor_command, lift_command, sim_command
from quantunet.cli import export_main, train_main
from quantunet.cli_data import data_main
from quantunet_lab.cli import ablate_main, eval_main, experiment_main

ROOT = Path(__file__).parents[1]
MOST_LINES_OF_README = 130
COMMANDS: dict[str, click.Command] = {
    "qu-train": train_main,
    "qu-eval": eval_main,
    "qu-export": export_main,
    "qu-data": data_main,
    "qu-experiment": experiment_main,
    "qu-ablate": ablate_main,
    "qu-build": build_command,
    "qu-sim": sim_command,
    "qu-compare": compare_command,
    "qu-lift": lift_command,
    "qu-doctor": doctor_command,
}
#: What the site needs, as modules.
SITE = ("mkdocs", "material", "mkdocs_click", "mkdocstrings_handlers.python")
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(
            path
            for folder in ("hw_flows", "quantunet", "proofs", "benchmarks", "docker")
            for path in (ROOT / folder).rglob("*.md")
        ),
    ]
)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)
_OPTION = re.compile(r"(?<=\s)--[a-z][a-z-]*")
#: With a group separator or a point, or of three digits and more: what was measured.
_FIGURE = re.compile(r"\d+(?:[.,]\d+)+|\d{3,}")


@cache
def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def without_blocks(page: str) -> str:
    """The page without fenced and indented code."""
    text = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    return "\n".join(line for line in text.split("\n") if not line.startswith("    "))


@cache
def anchors(page: str) -> frozenset[str]:
    """Of the headings, as GitHub makes them."""
    titles = [
        re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower() for title in _HEADING.findall(without_blocks(page))
    ]
    return frozenset("".join(c for c in title.replace(" ", "-") if c.isalnum() or c in "-_") for title in titles)


def code_lines(page: str) -> Iterator[str]:
    """Lines of indented and fenced code, without what begins them in lists."""
    fenced = False
    for line in text_of(page).split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line.strip()


def commands(page: str) -> Iterator[tuple[str, list[str]]]:
    """Our commands in the code of a page, each with its arguments."""
    for line in code_lines(page):
        for name in COMMANDS:
            found = re.match(rf"(?:torchrun .*?|~/qu/bin/|\.venv/bin/)?(?:\.venv/bin/)?{name}(?: (.*))?$", line)
            if found:
                yield name, shlex.split(found[1] or "", comments=True)


def test_the_readme_is_short() -> None:
    assert len(text_of("README.md").splitlines()) <= MOST_LINES_OF_README


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_lead_to_files_and_headings(page: str) -> None:
    wrong = []
    for target in _LINK.findall(without_blocks(page)):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (ROOT / page).parent / path if path else ROOT / page
        if not file.exists() or (anchor and anchor not in anchors(file.resolve().relative_to(ROOT).as_posix())):
            wrong.append(target)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_code_exist_with_their_options(page: str) -> None:
    for name, arguments in commands(page):
        context = COMMANDS[name].make_context(name, list(arguments))  # parses, runs nothing
        config = context.params.get("config_file")
        if config is not None and not str(config).startswith("my_"):
            given = Path(str(config))
            found = ROOT / given if given.suffix else ROOT / "build_configs" / f"{given}.yaml"
            assert found.is_file(), f"{name} --config {config}"


@pytest.mark.parametrize("page", PAGES)
def test_commands_within_sentences_have_their_options(page: str) -> None:
    for span in re.findall(r"`([^`\n]+)`", without_blocks(page)):
        name = span.split(" ")[0]
        if name in COMMANDS:
            known = {option for parameter in COMMANDS[name].params for option in parameter.opts} | {"--help"}
            assert set(_OPTION.findall(span)) <= known, span


def test_there_are_commands_in_every_tutorial() -> None:
    tutorials = [page for page in PAGES if page.startswith("docs/tutorials/") and not page.endswith("index.md")]
    assert len(tutorials) == 6
    assert [page for page in tutorials if not list(commands(page))] == []


def test_targets_of_make_exist() -> None:
    known = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    named = {target for page in PAGES for line in code_lines(page) for target in re.findall(r"^make ([a-z-]+)", line)}
    named |= {target for page in PAGES for target in re.findall(r"`make ([a-z-]+)", text_of(page))}
    assert {"demo", "test", "docs"} <= named <= known


def test_modules_that_are_run_exist() -> None:
    named = {name for page in PAGES for name in re.findall(r"python -m ([a-z_]\w*(?:\.\w+)*)", text_of(page))}
    ours = {name for name in named if (ROOT / name.split(".")[0]).is_dir()}
    assert "trust.additions" in ours
    files = {name: ROOT / name.replace(".", "/") for name in ours}
    assert [n for n, f in files.items() if not (f.with_suffix(".py").is_file() or (f / "__main__.py").is_file())] == []


def test_results_in_the_readme_are_those_of_the_evidence() -> None:
    results = text_of("README.md").partition("\n## Results\n")[2].partition("\n## ")[0]
    evidence = text_of("docs/evidence/results.md")
    figures = set(_FIGURE.findall(re.sub(r"\d+x\d+", "", results)))
    assert len(figures) > 30
    assert [
        figure for figure in sorted(figures) if not re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d])", evidence)
    ] == []


def test_messages_of_troubleshooting_are_those_of_the_code() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("hw_flows", "quantunet", "quantunet_common", "quantunet_lab")
        for path in sorted((ROOT / folder).rglob("*.py"))
    )
    said = " ".join(re.sub(r'"\s*\n\s*f?"', "", sources).split())  # texts that go on in the next line
    rows = re.findall(r"^\| (.+?) \| ", text_of("docs/how_to/troubleshooting.md"), re.MULTILINE)
    parts = {part.strip() for row in rows for part in re.split(r"\.\.\.|[;,():]", row)}
    told = {part for part in parts if len(part) > 6 and part not in ("message", "exit status")}
    assert len(told) > 150
    assert sorted(part for part in told if part not in said) == []


def test_every_folder_and_file_of_the_hardware_has_its_line() -> None:
    named = set(
        re.findall(r"`([a-z_]+(?:/|\.py))`", text_of("docs/explanation/one_image.md").partition("## Every folder")[2])
    )
    folder = ROOT / "hw_flows"
    assert named == {
        *(f"{path.parent.name}/" for path in folder.glob("*/__init__.py")),
        *(path.name for path in folder.glob("[a-z]*.py")),
    }


def test_pages_of_the_site_are_files_of_the_repository() -> None:
    configuration = re.sub(r"!!python/\S+", "", text_of("mkdocs.yml"))
    readmes: dict[str, str] = yaml.safe_load(configuration)["extra"]["readmes"]
    assert [file for file in readmes if not (ROOT / file).is_file()] == []
    beside = {page for page in PAGES if page.endswith("/README.md")}
    assert beside == {file for file in readmes if file.endswith("/README.md")}


@pytest.mark.skipif(not all(find_spec(name.split(".")[0]) for name in SITE), reason="mkdocs is not installed")
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 40
    assert [
        page.name for page in pages if re.search(r"\{\{ (?:settings|operators)", page.read_text(encoding="utf-8"))
    ] == []
