# SPDX-License-Identifier: BSD-3-Clause
"""`--help` of every installed command: whole sentences without blanks inside, and an example."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

SCRIPTS: dict[str, str] = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"][
    "scripts"
]


@pytest.fixture(params=SCRIPTS)
def help_text(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    """What an installed command says of itself, in lines of 80 characters."""
    module, function = SCRIPTS[request.param].split(":")
    monkeypatch.setattr(sys, "argv", [request.param, "--help"])
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        getattr(import_module(module), function)()
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_no_sentence_has_two_blanks_inside(help_text: str) -> None:
    before_options, _, options = help_text.partition("\nOptions:\n")
    # columns are two blanks apart, and so are a sentence and its `[default: ...]`
    sentences = [line.strip() for line in before_options.splitlines()]
    sentences += [re.split(r" {2,}", line.strip(), maxsplit=1)[-1] for line in options.splitlines()]
    assert [line for line in sentences if re.search(r"\S {2,}(?!\[)\S", line)] == []


def test_paragraphs_are_indented_alike(help_text: str) -> None:
    lines = help_text.partition("\nOptions:\n")[0].splitlines()[1:]
    assert {len(line) - len(line.lstrip()) for line in lines if line.strip()} == {2}


def test_options_are_explained_in_sentences_and_an_example_shows_them(help_text: str) -> None:
    assert "Example" in help_text
    for text in re.findall(r"^  --[a-z-]+(?: \S+)*? {2,}(\S.*)$", help_text, re.MULTILINE):
        assert text[0].isupper() or text.startswith(("folder:", "[")), text
