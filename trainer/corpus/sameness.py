"""When two rows are the same meme: one definition, for whoever looks for such rows.

Measured on Multi3Hate, a perceptual hash alone both merges different memes on one template and misses copies. So: one
group id; or equal image bytes; or a near image hash and near text; where one of them has no text, a nearer hash and a
look at the pixels. Of a meme whose picture isn't there all a model sees is its text: the same text is the same meme.
The relation is no equivalence and is never chained: A like B and B like C doesn't make A like C.
"""

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

__all__ = ["ALIKE_HASH", "NEAR_HASH", "NEAR_TEXT", "near_texts", "normalised_text", "same_picture_and_text"]

NEAR_HASH = 31
"""Bits of 256 in which the hashes of one picture may differ where the texts say the same."""

ALIKE_HASH = 10
"""Bits where there is no text to compare, and the pixels have to be alike as well."""

NEAR_TEXT = 80.0
"""Similarity of normalised texts in percent: matching characters over all (rapidfuzz `ratio`)."""

_ARABIC_MARKS = {*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0640, 0x0670}


def normalised_text(text: str) -> str:
    """Letters and digits alone, folded: what two readings of one picture have in common.

    Vowel signs of Indic scripts stay, the optional Arabic ones and the tatweel go.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in folded if unicodedata.category(one)[0] in "LNM" and ord(one) not in _ARABIC_MARKS)


def near_texts(one: Sequence[str], other: Sequence[str]) -> NDArray[np.bool_]:
    """(n,) whether each two normalised texts say the same; an empty text is near to nothing."""
    similar = process.cpdist(one, other, scorer=fuzz.ratio, score_cutoff=NEAR_TEXT) >= NEAR_TEXT
    both = np.fromiter((bool(a and b) for a, b in zip(one, other, strict=True)), np.bool_, len(one))
    return np.asarray(similar & both)


def same_picture_and_text(
    pairs: NDArray[np.int64], distances: NDArray[np.int64], texts: Sequence[str], alike: Callable[[int, int], bool]
) -> NDArray[np.bool_]:
    """(m,) whether each of (m, 2) memes with near hashes are the same.

    Args:
        pairs: indices of memes whose hashes are within `NEAR_HASH` bits.
        distances: (m,) bits.
        texts: normalised, one for each meme.
        alike: whether the pixels of two memes' pictures are alike; asked only where a text is missing.
    """
    one, other = ([texts[index] for index in pairs[:, side].tolist()] for side in (0, 1))
    same = near_texts(one, other)
    wordless = np.fromiter((not (a and b) for a, b in zip(one, other, strict=True)), np.bool_, len(one))
    for row in np.flatnonzero(wordless & (distances <= ALIKE_HASH)).tolist():
        same[row] = alike(*pairs[row].tolist())
    return same
