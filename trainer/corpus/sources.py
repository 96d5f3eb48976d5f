"""sources.yaml: which datasets lie where on this disk, and what is known to be missing of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ...taxonomy import UnknownNameError
from ...taxonomy.strict_yaml import NotYamlError, read_yaml
from ..corpora.catalogue import ADAPTERS, adapter
from ..corpora.interface import Adapter
from ..errors import SourcesError
from .gathering import Images

__all__ = ["HUB", "ChosenSource", "load_sources"]

HUB = "hub:"
"""A path that begins so names a dataset repository of the hub, with `@revision` after it where one is wanted."""


class _Entry(BaseModel):
    """What stands under a source's name; a path alone is short for `{path: …}`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    path: str = Field(min_length=1)
    images: Images = Images.COMPLETE
    pairs: tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:  # noqa: ANN401  whatever YAML holds
        if not isinstance(value, str | dict):
            # pydantic takes a TypeError for a defect of ours
            raise ValueError(  # noqa: TRY004
                "should be a path, or a mapping such as `{path: …, images: partial}`"
            )
        return {"path": value} if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class ChosenSource:
    """A dataset to build from. `root`: its folder, or None where it has to be fetched from the hub as `hub` says.

    `pairs` are those it gives: the ones asked for, without what a source before it in the catalogue gives already.
    """

    adapter: Adapter
    root: Path | None
    hub: str | None
    images: Images
    pairs: frozenset[str]
    options: Mapping[str, Any]
    given_elsewhere: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its name in sources.yaml."""
        return self.adapter.SOURCE.name


def load_sources(path: Path) -> tuple[ChosenSource, ...]:
    """Sources of a file, in the catalogue's order. Relative paths in it start where the file lies.

    Raises:
        SourcesError: everything that is wrong with the file, each thing with the remedy.
    """
    try:
        content = read_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourcesError(f"{path}: can't be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SourcesError(f"{path}: is not UTF-8") from error
    except NotYamlError as error:
        raise SourcesError(f"{path}: {error}") from error
    if not isinstance(content, dict) or not content:
        raise SourcesError(f"{path}: should map sources to paths, such as `mami: /data/mami`")
    wrong: list[str] = []
    entries = {str(name): _entry(str(name), value, wrong) for name, value in content.items()}
    chosen = {name: _chosen(name, entry, path.parent, wrong) for name, entry in entries.items() if entry}
    if wrong:
        raise SourcesError("\n".join([f"{path}:", *wrong]))
    return _without_doubles([chosen[name] for name in ADAPTERS if name in chosen], entries)


def _entry(name: str, value: object, wrong: list[str]) -> _Entry | None:
    try:
        adapter(name)
        return _Entry.model_validate(value)
    except UnknownNameError as error:
        wrong.append(str(error))
    except ValidationError as error:
        for one in error.errors():
            place = ".".join([name, *map(str, one["loc"])])
            wrong.append(f"{place}: {one['msg'].removeprefix('Value error, ')}")
    return None


def _chosen(name: str, entry: _Entry, base: Path, wrong: list[str]) -> ChosenSource:
    source = adapter(name).SOURCE
    options = entry.model_extra or {}
    known = ", ".join(["path", "images", "pairs", *source.options])
    wrong += [f"{name}.{one}: no such setting; there are {known}" for one in options if one not in source.options]
    pairs = ", ".join(source.pairs)
    wrong += [f"{name}.pairs: {one} isn't one of {pairs}" for one in entry.pairs or () if one not in source.pairs]
    if entry.pairs == ():
        wrong.append(f"{name}.pairs: is empty; name some of {pairs}, or leave it out for all")
    root = None if entry.path.startswith(HUB) else _folder(name, base, entry.path, wrong)
    hub = entry.path.removeprefix(HUB) if root is None else None
    return ChosenSource(adapter(name), root, hub, entry.images, frozenset(entry.pairs or source.pairs), options)


def _folder(name: str, base: Path, path: str, wrong: list[str]) -> Path:
    folder = base / path
    try:
        folder = (base / Path(path).expanduser()).resolve()
        there = folder.is_dir()
    except (OSError, RuntimeError, ValueError):  # links in a circle, a home that isn't there, a NUL
        there = False
    if not there:
        wrong.append(f"{name}: there is no folder {folder}; correct the path, or take the source out of the file")
    return folder


def _without_doubles(chosen: list[ChosenSource], entries: Mapping[str, _Entry | None]) -> tuple[ChosenSource, ...]:
    """Each pair from the first source that gives it: a dataset's own files before the released corpus."""
    given: dict[str, str] = {}
    kept = []
    for one in chosen:
        twice = frozenset(pair for pair in one.pairs if pair in given)
        entry = entries[one.name]
        if twice and entry and entry.pairs:
            pair = min(twice)
            raise SourcesError(f"{one.name}.pairs: {pair} comes from {given[pair]} already; take it out of one of them")
        given |= dict.fromkeys(one.pairs - twice, one.name)
        kept.append(ChosenSource(one.adapter, one.root, one.hub, one.images, one.pairs - twice, one.options, twice))
    return tuple(kept)
