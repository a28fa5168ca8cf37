# SPDX-License-Identifier: BSD-3-Clause
"""Templates, styles and scripts that pages are made of; they lie beside the code."""

from __future__ import annotations

from importlib import resources

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from hw_flows.report.format import percent, quantity

HOME = "hw_flows.report"
#: Styles of every page, and scripts of the report.
STYLES = ("page.css", "drawing.css")
SCRIPTS = ("page.js", "drawing.js")


def asset(name: str, package: str = HOME) -> str:
    """The text of a file beside the code of `package`."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def together(names: tuple[str, ...]) -> Markup:
    """Styles or scripts of ours one after the other, to stand in a page as they are."""
    return Markup("".join(asset(name) for name in names))


def templates(*names: str, package: str = HOME) -> Environment:
    """Templates that escape whatever is put into them, and complain of what they are not given."""
    loader = DictLoader({name: asset(name, package) for name in names})
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters.update(quantity=quantity, percent=percent)
    return environment
