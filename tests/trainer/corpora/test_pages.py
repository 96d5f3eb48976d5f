"""docs/adding-a-dataset.md runs as it is written; docs/pairs.md lists what the taxonomy and the catalogue say."""

import re
import sys
from pathlib import Path
from types import MappingProxyType, ModuleType

import pytest
from tests.trainer.corpora.writing import write_picture

from memelens.taxonomy import PAIRS, Language, Pair, label_set
from memelens.trainer.corpora.catalogue import ADAPTERS
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Adapter, Source
from memelens.trainer.corpus import gathering
from memelens.trainer.corpus.gathering import Images, Tally, gather

DOCS = Path(__file__).resolve().parents[3] / "docs"
ADDING = (DOCS / "adding-a-dataset.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    """A block of code of the page."""
    return str(re.findall(rf"```{language}\n(.*?)```", ADDING, re.DOTALL)[number])


@pytest.fixture
def zorblax(monkeypatch: pytest.MonkeyPatch) -> Adapter:
    """The module of the page, with its pair in the taxonomy."""
    module = ModuleType("memelens.trainer.corpora.zorblax")
    module.__package__ = "memelens.trainer.corpora"
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(block("python", 1), "zorblax.py", "exec"), module.__dict__)
    pair = Pair("abuse_de__Zorblax", Language.GERMAN, label_set("abusive"), in_paper=False)
    monkeypatch.setattr(gathering, "PAIR_OF", MappingProxyType({pair.configuration: pair}))
    return module


def test_the_worked_example_works(zorblax: Adapter, tmp_path: Path) -> None:
    """Its table gives two rows with the page's labels, ids keep their zeros, the third is left out and counted."""
    (tmp_path / "memes.csv").write_text(block("csv"), encoding="utf-8")
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        write_picture(tmp_path / "pictures" / name)
    folder, tally = Folder("zorblax", tmp_path), Tally()
    records = list(gather(zorblax, folder, Images.COMPLETE, tally, lambda data: str(len(data))))
    assert folder.problems == []
    assert [(one.key, one.labels, one.language, one.image) for one in records] == [
        ("0007", ("abusive",), "de", "pictures/a.jpg"),
        ("0008", ("not-abusive",), "de", "pictures/b.jpg"),
    ]
    assert tally.left_out == {"abuse_de__Zorblax": {"annotators were unsure": 1}}


def test_the_worked_example_is_short() -> None:
    """A pair added as in the page takes under 80 lines, all of it together."""
    assert sum(len(block("python", number).splitlines()) for number in (0, 1)) + 2 < 80


def row_of(pair: Pair) -> str:
    """The line of docs/pairs.md for a pair: from the dataset's own module, else only from the released corpus."""
    source = next(one.SOURCE for one in ADAPTERS.values() if pair.configuration in one.SOURCE.pairs)
    rows = f"{pair.rows:,}" if pair.rows else ""
    labels = ", ".join(pair.label_set.labels)
    cells = (pair.configuration, pair.language, pair.task, labels, source.name, _test(source, pair), rows)
    return f"| {' | '.join(map(str, cells))} | {'' if pair.in_paper else 'no'} |"


def _test(source: Source, pair: Pair) -> str:
    file = source.official_test.get(pair.configuration)
    return f"`{file}`" if file else "chosen here"


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.configuration)
def test_the_page_lists_every_pair(pair: Pair) -> None:
    """docs/pairs.md has each pair with its source, its labels, and which test split is the published one."""
    assert row_of(pair) in (DOCS / "pairs.md").read_text(encoding="utf-8").splitlines()


def test_the_page_lists_nothing_else() -> None:
    """No line of its table is about a pair that isn't there."""
    lines = (DOCS / "pairs.md").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line.startswith("| ") and not line.startswith("| pair")]
    assert sorted(listed) == sorted(map(row_of, PAIRS))
