"""The data dictionary as web pages that load nothing else: no script, font, picture or style sheet."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sia import geography
from sia.calendar import format_date
from sia.dictionary.content import Dictionary, formula, place, titles
from sia.paths import TEMPLATES

# The pages that are not about a schema: file, title, template.
_PAGES = (
    ("index.html", "Data dictionary", "index.html.j2"),
    ("measures.html", "Measures", "measures.html.j2"),
    ("returns.html", "Returns", "returns.html.j2"),
    ("rules.html", "Rules", "rules.html.j2"),
    ("breaks.html", "Known breaks", "breaks.html.j2"),
    ("questions.html", "Example queries", "questions.html.j2"),
)


def pages(dictionary: Dictionary) -> Iterator[tuple[str, bytes]]:
    """Every page, as its file name and its HTML in UTF-8."""
    links = [(file, title) for file, title, _ in _PAGES]
    links[1:1] = [(f"{schema.name}.html", f"Schema {schema.name}") for schema in dictionary.schemas]
    relations = {
        f"{schema.name}.{relation.name}": f"{schema.name}.html#{relation.name}"
        for schema in dictionary.schemas
        for relation in schema.relations
    }
    style = "\n".join(
        (TEMPLATES / name).read_text(encoding="utf-8") for name in ("scorecard.css", "dictionary/dictionary.css")
    )
    shared = {
        "owner": geography.owner(),
        "dictionary": dictionary,
        "links": links,
        "relations": relations,
        "titles": titles(dictionary.returns),
        "style": Markup(style),  # noqa: S704 - our own files
        "style_hash": b64encode(sha256(style.encode()).digest()).decode(),
    }
    for file, title, template in _PAGES:
        yield file, _render(template, shared | {"file": file, "title": title})
    for schema in dictionary.schemas:
        file, title = f"{schema.name}.html", f"Schema {schema.name}"
        yield file, _render("schema.html.j2", shared | {"file": file, "title": title, "schema": schema})


def _render(template: str, values: dict[str, object]) -> bytes:
    return _environment().get_template(template).render(values).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES / "dictionary"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"formula": formula}
    environment.globals |= {"place": place, "day": format_date}
    return environment
