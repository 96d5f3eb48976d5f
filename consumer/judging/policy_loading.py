"""Reading a policy from YAML, with all problems reported at once."""

import difflib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ...taxonomy.strict_yaml import NotYamlError, read_yaml
from ..errors import SettingsError
from .policy import Condition, Policy, RationaleRule, RouteRule

__all__ = ["load_policy", "parse_policy"]

_SECTIONS: Mapping[str, type[BaseModel]] = {"when": Condition, "routes": RouteRule, "rationales": RationaleRule}
# In YAML's words; pydantic's own are Python's.
_SHAPES: Mapping[str, str] = {
    "tuple_type": "should be a list: [a, b]",
    "dict_type": "should be a section of `key: value`",
    "model_type": "should be a section of `key: value`",
    "model_attributes_type": "should be a section of `key: value`",
}


def load_policy(path: Path | None) -> Policy:
    """The policy of a file; None is the default policy.

    Raises:
        SettingsError: one line for each problem: key, value, what would be right.
    """
    if path is None:
        text = resources.files(__package__).joinpath("default_policy.yaml").read_text(encoding="utf-8")
        return parse_policy(text, "default policy")
    try:
        return parse_policy(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it isn't UTF-8"
        raise SettingsError(f"{path}: can't be read ({reason}); name a policy file as in docs/policy.md") from error


def parse_policy(text: str, source: str) -> Policy:
    """The policy that stands in a text; `source` names it in errors.

    Raises:
        SettingsError: as for `load_policy`.
    """
    try:
        tree = read_yaml(text)
    except NotYamlError as error:
        raise SettingsError(f"{source}: {error}") from error
    if not isinstance(tree, dict):
        held = "nothing" if tree is None else f"a {type(tree).__name__}"
        raise SettingsError(f"{source}: holds {held}; write `key: value` lines as in docs/policy.md")
    try:
        return Policy.model_validate(tree)
    except ValidationError as error:
        problems = [f"{source}: {_sentence(problem)}" for problem in error.errors()]
        raise SettingsError("\n".join(dict.fromkeys(problems))) from error


def _sentence(problem: ErrorDetails) -> str:
    path = [str(part) for part in problem["loc"] if part != "[key]"]
    key = ".".join(part if part.isprintable() else repr(part) for part in path) or "policy"
    message = _SHAPES.get(problem["type"]) or problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if problem["type"] == "missing":
        return f"{key}: is missing"
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key; {_hint(path)}"
    if problem["type"] == "never_holds":
        return message
    return f"{key}: {_shown(problem['input'])}: {message}"


def _shown(value: Any) -> str:  # noqa: ANN401 - whatever stands in the file
    if isinstance(value, Mapping | BaseModel):
        return "section"
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


def _hint(path: Sequence[str]) -> str:
    section = next((_SECTIONS[part] for part in reversed(path[:-1]) if part in _SECTIONS), Policy)
    known = list(section.model_fields)
    near = difflib.get_close_matches(path[-1], known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
