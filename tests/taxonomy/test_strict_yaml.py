"""YAML as people mean it: nothing is chosen silently, and every text that is none is a sentence."""

import pytest

from memelens.taxonomy.strict_yaml import NotYamlError, read_yaml


def test_keys_are_text() -> None:
    """Also those that YAML would take for numbers or for yes and no."""
    assert read_yaml("1: a\nno: {2: b}") == {"1": "a", "no": {"2": "b"}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a: 1\nb:\n  c: 1\n  c: 2", "line 4, column 3 is not YAML: 'c' stands twice", id="a key twice"),
        pytest.param("a: [", "is not YAML", id="cut"),
        pytest.param("a: *secret", "needs quotes", id="an alias"),
        pytest.param("a: 2026-13-45", "a value can't be read", id="a date that isn't one"),
        pytest.param("[" * 5_000, "is not YAML", id="brackets without end"),
    ],
)
def test_what_is_no_yaml_is_a_sentence(text: str, says: str) -> None:
    """With its place where there is one, and without quoting a value."""
    with pytest.raises(NotYamlError, match=says) as caught:
        read_yaml(text)
    assert "secret" not in str(caught.value)
