"""README.md of an export: what is in it, on which terms, and what isn't. The hub and `load_dataset` read its head."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from ...corpora.catalogue import ADAPTERS
from ...corpora.interface import Split
from ..store import Manifest
from .layouts import Layout
from .plan import Plan

__all__ = ["card"]

_READ_BY = {
    Layout.DATASETS: '`datasets.load_from_disk("<this folder>")`',
    Layout.PARQUET: '`datasets.load_dataset("<this folder>")`',
    Layout.RELEASED: '`datasets.load_dataset("<this folder>", "<configuration>")`, a configuration for each pair',
}
_FOR_OWN_USE = (
    "**For your own use only.** Some of these datasets may not be passed on: don't publish this folder, and don't give "
    "it to others."
)
_HATEFUL = "The rows are memes that were collected for moderation; many are hateful, some are explicit."


def card(manifest: Manifest, plan: Plan) -> str:
    """The card in Markdown, with a head in YAML."""
    head = {"configs": list(_configurations(plan))} if plan.layout is not Layout.DATASETS else {}
    lines = [
        *(["---", yaml.safe_dump(head, sort_keys=False).rstrip(), "---", ""] if head else []),
        "# Memes with labels, from memelens",
        "",
        *([_FOR_OWN_USE, ""] if plan.for_own_use else []),
        f"{_HATEFUL} Read it with {_READ_BY[plan.layout]}.",
        "",
        f"Exported by memelens {manifest.version} from the corpus `{manifest.content_hash}`.",
        *(f"- {sentence}" for sentence in _left_out(manifest, plan)),
        "",
        "## Datasets",
        "",
        *_terms(manifest, plan),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _configurations(plan: Plan) -> Iterator[Mapping[str, Any]]:
    """The head's list of files; a split without rows isn't in it, since the library refuses such files."""
    if plan.layout is Layout.RELEASED:
        for pair, sides in plan.places.items():
            files = [{"split": side.value, "path": f"{pair}/{side}-*"} for side in Split if sides[side]]
            yield {"config_name": pair, "data_files": files}
    else:
        there = [side for side in Split if any(sides[side] for sides in plan.places.values())]
        files = [{"split": side.value, "path": f"data/{side}-*"} for side in there]
        yield {"config_name": "default", "data_files": files}


def _left_out(manifest: Manifest, plan: Plan) -> Iterator[str]:
    for dataset, count in plan.forbidden.items():
        yield f"{manifest.sources[dataset].title} may not be passed on: {count:,} rows aren't in here."
    if not plan.pictures:
        yield "Pictures aren't in here; where the layout has a column `image_sha256`, it says which belongs to a row."
    for dataset, count in plan.pictures_alone.items():
        yield f"{manifest.sources[dataset].title}: {count:,} rows have no text and aren't in here."


def _terms(manifest: Manifest, plan: Plan) -> Iterator[str]:
    for dataset, count in plan.rows.items():
        facts = manifest.sources[dataset]
        yield f"### {facts.title}"
        yield ""
        yield f"- Rows: {count:,}"
        yield f"- Licence: {facts.licence}" + ("" if facts.may_be_passed_on else " (may not be passed on)")
        if dataset in ADAPTERS:
            source = ADAPTERS[dataset].SOURCE
            yield f"- Citation: {source.citation}"
            yield f"- Homepage: {source.homepage}"
        yield ""
