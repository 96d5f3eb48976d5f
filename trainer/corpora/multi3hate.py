"""Multi3Hate: 300 memes, each in five languages, judged in the five countries where these are spoken.

`final_annotations.csv` has a line for each meme and a column for each country; `captions/<language>.csv` has the texts,
`memes/<language>/<template>/<id>.jpg` the pictures. Table and folders spell templates differently: the id joins them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .folder import Folder
from .interface import Licence, Meme, Row, Source
from .joining import by_id, joined
from .problems import RowError
from .tables import read_csv

__all__ = ["SOURCE", "meme", "rows"]

_COUNTRIES = {"de": "DE", "en": "US", "es": "MX", "hi": "IN", "zh": "CN"}
_PAIRS = {language: f"Hateful_{language}__Multi3Hate" for language in _COUNTRIES}
_ID = "Meme ID"
_NO_CAPTION = "<emp>"

SOURCE = Source(
    name="multi3hate",
    title="Multi3Hate",
    pairs=tuple(_PAIRS.values()),
    licence=Licence("no licence named", may_be_passed_on=False),
    citation="Bui, von der Wense and Lauscher, NAACL 2025 (arXiv 2411.03888)",
    homepage="https://github.com/MinhDucBui/Multi3Hate",
    files="final_annotations.csv, captions/<language>.csv and memes/<language>/ for de, en, es, hi, zh (any of them)",
)


def rows(folder: Folder) -> Iterator[Row]:
    """Captions of the languages that are there, each with its country's judgement of that meme."""
    wanted = [language for language, pair in _PAIRS.items() if folder.wants(pair)]
    there = [one for one in wanted if folder.find(f"captions/{one}.csv", f"memes/{one}/*/*")]
    for language in sorted({*wanted} - {*there}):
        folder.note(f"{language} isn't in this copy: neither captions/{language}.csv nor memes/{language}/")
    judgements = _table(folder, "final_annotations.csv", tuple(_COUNTRIES.values()))
    for language in there or wanted:
        captions = _table(folder, f"captions/{language}.csv", ("Template Name", "Translation"))
        for row in joined(folder, captions, judgements).values():
            yield replace(row, values={**row.values, "language": language})


def _table(folder: Folder, name: str, columns: tuple[str, ...]) -> Mapping[str, Row]:
    return by_id(folder, read_csv(folder, folder.one(name), (_ID, *columns)), _ID)


def meme(row: Row) -> Meme:
    """A meme in one language, in one group with itself in the others."""
    language, number = row.text("language"), row.id(_ID)
    if language not in _PAIRS:
        raise RowError("no language of Multi3Hate", language)
    return Meme(
        key=f"{language}/{number}",
        labels={_PAIRS[language]: row.text(_COUNTRIES[language])},
        text=_text(row.text("Translation")),
        image=f"memes/{language}/{number}.jpg",
        group=number,
        template=" ".join(row.text("Template Name").casefold().replace("-", " ").split()),
    )


def _text(captions: str) -> str:
    """Top and bottom caption on lines of their own; an empty one is no line."""
    lines = (caption.strip() for caption in captions.split("<sep>"))
    return "\n".join(line for line in lines if line not in {"", _NO_CAPTION})
