"""RoMemes, invented: two files, ids that lost their zeros in one of them, more columns than are read."""

from pathlib import Path

from tests.trainer.corpora.writing import write_csv, write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

LABELS = {
    "deepfake_ro__RoMemes": {"real": 3, "fake": 2, "deepfake": 1},
    "political_ro__RoMemes": {"not-political": 4, "political": 2},
    "emotion_ro__RoMemes": {"love": 1, "fear": 1, "anger": 1, "joy": 1, "sadness": 1, "surprise": 1},
    "sentiment_ro__RoMemes": {"negative": 3, "neutral": 1, "positive": 2},
}
LEFT_OUT: dict[str, dict[str, int]] = {}

_LABELS = ["Complexity", "Real_Fake", "Sentiment1", "Sentiment2", "Political", "Mime"]
_MEMES = (
    ("00100001", "jpg", "Simple", "Real", "Positive", "Love", "No", "image/jpeg"),
    ("00100002", "jpg", "Combination", "Fake", "Negative", "Fear", "Yes", "image/jpeg"),
    ("00100013", "png", "Simple", "DeepFake", "Negative", "Anger", "Yes", "image/png"),
    ("00200001", "jpeg", "Simple", "Real", "Positive", "Joy", "No", "image/jpeg"),
    ("00200002", "webp", "Simple", "Fake", "Negative", "Sadness", "No", "image/webp"),
    ("00300001", "jpg", "Combination", "Real", "Neutral", "Surprise", "No", "image/webp"),
)


def write(root: Path) -> None:
    """Both files, the second in another order, and all pictures."""
    write_csv(root / "metadata.tsv", [["ID", "Extension", *_LABELS], *_MEMES], delimiter="\t")
    texts = [
        [str(place), key.lstrip("0"), f"Zorblaxienii,\nspune {place}: „ăâîșț”", suffix, *labels]
        for place, (key, suffix, *labels) in enumerate(reversed(_MEMES))
    ]
    write_csv(root / "romemes.csv", [["", "ID", "Text", "Extension", *_LABELS], *texts], line_end="\r\n")
    for key, suffix, *_ in _MEMES:
        write_picture(root / "images" / f"{key}.{suffix}")
