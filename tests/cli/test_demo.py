"""`memelens demo`: what a stranger sees first."""

import subprocess
from collections.abc import Callable

from memelens.taxonomy import Language

Program = Callable[..., subprocess.CompletedProcess[str]]


def test_the_demo_judges_memes_in_nine_languages(memelens: Program) -> None:
    """Every language stands in the table, some memes are flagged and explained, what is no post is kept."""
    done = memelens("demo", environment={"MEMELENS_BROKER": "kafka://nowhere.example:1"})
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("sample-")]
    assert {row[1] for row in rows} == set(Language)
    flagged = [row for row in rows if row[3] != "-"]
    assert 0 < len(flagged) < len(rows)
    assert all(row[5] for row in flagged)
    assert "not-a-post: caption: must be a string" in done.stdout
    assert "knows nothing of the real world" in done.stdout
