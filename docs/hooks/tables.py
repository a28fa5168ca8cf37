# SPDX-License-Identifier: BSD-3-Clause
"""Tables of the site that are made from the code: a line `{{ settings MODULE.CLASS }}` becomes the settings of a pydantic
class with defaults and meaning, `{{ operators }}` all operators with their parameters."""

from __future__ import annotations

import ast
import re
import types
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_SETTINGS = re.compile(r"^\{\{ settings ([\w.]+) \}\}$", re.MULTILINE)
_OPERATORS = re.compile(r"^\{\{ operators \}\}$", re.MULTILINE)
_PARAMETER = re.compile(
    r"^ +parameter (?:int unsigned |int |bit )?(\w+)\s*=\s*([^,/]+?),?\s*(?://\s*(.*))?$", re.MULTILINE
)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with its tables in their places."""
    root = Path(config.config_file_path).parent
    markdown = _SETTINGS.sub(lambda match: settings_table(match[1]), markdown)
    return _OPERATORS.sub(lambda match: "\n\n".join(operator_sections(root)), markdown)


def settings_table(name: str) -> str:
    """Markdown of the settings of a pydantic class."""
    module, _, kind = name.rpartition(".")
    fields = getattr(import_module(module), kind).model_fields
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, field in fields.items():
        rows.append(
            f"| `{key}` | {_cell(_kind(field.annotation))} | {_default(field)} | {_cell(field.description or '')} |"
        )
    return "\n".join(rows)


def _kind(annotation: Any) -> str:
    """A type in a few words."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_kind(one) for one in arguments if one is not type(None)))
    if origin in (tuple, list):
        one = _kind(arguments[0])
        return f"list of {one}" if one.startswith("`") else f"list of {one}s"
    if origin is dict:
        return "mapping"
    simple = {int: "whole number", float: "number", str: "text", bool: "`true` or `false`", Path: "path"}
    return simple.get(annotation) or f"`{getattr(annotation, '__name__', annotation)}`"


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None or field.default is None:
        return ""
    value = field.default
    if hasattr(type(value), "model_fields"):
        return "its own"
    if isinstance(value, tuple):
        return f"`{list(value)}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def operator_sections(root: Path) -> Iterator[str]:
    """Markdown of each operator: what it is, its class, and the parameters of its module."""
    for file in sorted((root / "hw_flows" / "operators").glob("*/rtl.py")):
        folder = file.parent
        about = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
        for kind in (
            node for node in ast.parse(file.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)
        ):
            if not kind.name.startswith("Open"):
                continue
            lines = [f"## {folder.name.replace('_', ' ')}", "", _escaped(about), ""]
            lines += [
                f"`{kind.name}` in `hw_flows/operators/{folder.name}`.",
                "",
                _escaped(ast.get_docstring(kind) or ""),
            ]
            module = _module(kind, file)
            source = folder / f"{module}.sv"
            if module and source.is_file():
                lines += ["", f"Parameters of the module `{module}`:", "", *_parameters(source)]
            yield "\n".join(lines)


def _module(kind: ast.ClassDef, file: Path) -> str:
    """Name of the SystemVerilog module of a class, from the class or from one in its file that it derives from."""
    for node in kind.body:
        if not isinstance(node, ast.AnnAssign | ast.Assign):
            continue
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        if isinstance(target, ast.Name) and target.id == "module":
            return str(node.value.value) if isinstance(node.value, ast.Constant) else ""
    bases = {base.id for base in kind.bases if isinstance(base, ast.Name)}
    others = ast.parse(file.read_text(encoding="utf-8")).body
    return next(
        (_module(other, file) for other in others if isinstance(other, ast.ClassDef) and other.name in bases), ""
    )


def _parameters(source: Path) -> list[str]:
    """Rows of the parameters of the module that a file is named after."""
    text = source.read_text(encoding="utf-8")
    head = text[text.index(f"module {source.stem}") :]
    head = head[: head.index(") (")]
    rows = ["| parameter | default | meaning |", "|---|---|---|"]
    for name, default, words in _PARAMETER.findall(head):
        rows.append(f"| `{name}` | `{default.strip()}` | {_cell(words)} |")
    return rows


def _escaped(text: str) -> str:
    """Plain text, in which code stands between back quotes, as Markdown: nothing else of it is markup."""
    parts = text.split("`")
    return "`".join(part if number % 2 else re.sub(r"([*<])", r"\\\1", part) for number, part in enumerate(parts))


def _cell(text: str) -> str:
    """One line of a table; double back quotes of docstrings are single ones in Markdown."""
    return " ".join(_escaped(text.replace("``", "`")).replace("|", "\\|").split())
