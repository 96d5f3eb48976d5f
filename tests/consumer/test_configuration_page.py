"""The configuration page and the example file say what the settings are."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from memelens.consumer.settings import Settings
from memelens.consumer.settings_loading import load_settings

ROOT = Path(__file__).resolve().parents[2]


def rows(model: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """A line of the page's tables for each setting."""
    lines = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            lines += rows(field.annotation, f"{prefix}{name}.")
        else:
            lines.append(f"| `{prefix}{name}` | {shown(field.default)} | {field.description} |")
    return lines


def shown(default: Any) -> str:
    """A default as it would stand in the file."""
    if isinstance(default, SecretStr) or default in (None, (), ""):
        return ""
    if isinstance(default, tuple | frozenset):
        return f"`{', '.join(sorted(default))}`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


@pytest.mark.parametrize("row", rows())
def test_the_page_lists_every_setting(row: str) -> None:
    """docs/configuration.md has each setting with its default and meaning, as the code has it."""
    assert row in (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8").splitlines()


def test_the_page_lists_nothing_else() -> None:
    """No row of the page's tables is about a setting that isn't there."""
    lines = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line.startswith("| `") and not line.startswith("| `MEMELENS_")]
    assert sorted(listed) == sorted(rows())


def test_the_example_file_is_valid(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """examples/memelens.yaml loads as it is."""
    monkeypatch.chdir(tmp_path)
    settings = load_settings(ROOT / "examples" / "memelens.yaml", {}, {})
    assert settings.broker.startswith("kafka://")
    assert settings.cache.startswith("redis://")
