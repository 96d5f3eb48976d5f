"""What `topics`, `send`, `tail`, `schema` and `policy` say of mistakes, on the embedded broker."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[..., subprocess.CompletedProcess[str]]


def test_missing_topics_are_told_in_one_line(memelens: Program) -> None:
    """However many are missing, the sentence isn't broken up, and its remedy works."""
    done = memelens("topics", "describe")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("memes.flagged, memes.dead-letter; create with `memelens topics create`")
    assert memelens("topics", "create").returncode == 0
    assert memelens("topics", "describe").stderr == ""


def test_a_wrong_line_says_how_many_posts_were_sent(memelens: Program, tmp_path: Path) -> None:
    """Batches before the mistake are on the topic: who goes on must know."""
    memelens("topics", "create")
    lines = [f'{{"post_id": "{number}", "caption": "tea"}}' for number in range(130)]
    (tmp_path / "posts.jsonl").write_text("\n".join([*lines, "oops"]))
    done = memelens("send", "posts.jsonl")
    assert done.returncode == 1
    assert done.stdout.startswith("sent 100 posts to memes.posts")
    assert done.stderr == "memelens: posts.jsonl line 131: not JSON\n"
    assert len(memelens("tail", "memes.posts", "--from", "beginning", "--no-follow").stdout.splitlines()) == 100


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("topics", "create", "--retention-hours", "inf"), 2, "retention-hours"),
        (("topics", "create", "--max-message-bytes", "99999999999999999999"), 2, "max-message-bytes"),
        (("topics", "create", "--partitions", "99999999"), 2, "partitions"),
        (("send", "gone"), 2, "memelens: gone: no such file or folder"),
        (("send", ".", "--topic", "a b"), 2, "memelens: topics.input: 'a b' (--topic): write 1 to 249 letters"),
        (("tail", "memes.posts", "--from", "yesterday"), 2, "memelens: --from 'yesterday': write beginning, end"),
        (("tail", "memes.posts"), 1, "memelens: there is no topic 'memes.posts' on sqlite:///memelens.db"),
        (("schema", "verdic"), 2, "did you mean 'verdict'?"),
        (("schema", "--write", "memelens.yaml"), 1, "memelens.yaml: can't be written (File exists)"),
        (("policy", "check", "gone"), 2, "memelens: gone: can't be read"),
        (("policy", "diff", "policy.yaml", "--verdicts", "gone"), 2, "memelens: gone: can't be read"),
        (("policy", "diff", "policy.yaml", "--verdicts", "policy.yaml"), 1, "--from beginning --no-follow"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_mistakes_end_with_a_sentence(
    memelens: Program, tmp_path: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    """Wrong usage is status 2, what fails is 1; each says what would be right, without a traceback."""
    (tmp_path / "memelens.yaml").touch()
    (tmp_path / "policy.yaml").write_text("name: x\nthresholds: {}\n")
    done = memelens(*arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
