# SPDX-License-Identifier: BSD-3-Clause
"""What the site makes of pages: links, lists, tables from the code."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def hook(name: str) -> ModuleType:
    """A file of docs/hooks, which is no package."""
    found = spec_from_file_location(f"docs_hooks_{name}", ROOT / "docs" / "hooks" / f"{name}.py")
    assert found is not None and found.loader is not None
    module = module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


READMES = {"hw_flows/boards/README.md": "reference/boards.md", "CHANGELOG.md": "changelog.md"}


@pytest.mark.parametrize(
    ("link", "source", "page", "expected"),
    [
        ("[a](lift.md#x)", "docs/operators.md", "operators.md", "[a](lift.md#x)"),
        (
            "[a](../../hw_flows/boards/README.md)",
            "docs/how_to/board.md",
            "how_to/board.md",
            "[a](../reference/boards.md)",
        ),
        ("[a](../hw_flows/boards)", "docs/operators.md", "operators.md", "[a](reference/boards.md)"),
        ("[a](../docs/trust.md#b)", "proofs/README.md", "evidence/proofs.md", "[a](../trust.md#b)"),
        ("![a](docs/flow.svg)", "CHANGELOG.md", "changelog.md", "![a](flow.svg)"),
        ("[a file](../hw_flows/config.py)", "docs/operators.md", "operators.md", "a file"),
        ("[a\nb](../README.md)", "docs/operators.md", "operators.md", "[a\nb](index.md)"),
        ("[`a[0]`](https://b.org/c)", "docs/lift.md", "lift.md", "[`a[0]`](https://b.org/c)"),
        ("[a](#b)", "docs/lift.md", "lift.md", "[a](#b)"),
        ("```\n[a](b.py)\n```", "docs/lift.md", "lift.md", "```\n[a](b.py)\n```"),
    ],
)
def test_links_lead_to_pages_or_become_text(link: str, source: str, page: str, expected: str) -> None:
    assert hook("readmes").with_links_of_the_site(link, source, page, READMES) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("- a\n  b\n\n  | c |\n\nd", "- a\n    b\n\n    | c |\n\nd"),
        ("1. a\n\n       code\n\nb", "1. a\n\n        code\n\nb"),
        ("a:\n- b\n- c", "a:\n\n- b\n- c"),
        ("- a\n  - b\n    c\n- d", "- a\n    - b\n        c\n- d"),
        ("- a\n\n  b\n- c", "- a\n\n    b\n\n- c"),
        ("a\n\n    - code", "a\n\n    - code"),
        ("```\n- a\n  b\n```", "```\n- a\n  b\n```"),
        ("- a\n\nb\n  c", "- a\n\nb\n  c"),
    ],
)
def test_lists_are_indented_by_four(given: str, expected: str) -> None:
    assert hook("lists").with_deep_lists(given) == expected


def test_settings_have_default_and_meaning() -> None:
    table = hook("tables").settings_table("hw_flows.config.BuildConfig").splitlines()
    assert "| `frames` | whole number | `4` | Frames simulated back to back. |" in table
    assert any(row.startswith("| `weights` | `auto` or `on_chip` or `memory` | `auto` |") for row in table)


def test_settings_without_default_are_required() -> None:
    table = hook("tables").settings_table("quantunet.config.Teacher").splitlines()
    assert any(row.startswith("| `run` | path | required |") for row in table)


def test_every_operator_has_a_section_with_its_parameters() -> None:
    sections = list(hook("tables").operator_sections(ROOT))
    folders = {path.parent.name for path in (ROOT / "hw_flows" / "operators").glob("*/rtl.py")}
    assert {section.splitlines()[0].removeprefix("## ").replace(" ", "_") for section in sections} == folders
    (fifo,) = [section for section in sections if section.startswith("## fifo\n")]
    assert "| `DEPTH` | `2` | capacity in words, at least 1 (STYLE 2: at least 3) |" in fifo
    assert sum("Parameters of the module" in section for section in sections) >= len(folders) - 1
