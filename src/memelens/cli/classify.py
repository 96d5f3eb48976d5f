"""`memelens classify`."""

import os
from enum import StrEnum
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..consumer.judging.policy import Policy
    from ..consumer.messages import Post
    from ..taxonomy import Task

__all__ = ["classify"]


class Rationales(StrEnum):
    """Which answers are explained."""

    NONE = "none"
    FLAGGED = "flagged"
    FAMILIES = "families"
    ALL = "all"


def classify(
    images: Annotated[
        list[Path] | None, typer.Argument(metavar="IMAGE…", help="Pictures; left out: text alone.")
    ] = None,
    image_text: Annotated[str, typer.Option(help="The text in the picture.")] = "",
    caption: Annotated[str, typer.Option(help="What its author wrote beside it.")] = "",
    language: Annotated[str | None, typer.Option(help="BCP-47 tag; left out: guessed.")] = None,
    tasks: Annotated[str | None, typer.Option(metavar="NAMES", help="Show these only, with commas between.")] = None,
    rationales: Annotated[Rationales | None, typer.Option(help="Left out: as the policy says.")] = None,
    style: Annotated[
        options.Format, typer.Option("--format", help="A table, or one JSON verdict a line.")
    ] = options.Format.TABLE,
    config: options.Config = None,
    model: options.Model = None,
    device: options.Device = None,
    policy: options.Policy = None,
) -> None:
    """Judge pictures (or only text), without a broker."""
    from ..consumer.classifying import Classifier
    from ..consumer.clock import SystemClock
    from ..consumer.errors import PoisonError
    from ..consumer.judging.policy_loading import load_policy
    from ..consumer.service import preparing_limits, start_engine
    from .console import err, waiting

    settings = options.load(config, model=model, engine__device=device, policy=policy)
    shown = _tasks(tasks)
    sources: list[Path | None] = [*(images or [])] or [None]
    posts = [_post(image, image_text, caption, language) for image in sources]
    rules = _with_rationales(load_policy(settings.policy), rationales)
    with waiting("loading the model"):
        engine = start_engine(settings)
    classifier = Classifier(engine, rules, SystemClock(), preparing_limits(settings))
    failures = 0
    try:
        for post in posts:
            try:
                with waiting(f"judging {post.post_id}"):
                    verdict = _only(classifier.classify(post), shown)
            except PoisonError as error:
                failures += 1
                err().print(f"{post.post_id}: {error}", markup=False, soft_wrap=True)
            else:
                _show(verdict, style)
    finally:
        engine.close()
    if failures:
        raise typer.Exit(1)


def _post(image: Path | None, image_text: str, caption: str, language: str | None) -> "Post":
    from pydantic import ValidationError

    from ..consumer.errors import SettingsError
    from ..consumer.messages import Post, PostImage
    from ..consumer.sending import post_id_of

    try:
        content = PostImage(content=image.read_bytes()) if image else None
        name = post_id_of(PurePath(image.name)) if image else "text"
        inside, beside = _readable(image_text), _readable(caption)
        return Post(post_id=name, image=content, image_text=inside, caption=beside, language=language)
    except OSError as error:
        raise SettingsError(f"{image}: can't be read ({error.strerror})") from error
    except ValidationError as error:
        raise SettingsError("nothing to judge; name a picture, or give --image-text or --caption") from error


def _readable(text: str) -> str:
    """Bytes of the command line that are no text become U+FFFD."""
    return os.fsencode(text).decode("utf-8", "replace")


def _tasks(names: str | None) -> "Sequence[Task]":
    from ..taxonomy import TASKS, Task, UnknownNameError

    wanted = [name.strip() for name in (names or "").split(",") if name.strip()]
    for name in wanted:
        if name not in TASKS:
            raise UnknownNameError("task", name, TASKS)
    return [Task(name) for name in wanted] or TASKS


def _with_rationales(policy: "Policy", which: Rationales | None) -> "Policy":
    from ..consumer.judging.policy import WhichRationales

    if which is None:
        return policy
    rule = policy.rationales.model_copy(update={"which": WhichRationales(which.value), "max_per_post": 100})
    return policy.model_copy(update={"rationales": rule})


def _only(verdict: dict[str, Any], tasks: "Sequence[Task]") -> dict[str, Any]:
    verdict["labels"] = {task: label for task, label in verdict["labels"].items() if task in tasks}
    verdict["rationales"] = [one for one in verdict["rationales"] if one["task"] in tasks]
    return verdict


def _show(verdict: dict[str, Any], style: options.Format) -> None:
    from ..consumer.tailing import json_line
    from .console import say
    from .verdicts import print_labels

    if style is options.Format.JSON:
        say(json_line(verdict))
    else:
        print_labels(verdict)
