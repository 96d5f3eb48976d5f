"""YAML as people mean it: a key that stands twice is an error, not a silent choice of the last one."""

import re
from typing import Any

import yaml

__all__ = ["NotYamlError", "read_yaml"]

_ALIAS_OR_TAG = re.compile(r"(alias|tag) (['\"]).*\2", re.DOTALL)


class NotYamlError(ValueError):
    """A text that is no YAML; says where and why, and nothing of its values: a password may stand there unquoted."""


def read_yaml(text: str) -> Any:  # noqa: ANN401 - whatever stands in the text
    """What a text holds; keys are strings.

    Raises:
        NotYamlError: it isn't YAML, or a key stands twice.
    """
    try:
        return yaml.load(text, _StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        # Without its cause, which quotes the text.
        raise NotYamlError(_sentence(error)) from None
    except (ValueError, RecursionError):  # a date that isn't one, brackets without end
        raise NotYamlError("is not YAML: a value can't be read, such as a date that isn't one") from None


class _StrictLoader(yaml.SafeLoader):
    """A SafeLoader with text keys, which refuses a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
            seen.add(key)
        self.flatten_mapping(node)
        return {str(key.value): self.construct_object(value, deep=deep) for key, value in node.value}


def _sentence(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1} " if mark else ""
    problem = getattr(error, "problem", None) or " ".join(str(error).split())
    hidden = _ALIAS_OR_TAG.sub(r"\1; a value that begins with * or ! needs quotes", problem)
    return f"{where}is not YAML: {hidden}"
