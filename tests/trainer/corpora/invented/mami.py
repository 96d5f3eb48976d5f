"""MAMI, invented: TAB under the name of csv, a byte order mark, a file without a heading."""

from pathlib import Path

from tests.trainer.corpora.writing import write_csv, write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

_KINDS = ("shaming", "stereotype", "objectification", "violence")
LABELS = {
    "misogynous_en__MAMI": {"not-misogynous": 7, "misogynous": 6},
    "shaming_en__MAMI": {"not-shaming": 11, "shaming": 2},
    "stereotype_en__MAMI": {"not-stereotype": 10, "stereotype": 3},
    "objectification_en__MAMI": {"not-objectification": 11, "objectification": 2},
    "violence_en__MAMI": {"not-violence": 10, "violence": 3},
}
LEFT_OUT: dict[str, dict[str, int]] = {}

# misogynous, then the four kinds: neither; of two kinds; of the two others; of none; two that contradict themselves
_TRAINING = ("00000", "00000", "11100", "10011", "10000", "00001", "00100")
_TEST = ("00000", "00000", "11000", "10110", "10001", "00000")


def write(root: Path) -> None:
    """Both splits, each in a folder of its own."""
    training = _named(1, _TRAINING)
    heading = ["file_name", "misogynous", *_KINDS, "Text Transcription"]
    rows = [[*row, _text(row[0])] for row in training]
    write_csv(root / "TRAINING/training.csv", [heading, *rows], encoding="utf-8-sig", delimiter="\t")
    test = _named(15_001, _TEST)
    write_csv(root / "test_labels.txt", test, delimiter="\t")
    texts = [[row[0], _text(row[0])] for row in reversed(test)]  # in another order than the labels
    write_csv(root / "test/Test.csv", [["file_name", "Text Transcription"], *texts], delimiter="\t")
    for folder, named in (("TRAINING", training), ("test", test)):
        for row in named:
            write_picture(root / folder / row[0])


def _named(first: int, labels: tuple[str, ...]) -> list[list[str]]:
    return [[f"{number}.jpg", *label] for number, label in enumerate(labels, first)]


def _text(name: str) -> str:
    """With what needs quotes in a csv file; one meme has none."""
    return "" if name == "2.jpg" else f'The Zorblaxian queen says "{name}",\nand waves\tonce'
