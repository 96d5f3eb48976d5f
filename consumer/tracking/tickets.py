"""A record's way through the pipeline, from poll to acknowledged outputs."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ...model.engine import Scores
from ..brokers.interface import GroupSnapshot, OutputRecord, Partition, Record
from ..cache.scores import CacheKeys
from ..judging.explaining import WantedRationale
from ..judging.judge import Judgement
from ..prepared import PreparedPost

__all__ = ["Lane", "Ready", "Scored", "Ticket", "Unexplained", "Wanted"]


@dataclass(slots=True, eq=False)
class Lane:
    """One claim on one partition: from its first record until it is revoked, lost or rewound.

    What comes back for a lane that isn't open any more is dropped: another member, or another lane of ours, reads the
    same records again.
    """

    partition: Partition
    open: bool = True


@dataclass(slots=True, eq=False)
class Ticket:
    """What travels with a record. Belongs to the one thread that works on it; told apart by identity.

    `key` orders its leaving. `outputs` are what it became: verdict records, a dead letter, or tombstones, where
    `erases` is the key whose cache entries go with them. `kind` is the dead letter's kind, empty for anything else.
    """

    record: Record
    lane: Lane
    snapshot: GroupSnapshot
    admitted_at: float
    size_bytes: int
    key: Hashable = None
    picture_bytes: int = 0
    outputs: Sequence[OutputRecord] = ()
    erases: bytes | None = None
    kind: str = ""


class Ready(NamedTuple):
    """A post that can be looked up in the cache."""

    ticket: Ticket
    prepared: PreparedPost


class Wanted(NamedTuple):
    """A post that needs scores."""

    ticket: Ticket
    prepared: PreparedPost
    keys: CacheKeys


class Scored(NamedTuple):
    """A post with scores; `cached` says that they came from the cache."""

    ticket: Ticket
    prepared: PreparedPost
    keys: CacheKeys
    scores: Scores
    cached: bool


class Unexplained(NamedTuple):
    """A judged post of which some rationales have to be written; `found` are those that the cache had."""

    scored: Scored
    judgement: Judgement
    found: Mapping[WantedRationale, str]

    @property
    def ticket(self) -> Ticket:
        """The post's."""
        return self.scored.ticket
