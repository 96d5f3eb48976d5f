"""BanglaAbuseMeme, invented: labels alone, several targets in one cell, nobody spelled `None`."""

from pathlib import Path

from tests.trainer.corpora.writing import write_csv, write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

LABELS = {
    "abuse_bn__BanglaAbuseMeme": {"not-abusive": 4, "abusive": 2},
    "sarcasm_bn__BanglaAbuseMeme": {"not-sarcasm": 1, "sarcasm": 5},
    "sentiment_bn__BanglaAbuseMeme": {"negative": 3, "neutral": 2, "positive": 1},
    "vulgar_bn__BanglaAbuseMeme": {"not-vulgar": 3, "vulgar": 3},
}
LEFT_OUT: dict[str, dict[str, int]] = {}

_ROWS = (
    ("Negative", "Yes", "Not Vulgar", "Abusive", "Political"),
    ("Negative", "Yes", "Vulgar", "Non-abusive", "None"),
    ("Negative", "Yes", "Vulgar", "Abusive", "National Origin#Political"),
    ("Neutral", "Yes", "Vulgar", "Non-abusive", "Others"),
    ("Neutral", "Yes", "Not Vulgar", "Non-abusive", "None"),
    ("Positive", "No", "Not Vulgar", "Non-abusive", "Religion#Individual"),
)


def write(root: Path) -> None:
    """The table and all pictures."""
    rows = [[f"image_{number}.jpg", *row] for number, row in enumerate(_ROWS, 1)]
    heading = ["Ids", "sentiment", "sarcasm", "vulgar", "abuse", "target"]
    write_csv(root / "BanglaAbuseMeme_annotation.csv", [heading, *rows])
    for row in rows:
        write_picture(root / "Meme_Images" / row[0])
