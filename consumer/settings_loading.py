"""Settings from `memelens.yaml` < environment < flags, with all problems reported at once."""

import difflib
import os
import re
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource
from pydantic_settings.exceptions import SettingsError as UnreadableVariableError

from ..taxonomy.strict_yaml import NotYamlError, read_yaml
from .errors import SettingsError
from .setting_values import redacted
from .settings import Settings

__all__ = ["DEFAULT_FILE", "load_settings", "ordinal_of"]

DEFAULT_FILE = Path("memelens.yaml")
_PREFIX = "MEMELENS_"
# Kubernetes gives every pod variables of this kind for every service; the others belong to the tests.
_NOT_SETTINGS = re.compile(
    r"MEMELENS_((.*_)?SERVICE_(HOST|PORT)(_.*)?|(.*_)?PORT(_\d+_(TCP|UDP|SCTP)(_.*)?)?|TEST_.*|REAL|CONFIG)"
)
_Path = tuple[str, ...]
_Tree = Mapping[str, Any]


def load_settings(
    file: Path | None, flags: Mapping[str, object], environment: Mapping[str, str] | None = None
) -> Settings:
    """Settings of this process.

    `file` None reads `memelens.yaml` in the working directory where there is one. `flags` have dotted names
    (`engine.device`); those that are None were not given.

    Raises:
        SettingsError: one line for each problem: key, value, where it comes from, what would be right.
    """
    environment = os.environ if environment is None else environment
    problems: list[str] = []
    sources: dict[str, _Tree] = {}
    path = file or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    if path:
        sources[str(path)] = _read_file(path, problems)
    sources["environment"] = _read_environment(environment, problems)
    sources["flags"] = _nested({name: value for name, value in flags.items() if value is not None})
    settings = _validate(sources, problems)
    if problems or settings is None:
        raise SettingsError("\n".join(problems))
    return settings


def ordinal_of(settings: Settings, host: str | None = None) -> int | None:
    """The configured ordinal, else the number at the end of a StatefulSet's host name, else None."""
    return _ordinal(settings.ordinal, host)


def _ordinal(configured: int | None, host: str | None = None) -> int | None:
    if configured is not None:
        return configured
    number = re.search(r"-(\d+)$", host or socket.gethostname())
    return int(number[1]) if number else None


def _validate(sources: Mapping[str, _Tree], problems: list[str]) -> Settings | None:
    merged: dict[str, Any] = {}
    for tree in sources.values():
        merged = _merge(merged, tree)
    if merged.get("delivery") == "exactly-once" and _ordinal(merged.get("ordinal")) is None:
        problems.append(
            "ordinal: exactly-once needs a number of its own for each process of the group; set MEMELENS_ORDINAL, or "
            "run in a StatefulSet, whose host names end with one"
        )
    try:
        return Settings(**merged)
    except ValidationError as error:
        problems += [_describe(problem, sources) for problem in error.errors()]
        return None


def _describe(problem: ErrorDetails, sources: Mapping[str, _Tree]) -> str:
    path = _known_path(problem["loc"])
    key, origin = ".".join(part if part.isprintable() else repr(part) for part in path), _origin(path, sources)
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key{origin}; {_suggestion(path)}"
    value = _shown(problem["input"], secret=_is_secret(path))
    remedy = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if problem["type"] == "model_type":
        remedy = f"should be a section with {', '.join(_section(path).model_fields)}"
    elif problem["type"] == "tuple_type":
        remedy = "should be a list"
    return f"{key}: {value}{origin}: {remedy}"


def _shown(value: object, *, secret: bool) -> str:
    if isinstance(value, Mapping):  # may hold a secret
        return "section"
    return "***" if secret else redacted(repr(str(value) if isinstance(value, Path) else value))


def _known_path(location: tuple[int | str, ...]) -> _Path:
    """The setting's dotted name: without the names of union members that pydantic adds behind it."""
    path: list[str] = []
    model: type[BaseModel] | None = Settings
    for part in location:
        if model is None:
            break
        path.append(str(part))
        field = model.model_fields.get(str(part))
        annotation = field.annotation if field else None
        model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    return tuple(path)


def _suggestion(path: _Path) -> str:
    known = list(_section(path[:-1]).model_fields)
    near = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {'.'.join([*path[:-1], near[0]])!r}?"
    elsewhere = [name for name in _all_names() if name.rpartition(".")[2] == path[-1]]
    if elsewhere:
        return f"did you mean {elsewhere[0]!r}?"
    return f"known here: {', '.join(known)}"


def _section(path: Iterable[str]) -> type[BaseModel]:
    model: type[BaseModel] = Settings
    for part in path:
        annotation = model.model_fields[part].annotation
        model = annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else model
    return model


def _all_names() -> list[str]:
    return [
        f"{name}.{inner}" if inner else name
        for name in Settings.model_fields
        for inner in (_section((name,)).model_fields if _section((name,)) is not Settings else [""])
    ]


def _is_secret(path: _Path) -> bool:
    field = _section(path[:-1]).model_fields.get(path[-1])
    return field is not None and SecretStr in {field.annotation, *get_args(field.annotation)}


def _origin(path: _Path, sources: Mapping[str, _Tree]) -> str:
    for name, tree in reversed(list(sources.items())):
        node: Any = tree
        for part in path:
            node = node.get(part, _MISSING) if isinstance(node, Mapping) else _MISSING
        if node is not _MISSING:
            flag = "--topic" if path == ("topics", "input") else f"--{path[-1]}"
            spelled = {"environment": _PREFIX + "__".join(path).upper(), "flags": flag}
            return f" ({spelled.get(name, f'in {name}')})"
    return ""


_MISSING = object()


def _read_environment(environment: Mapping[str, str], problems: list[str]) -> _Tree:
    ours = {name: value for name, value in environment.items() if name.upper().startswith(_PREFIX)}
    names = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted(ours):
        top = name.upper().partition("__")[0]
        if top not in names and not _NOT_SETTINGS.fullmatch(name.upper()):
            near = difflib.get_close_matches(top, names, n=1, cutoff=0.75)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(names))}"
            problems.append(f"{name}: unknown environment variable; {hint}")
    source = EnvSettingsSource(Settings)
    values = {name.lower(): None if value == "null" else value for name, value in ours.items()}
    source.env_vars = values
    while True:
        try:
            return source()
        except UnreadableVariableError as error:
            (section,) = re.findall(r'field "(\w+)"', str(error))
            name = f"{_PREFIX}{section}".upper()
            problems.append(f"{name}: is a section; write {name}__KEY=value, or the section in JSON")
            values = {other: value for other, value in values.items() if other != name.lower()}
            source.env_vars = values


def _read_file(path: Path, problems: list[str]) -> _Tree:
    try:
        tree = read_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(f"{path}: no such file; write one as in docs/configuration.md, or leave --config out")
    except NotYamlError as error:
        problems.append(f"{path}: {error}")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path}: can't be read: {type(error).__name__}: {error}")
    else:
        if tree is None:
            return {}
        if isinstance(tree, dict):
            return tree
        problems.append(f"{path}: holds a {type(tree).__name__}; write `key: value` lines")
    return {}


def _nested(flat: Mapping[str, object]) -> _Tree:
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        *sections, last = name.split(".")
        node = tree
        for section in sections:
            node = node.setdefault(section, {})
        node[last] = value
    return tree


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged
