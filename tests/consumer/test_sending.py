"""Posts from folders and files."""

import base64
import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from memelens.consumer.brokers.interface import OutputRecord
from memelens.consumer.errors import OperatorError
from memelens.consumer.sending import read_posts
from memelens.consumer.wire.decoding import DecodingLimits


def read(source: Path) -> list[OutputRecord]:
    """All records of a source."""
    return list(read_posts(source, "posts", DecodingLimits(max_value_bytes=10_000, max_image_bytes=5_000)))


def contents(source: Path) -> list[dict[str, Any]]:
    """What stands in the records."""
    return [json.loads(record.value or b"") for record in read(source)]


def test_a_folder_gives_a_post_for_each_picture(tmp_path: Path) -> None:
    """Pictures below a folder become posts named after them; a text file beside one is its text."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.PNG").write_bytes(b"second")
    (tmp_path / "deep" / "a.jpg").write_bytes(b"first")
    (tmp_path / "deep" / "a.txt").write_text(" two teapots\n")
    (tmp_path / "notes.md").write_text("not a picture")
    first, second = contents(tmp_path)
    assert (first["post_id"], second["post_id"]) == ("b.PNG", "deep/a.jpg")
    assert base64.b64decode(second["image"]["content"]) == b"first"
    assert second["image_text"] == "two teapots"
    assert "image_text" not in first
    assert [record.key for record in read(tmp_path)] == [b"b.PNG", b"deep/a.jpg"]


def test_a_single_picture_is_a_post(tmp_path: Path) -> None:
    """One file is enough."""
    (tmp_path / "a.webp").write_bytes(b"picture")
    assert contents(tmp_path / "a.webp")[0]["post_id"] == "a.webp"


def test_jsonl_lines_are_posts(tmp_path: Path) -> None:
    """Lines are passed on as they are; a path in `image` becomes bytes, a reference stays one."""
    (tmp_path / "a.png").write_bytes(b"picture")
    posts = [
        {"post_id": "1", "image": "a.png", "metadata": {"from": "here"}},
        {"post_id": "2", "image": "s3://bucket/key"},
        {"post_id": "3", "caption": "چای"},
    ]
    file = tmp_path / "posts.jsonl"
    file.write_text("\n\n".join(json.dumps(post) for post in posts))
    one, two, three = contents(file)
    assert one["image"] == {"content": base64.b64encode(b"picture").decode()}
    assert one["metadata"] == {"from": "here"}
    assert two["image"] == {"uri": "s3://bucket/key"}
    assert three == posts[2]


def test_a_revision_that_is_no_number_is_named(tmp_path: Path) -> None:
    """Whatever else counts as a digit (here a superscript two) ends with a sentence."""
    (tmp_path / "posts.csv").write_text("post_id,caption,revision\n1,x,\u00b2\n", encoding="utf-8")
    with pytest.raises(OperatorError, match="line 2: not a post: revision"):
        read(tmp_path / "posts.csv")


def test_csv_rows_are_posts(tmp_path: Path) -> None:
    """A heading names the fields; empty cells are left out, a byte order mark is no part of a name."""
    (tmp_path / "a.png").write_bytes(b"picture")
    file = tmp_path / "posts.csv"
    file.write_text("post_id,image,caption,revision,language\n1,a.png,,,\n2,,two teapots,4,en\n", encoding="utf-8-sig")
    one, two = contents(file)
    assert one == {"post_id": "1", "image": {"content": base64.b64encode(b"picture").decode()}}
    assert two == {"post_id": "2", "caption": "two teapots", "revision": 4, "language": "en"}


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("posts.jsonl", '{"post_id": "1", "caption": "x"}\n{oops', "line 2: not JSON"),
        ("posts.jsonl", "[1]", "line 1: a list, not an object"),
        ("posts.jsonl", '{"post_id": "secret"}', "line 1: not a post"),
        ("posts.jsonl", '{"post_id": "1", "image": "gone.png"}', "line 1: no such picture"),
        ("posts.jsonl", json.dumps({"post_id": "1", "caption": "x" * 20_000}), "line 1: not a post: the value has"),
        ("posts.csv", "post_id,text\n1,x", "unknown columns text; known are post_id"),
        ("posts.csv", "caption\nx", "no column post_id"),
        ("posts.csv", "post_id,caption\n1,x\n2,\n", "line 3: not a post"),
        ("posts.xlsx", "", "send a folder of pictures, a picture, a .jsonl or a .csv"),
        ("gone/posts.csv", None, "no such file or folder"),
        ("empty", None, "no such file or folder"),
        ("posts.jsonl", "[" * 100_000, "line 1: not JSON"),
        ("posts.jsonl", json.dumps({"post_id": "1", "image": "QUJD" * 2_000}), "line 1: no such picture: "),
    ],
)
def test_what_is_no_post_is_named(tmp_path: Path, name: str, text: str | None, says: str) -> None:
    """A wrong line ends with its file and number, and nothing of its content."""
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(OperatorError) as caught:
        read(tmp_path / name)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


def test_texts_of_every_kind_are_sent(tmp_path: Path) -> None:
    """A byte order mark is skipped, half a surrogate pair is sent as the escape that it was."""
    (tmp_path / "posts.jsonl").write_text('{"post_id": "1\\ud83d", "caption": "\\\\\\ud83d"}\n', encoding="utf-8-sig")
    (sent,) = read(tmp_path / "posts.jsonl")
    assert (sent.key, sent.value) == ("1\ufffd".encode(), b'{"post_id": "1\\ud83d", "caption": "\\\\\\ud83d"}')


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    """What no post id may hold becomes U+FFFD."""
    (tmp_path / os.fsdecode(b"a\n\xff.png")).write_bytes(b"picture")
    assert [record.key for record in read(tmp_path)] == ["a\ufffd\ufffd.png".encode()]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing rights end with a sentence."""
    (tmp_path / "a.png").write_bytes(b"picture")

    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(OperatorError, match=r"a\.png: can't be read \(Permission denied\)"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["posts.jsonl", "posts.csv"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, name: str) -> None:
    """A file in another encoding is named, not guessed."""
    (tmp_path / name).write_bytes(b"post_id\xff\xfe\n1\n")
    with pytest.raises(OperatorError, match="not UTF-8"):
        read(tmp_path / name)


def test_a_folder_without_pictures_says_so(tmp_path: Path) -> None:
    """Nothing to send is an error, not silence."""
    with pytest.raises(OperatorError, match="no picture in it"):
        read(tmp_path)
