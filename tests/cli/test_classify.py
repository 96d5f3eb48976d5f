"""`memelens classify` on real files, with the fake engine."""

import json
import os
import subprocess
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from memelens.consumer.messages import Verdict
from memelens.taxonomy import TASKS

Program = Callable[..., subprocess.CompletedProcess[str]]
FAKE = ("--model", "fake://")


@pytest.fixture
def picture() -> Path:
    """A picture of the package's samples."""
    return Path(str(resources.files("memelens.consumer"))) / "samples" / "en-1.jpg"


def test_a_picture_gets_twenty_answers(memelens: Program, picture: Path) -> None:
    """JSON output is a verdict as on the wire, with every task and one line a picture."""
    done = memelens(
        "classify", picture, picture, "--image-text", "two teapots", "--language", "en", "--format", "json", *FAKE
    )
    assert done.returncode == 0, done.stderr
    first, second = [Verdict.model_validate_json(line) for line in done.stdout.splitlines()]
    assert set(first.labels) == set(TASKS)
    assert first.labels == second.labels
    assert (first.post_id, first.language, first.language_guessed) == ("en-1.jpg", "en", False)


def test_tables_are_plain_lines_in_a_pipe(memelens: Program, picture: Path) -> None:
    """Without a terminal the table is a heading and tab-separated lines, one for each task asked for."""
    done = memelens("classify", picture, "--tasks", "hateful, humor", "--rationales", "all", *FAKE)
    rows = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
    assert [row[1] for row in rows] == ["task", "hateful", "humor"]
    assert "\x1b" not in done.stdout
    assert sum("for the content" in line for line in done.stdout.splitlines()) == 2


def test_text_alone_is_judged(memelens: Program) -> None:
    """A post without a picture is judged by its text."""
    done = memelens("classify", "--caption", "the teapots are ready and everybody is happy", "--format", "json", *FAKE)
    verdict = json.loads(done.stdout)
    assert (verdict["language"], verdict["language_guessed"]) == ("en", True)
    assert verdict["content"]["image_sha256"] is None


def test_no_rationales_where_none_are_asked_for(memelens: Program, picture: Path) -> None:
    """`--rationales none` leaves them out whatever the policy says."""
    done = memelens("classify", picture, "--rationales", "none", "--format", "json", *FAKE)
    assert json.loads(done.stdout)["rationales"] == []


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ((), 2, "nothing to judge; name a picture, or give --image-text or --caption"),
        (("gone.jpg",), 2, "gone.jpg: can't be read (No such file or directory)"),
        (("--caption", "x", "--tasks", "hatefull"), 2, "did you mean 'hateful'?"),
        (("--caption", "x", "--policy", "gone.yaml"), 2, "policy: 'gone.yaml' (--policy): no such file"),
        (("--caption", "x", "--model", "./gone"), 2, "model: './gone' (--model): no such directory"),
        (("--caption", "x", "--model", "fake://?x=1"), 2, "unknown option 'x'"),
        (("--caption", "x", "--device", "gpu"), 2, "write auto, cpu, cuda or cuda:0"),
    ],
)
def test_mistakes_end_with_a_sentence(memelens: Program, arguments: tuple[str, ...], status: int, says: str) -> None:
    """What a user got wrong is said in a sentence, without a traceback."""
    model = () if "--model" in arguments else FAKE
    done = memelens("classify", *arguments, *model)
    assert done.returncode == status
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_any_file_name_names_its_post(memelens: Program, picture: Path, tmp_path: Path) -> None:
    """Bytes that are no text and control characters become U+FFFD, in the output too."""
    odd = tmp_path / os.fsdecode(b"tea\x1b[2J\xff.jpg")
    odd.write_bytes(picture.read_bytes())
    done = memelens("classify", odd, "--format", "json", *FAKE)
    assert json.loads(done.stdout)["post_id"] == "tea\ufffd[2J\ufffd.jpg"


def test_a_bad_picture_does_not_stop_the_others(memelens: Program, picture: Path, tmp_path: Path) -> None:
    """A file that is no picture is named, the next one is judged, and the status says that one failed."""
    (tmp_path / "notes.jpg").write_text("not a picture")
    done = memelens("classify", "notes.jpg", picture, "--format", "json", *FAKE)
    assert done.returncode == 1
    assert done.stderr.startswith("notes.jpg: ")
    assert json.loads(done.stdout)["post_id"] == "en-1.jpg"
