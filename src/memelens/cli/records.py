"""Records of any topic as lines for a person."""

import base64
from collections.abc import Mapping
from typing import Any

from ..consumer.brokers.interface import Record
from ..consumer.clock import utc_time
from ..consumer.tailing import content_of
from ..consumer.wire.headers import last_header
from .console import harmless

__all__ = ["flagged_labels", "line_of"]

_WIDEST_BYTES = 60


def line_of(record: Record) -> str:
    """Time, place, key, and what the record says: its verdict, post, reason of failure, or its bytes in base64."""
    time = f"{utc_time(record.timestamp_ms):%Y-%m-%d %H:%M:%S}"
    key = "" if record.key is None else record.key.decode("utf-8", "replace")
    place = f"{record.partition.index}:{record.offset}"
    return harmless(f"{time}  {place:>8}  {key:<24}  {' '.join(_summary(record).splitlines())}")


def flagged_labels(labels: Mapping[str, Mapping[str, Any]]) -> str:
    """`hateful 0.91, target community 0.80`: the flagged tasks of a verdict, highest score first."""
    flagged = sorted((one for one in labels.items() if one[1]["flagged"]), key=lambda one: -one[1]["score"])
    return ", ".join(
        f"{task if label['label'].endswith(task) else f'{task}: ' + label['label']} {label['score']:.2f}"
        for task, label in flagged
    )


def _summary(record: Record) -> str:
    if kind := last_header(record.headers, "memelens.error.kind"):
        reason = last_header(record.headers, "__connect.errors.exception.message") or b""
        return f"{kind.decode('utf-8', 'replace')}: {reason.decode('utf-8', 'replace')}"
    if record.value is None:
        return "deleted"
    content = content_of(record)
    if content is None:
        return _bytes(record)
    if isinstance(content.get("labels"), dict):
        return _verdict(content)
    if "post_id" in content:
        return _post(content)
    return (record.value or b"").decode("utf-8", "replace")


def _verdict(content: Mapping[str, Any]) -> str:
    try:
        route = f"{content['route']} {content['priority']:.2f}" if "route" in content else content.get("family", "")
        labels = flagged_labels(content["labels"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return "not a verdict of ours"
    return f"{route:<12}  {content.get('language', ''):<3}  {labels or 'nothing flagged'}"


def _post(content: Mapping[str, Any]) -> str:
    text = " · ".join(str(content[name]) for name in ("image_text", "caption") if content.get(name))
    return f"{content.get('language') or '':<3}  {'[picture] ' if content.get('image') else ''}{' '.join(text.split())}"


def _bytes(record: Record) -> str:
    value = record.value or b""
    shown = base64.b64encode(value[:_WIDEST_BYTES]).decode()
    headers = " ".join(f"{name}={content.decode('utf-8', 'replace')}" for name, content in record.headers)
    return f"base64:{shown}{'…' if len(value) > _WIDEST_BYTES else ''}  {headers}"
