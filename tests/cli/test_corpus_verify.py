"""`memelens corpus verify` in a process of its own: what it prints, and how it ends."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.trainer.corpus.leaks import same_bytes, same_group
from tests.trainer.corpus.planting import TEST, TRAIN, clean_rows, made

Program = Callable[..., subprocess.CompletedProcess[str]]


def test_a_clean_corpus_ends_with_the_proof(memelens: Program, tmp_path: Path) -> None:
    """A table of what was looked at, and one last line: no leak, among how many memes."""
    made(tmp_path, clean_rows(tmp_path / "pictures"))
    done = memelens("corpus", "verify", "corpus")
    assert done.returncode == 0, done.stderr
    heading, *rows, last = done.stdout.splitlines()
    assert heading.split("\t") == ["check", "promise", "looked at", "findings"]
    assert {row.split("\t")[3] for row in rows} == {"0"}
    assert last == "no leak: 0 crossings among 18 memes (train 7, validation 5, test 6)"


def test_a_planted_leak_ends_in_failure(memelens: Program, tmp_path: Path) -> None:
    """Findings stand under their check with both ids, the last line counts them, the exit status is 1."""
    made(tmp_path, [*clean_rows(tmp_path / "pictures"), *same_group(tmp_path, TRAIN, TEST)])
    done = memelens("corpus", "verify", "corpus", "--quick")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["hashing rows", "reading rows: 21", "comparing pictures: 7"]
    assert done.stdout.splitlines()[-3:] == [
        "same-group: 1 finding",
        "  invented-a | invented-b: stand in train and in test",
        "1 finding, 1 crossing among 20 memes (train 8, validation 5, test 7)",
    ]


def test_findings_as_json(memelens: Program, tmp_path: Path) -> None:
    """One object with every check; the first findings with ids, in words."""
    made(tmp_path, same_bytes(tmp_path / "pictures", TRAIN, TEST))
    done = memelens("corpus", "verify", "corpus", "--format", "json", "--jobs", 2)
    assert done.returncode == 1
    content = json.loads(done.stdout)
    assert (content["memes"], content["crossings"]) == ({"train": 1, "validation": 0, "test": 1}, 1)
    checks = {check["check"]: check for check in content["checks"]}
    assert checks["same-bytes"] == {
        "check": "same-bytes",
        "looked_at": 2,
        "findings": 1,
        "first": [{"said": "stand in train and in test", "ids": ["invented-a", "invented-b"]}],
    }
    assert content["findings"] == 1 + checks["templates"]["findings"]


def test_no_corpus_is_one_sentence(memelens: Program, tmp_path: Path) -> None:
    """An empty folder, and what to do."""
    done = memelens("corpus", "verify", tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"memelens: {tmp_path}: holds no corpus")
    assert "`memelens corpus build`" in line
