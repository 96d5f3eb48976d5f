"""Tables on a terminal, which may be narrow."""

import io
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from memelens.cli import verdicts
from memelens.cli.doctor import doctor
from memelens.cli.verdicts import ShownVerdict, print_verdicts
from memelens.consumer.doctor import Finding, Outcome

Program = Callable[..., subprocess.CompletedProcess[str]]


def test_a_narrow_table_cuts_nothing_off(memelens: Program) -> None:
    """Long names go on in the next line: four topics that begin alike must be told apart."""
    done = memelens("topics", "describe", environment={"FORCE_COLOR": "1", "COLUMNS": "50"})
    assert "memes.la" in done.stdout
    assert "…" not in done.stdout


def test_verdicts_are_shown_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing without spaces is folded, not cut off, and control characters of a stranger's text never come out."""
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, color_system=None)
    monkeypatch.setattr(verdicts, "out", lambda: console)
    verdict: dict[str, Any] = {
        "post_id": "p-1",
        "language": "zh",
        "route": "review",
        "flagged": True,
        "priority": 1.0,
        "labels": {"hateful": {"label": "hateful", "score": 1.0, "flagged": True}},
        "rationales": [{"task": "hateful", "language": "zh", "text": "奎比民族" * 20 + "终"}],
    }
    print_verdicts([ShownVerdict("tea\x1b[2J\x9b", verdict)])
    shown = file.getvalue()
    assert "终" in shown
    assert "…" not in shown
    assert "\x1b[2J" not in shown
    assert "\x9b" not in shown


def test_findings_and_spinner_never_share_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The spinner ends before a finding is shown, and turns again while the next one is looked for."""
    happened: list[str] = []

    @contextmanager
    def waiting(_: str) -> Iterator[None]:
        happened.append("spins")
        yield
        happened.append("ends")

    monkeypatch.setattr("memelens.cli.options.load", lambda *_, **__: None)
    monkeypatch.setattr("memelens.cli.console.waiting", waiting)
    monkeypatch.setattr("memelens.cli.doctor._show", lambda _: happened.append("shown"))
    monkeypatch.setattr(
        "memelens.consumer.doctor.examine", lambda *_: iter([Finding("cache", Outcome.OK, "there")] * 2)
    )
    doctor()
    assert " ".join(happened) == "spins ends shown spins ends shown spins ends"


def test_a_policy_is_shown_as_it_holds(memelens: Program, tmp_path: Path) -> None:
    """Languages in which a task never flags are told too: the default doesn't hold there."""
    (tmp_path / "policy.yaml").write_text(
        "name: x\nthresholds: {toxic: {default: 0.6, ru: 0.5, other: null}, humor: null}\n"
    )
    rows = dict(line.split("\t")[:2] for line in memelens("policy", "check", "policy.yaml").stdout.splitlines()[1:21])
    assert (rows["toxic"], rows["humor"], rows["hateful"]) == ("0.6, ru 0.5, other never", "never", "never")
