"""What a corpus's file of moves tells of single memes, counted."""

from collections import Counter
from dataclasses import dataclass

import orjson

from ...errors import CorpusError
from ..store import Corpus

__all__ = ["Moved", "count_moves"]


@dataclass(frozen=True, slots=True)
class Moved:
    """Memes that were placed with a copy, or dropped (`after` is None), for one reason, by dataset and the copy's."""

    reason: str
    dataset: str
    because_of: str
    before: str | None
    after: str | None
    memes: int


def count_moves(corpus: Corpus) -> tuple[Moved, ...]:
    """Moves of one kind together, in a fixed order.

    Raises:
        CorpusError: the file can't be read.
    """
    path = corpus.root / "moves.jsonl"
    counted: Counter[tuple[str, str, str, str | None, str | None]] = Counter()
    try:
        with path.open("rb") as lines:
            for line in lines:
                move = orjson.loads(line)
                places = move["before"], move["after"]
                counted[move["reason"], _dataset(move["meme"]), _dataset(move["because"]), *places] += 1
    except OSError as error:
        raise CorpusError(f"{path}: can't be read ({error.strerror}); build the corpus again") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path}: isn't as a build writes it ({error}); build the corpus again") from error
    ordered = sorted(counted.items(), key=lambda one: tuple(map(str, one[0])))
    return tuple(Moved(*kind, memes=memes) for kind, memes in ordered)


def _dataset(meme: str) -> str:
    """The first part of a meme's id (`records.meme_id`)."""
    return meme.rpartition("-")[0]
