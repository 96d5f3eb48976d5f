"""The wire messages: what they cost to import, what they accept, what they write."""

import json
import subprocess
import sys

import pytest
from pydantic import ValidationError

from memelens.consumer.messages import Post


def test_importing_the_messages_is_cheap() -> None:
    """A program that only reads verdicts loads neither torch nor kafka nor numpy."""
    code = "import sys, memelens.consumer.messages; print([m for m in ('torch', 'kafka', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_post_survives_the_wire() -> None:
    """What a producer writes with these classes is read back the same, pictures included."""
    post = Post.model_validate_json(
        b'{"post_id": "p-1", "image": {"content": "/+8="}, "caption": "\\u0645", "metadata": {"a": "b"}}'
    )
    written = post.model_dump_json()
    assert json.loads(written)["image"]["content"] == "/+8="
    assert Post.model_validate_json(written) == post


@pytest.mark.parametrize("content", ["/+8=", "_-8=", "/+8"], ids=["standard", "url-safe", "unpadded"])
def test_both_alphabets_of_base64_are_read(content: str) -> None:
    """Producers in any language may use their library's default."""
    post = Post.model_validate_json(json.dumps({"post_id": "p", "image": {"content": content}}))
    assert post.image is not None
    assert post.image.content == b"\xff\xef"


@pytest.mark.parametrize("name", ["post_id", "tenant"])
def test_ids_hold_no_control_characters(name: str) -> None:
    """Ids end up in keys, logs and tables: a line break in one is refused."""
    with pytest.raises(ValidationError, match=name):
        Post.model_validate({"post_id": "p", "caption": "hello", name: "a\nb"})


def test_a_whole_number_may_be_written_with_a_point() -> None:
    """3.0 is the revision 3, and gives the same verdict id."""
    post = Post.model_validate_json('{"post_id": "p", "caption": "hello", "schema_version": 1.0, "revision": 3.0}')
    assert (str(post.schema_version), str(post.revision)) == ("1", "3")
