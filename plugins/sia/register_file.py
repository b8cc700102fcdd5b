"""Registers and contracts: YAML files that people write, read strictly by one loader.

A file that says something it cannot say is refused, with its name, the line, the key and what to write. So a
misspelt key is never silently without effect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import lru_cache, wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from sia.errors import PermanentError
from sia.paths import REGISTERS
from sia.settings import settings

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a key of this file: correct or remove it",
    "date_type": "must be a date, for example 2022-04-20",
    "date_from_datetime_parsing": "must be a date, for example 2022-04-20",
    "date_parsing": "must be a date, for example 2022-04-20",
    "string_type": "must be text; put a number or a yes/no between quotation marks",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "must be a number, for example 0.2"),
    "bool_type": "must be true or false",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "tuple_type": "must be a list",
    "dict_type": "must be a list of keys and values",
    "model_type": "must be a list of keys and values",
}


class Strict(BaseModel):
    """A model that refuses keys it does not know and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RegisterError(PermanentError):
    """A register or contract cannot be read: somebody must correct the file. The message says where and how."""


M = TypeVar("M", bound=BaseModel)
R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")
Text = Annotated[str, Field(min_length=1)]


def duplicates(values: Iterable[str]) -> list[str]:
    """The values that are there more than once, sorted."""
    return sorted(value for value, count in Counter(values).items() if count > 1)


def register_path(name: str) -> Path:
    """Where a register is: in the folder that ``SIA_REGISTERS`` names if it is there, else in ``include/registers``.

    Raises:
        RegisterError: the named folder is missing, or has a file that replaces no register.
    """
    own = settings().registers
    if own is None:
        return REGISTERS / name
    if not own.is_dir():
        raise RegisterError(f"SIA_REGISTERS: there is no folder {own}")
    known = {path.name for path in REGISTERS.iterdir()}
    if unknown := sorted({path.name for path in own.iterdir() if not path.name.startswith(".")} - known):
        raise RegisterError(f"{own}: {', '.join(unknown)} replaces no register. Registers: {', '.join(sorted(known))}")
    return own / name if (own / name).exists() else REGISTERS / name


def read_once(read: Callable[[], T]) -> Callable[[], T]:
    """Keep what a reader of registers returns, once for each folder of registers and contracts that the settings name.

    So what it returns follows the settings, and a changed file in the same folder is not read again.
    """

    @lru_cache(maxsize=8)
    def read_folders(_registers: Path | None, _contracts: Path) -> T:
        return read()

    @wraps(read)
    def current() -> T:
        return read_folders(settings().registers, settings().contracts)

    return current


def load_register(model: type[M], name: str) -> M:
    """A register as it is now, by its file name.

    Raises:
        RegisterError: there is no such file, or it says something that it cannot say.
    """
    return read_strictly(model, register_path(name))


def with_register_decisions(
    register: R, field: str, entries: Mapping[str, M], model: type[M], decided: Mapping[str, Any]
) -> R:
    """A whole register, with what was decided on the desk since.

    Args:
        register: as its file is.
        field: where it has its entries, as a list or by their keys.
        entries: those entries by key.
        model: of an entry.
        decided: the entry that counts for each key about which somebody decided; None if it was withdrawn.

    Raises:
        RegisterError: the model refuses an entry, or the register with it.
    """
    if not decided:
        return register
    merged = with_decisions(entries, model, decided)
    values = merged if isinstance(getattr(register, field), dict) else tuple(merged.values())
    try:
        return type(register).model_validate({**dict(register), field: values})
    except ValidationError as error:
        raise RegisterError(f"the decisions on {field}: {'; '.join(problems(error))}") from None


def with_decisions(entries: Mapping[str, M], model: type[M], decided: Mapping[str, Any]) -> dict[str, M]:
    """The entries of a register by key, with what was decided on the desk since.

    Args:
        entries: those of the register's file.
        model: of an entry.
        decided: the entry that counts for each key about which somebody decided; None if it was withdrawn.

    Raises:
        RegisterError: the model refuses an entry.
    """
    merged = dict(entries)
    for key, entry in decided.items():
        if entry is None:
            merged.pop(key, None)
            continue
        try:
            merged[key] = model.model_validate(entry)
        except ValidationError as error:
            raise RegisterError(f"the decision on {key}: {'; '.join(problems(error))}") from None
    return merged


def problems(error: ValidationError, labels: Mapping[str, str] | None = None) -> list[str]:
    """What is wrong with an entry, in words that repeat no value: a line for each problem, with its key.

    Args:
        error: of the entry's model.
        labels: what a form calls the keys of the entry.
    """
    lines = []
    for details in error.errors():
        key, *rest = details["loc"] or ("",)
        place = ".".join(map(str, [(labels or {}).get(str(key), key), *rest]))
        lines.append(f"{place} {_words(details)}".strip())
    return lines


def read_strictly(model: type[M], path: Path) -> M:
    """A YAML file as a model.

    Raises:
        RegisterError: there is no such file, it is not YAML, a key is there twice, or the model refuses it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RegisterError(f"there is no file {path}") from None
    try:
        return model.model_validate(yaml.load(text, Loader=_Loader))  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RegisterError(f"{path.name}, line {line}: {error.problem}") from None
    except ValidationError as error:
        document = yaml.compose(text, Loader=_Loader)
        raise RegisterError("\n".join(_in_words(path, document, details) for details in error.errors())) from None


class _Loader(yaml.CSafeLoader):
    """YAML's safe loader, which also refuses a key that is there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} is there twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _in_words(path: Path, document: yaml.Node | None, details: ErrorDetails) -> str:
    place, words = details["loc"], _words(details)
    key = ".".join(str(part) for part in place)
    return f"{path.name}, line {_line(document, place)}: {f'{key} ' if key else ''}{words}".replace("  ", " ")


def _words(details: ErrorDetails) -> str:
    if details["type"] == "value_error":
        return str(details["ctx"]["error"])
    if details["type"] == "literal_error":
        return f"must be {details['ctx']['expected']}"
    return _WORDS.get(details["type"], details["msg"])


def _line(node: yaml.Node | None, place: Iterable[int | str]) -> int:
    """The line of a key or entry; of the nearest above it that the file has, where it has none."""
    line = 1
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if str(part) not in pairs:
                break
            key, node = pairs[str(part)]
            line = key.start_mark.line + 1
    return line
