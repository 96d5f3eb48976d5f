"""Marks of test rows whose template nobody was trained or chosen on."""

from collections.abc import Collection, Sequence

from ...corpora.interface import Split
from .findings import Check
from .looks import Look

__all__ = ["check_marks"]


def check_marks(looks: Sequence[Look], near: Collection[int], check: Check) -> None:
    """Marks against template ids and pictures. `near`: places of memes whose picture is near to an earlier side's."""
    learnt = {look.template for look in looks if look.side is not Split.TEST}
    for place, look in enumerate(looks):
        check.looked_at += 1
        known = look.perceptual_hash is not None or look.template is not None
        due: bool | None = None
        if look.side is Split.TEST and known:
            due = place not in near and (look.template is None or look.template not in learnt)
        if look.marked is not due:
            check.find(f"in {look.side}, is marked {_named(look.marked)}, should be {_named(due)}", look.meme)


def _named(mark: bool | None) -> str:
    return {True: "template-disjoint", False: "not template-disjoint", None: "in no way"}[mark]
