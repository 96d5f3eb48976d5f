"""Pictures from our own object store (S3 or what speaks its protocol)."""

from typing import Any
from urllib.parse import unquote, urlsplit

from ..errors import OperatorError, PoisonError, RetryLaterError
from .rules import FetchingRules, refuse_more_than_a_path

__all__ = ["ObjectSource"]

_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "NotFound", "MethodNotAllowed"})
_UNSIGNED = frozenset(
    {
        *("ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch"),
        *("AuthorizationHeaderMalformed", "RequestTimeTooSkewed"),
    }
)
"""Answers to every request of ours, whatever object it is about: wrong credentials, region or clock."""


class ObjectSource:
    """Fetches `s3://bucket/key` references of the listed buckets. Any thread may call it.

    Raises:
        OperatorError: boto3 isn't installed.
    """

    def __init__(self, rules: FetchingRules) -> None:
        self._buckets, self._max_bytes = frozenset(rules.buckets), rules.max_bytes
        self._client = _client(rules)

    def fetch(self, uri: str, *, patient: bool = True) -> bytes:  # noqa: ARG002 - our own store is waited for
        """Bytes of an object.

        Raises:
            PoisonError: `reference-forbidden`, `gone`, `refused` or `too-large`.
            RetryLaterError: the store doesn't answer.
            OperatorError: no or wrong credentials, a wrong region or clock, or the bucket doesn't exist.
        """
        bucket, key = self._allowed(uri)
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError  # noqa: PLC0415 - optional

        try:
            answer = self._client.get_object(Bucket=bucket, Key=key)
            with answer["Body"] as body:
                content: bytes = b"" if answer["ContentLength"] > self._max_bytes else body.read(self._max_bytes + 1)
        except ClientError as error:
            raise _judged(error, bucket) from error
        except NoCredentialsError as error:
            raise OperatorError("no credentials for s3: set AWS_ACCESS_KEY_ID or a role for this machine") from error
        except (BotoCoreError, OSError) as error:
            raise RetryLaterError(f"the object store doesn't answer ({type(error).__name__})") from error
        if len(content) > self._max_bytes or answer["ContentLength"] > self._max_bytes:
            raise PoisonError("too-large", f"the object behind image.uri is larger than {self._max_bytes} bytes")
        return content

    def close(self) -> None:
        """Close idle connections; idempotent."""
        self._client.close()

    def _allowed(self, uri: str) -> tuple[str, str]:
        try:
            parts = urlsplit(uri)
        except ValueError as error:
            raise PoisonError("reference-forbidden", "image.uri: not a valid s3: address") from error
        key = unquote(parts.path.removeprefix("/"))
        if parts.netloc not in self._buckets or not key:
            raise PoisonError("reference-forbidden", "image.uri: its bucket is not among the allowed ones")
        refuse_more_than_a_path(parts)
        return parts.netloc, key


def _client(rules: FetchingRules) -> Any:  # noqa: ANN401 - boto3 builds its classes at run time
    try:
        import boto3  # noqa: PLC0415 - optional, and slow to import
        from botocore.config import Config  # noqa: PLC0415  optional
    except ImportError as error:
        raise OperatorError("s3: references need boto3: install memelens[s3]") from error
    config = Config(
        connect_timeout=rules.connect_seconds,
        read_timeout=rules.read_seconds,
        max_pool_connections=rules.connections,
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
    return boto3.client("s3", endpoint_url=rules.s3_endpoint, region_name=rules.s3_region, config=config)


def _judged(error: Any, bucket: str) -> Exception:  # noqa: ANN401 - botocore has no types
    """What an answer of the store means for the post, or for us."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _GONE:
        return PoisonError("gone", "image.uri: there is no such object")
    if code == "NoSuchBucket":
        return OperatorError(f"s3: the bucket {bucket} doesn't exist: correct images.buckets")
    if code in _UNSIGNED:
        return OperatorError(
            f"s3: the store refuses our signature ({code}): check the credentials, images.s3_region, and the clock here"
        )
    if status >= 500 or status == 429 or code in {"SlowDown", "RequestTimeout"}:
        return RetryLaterError(f"the object store doesn't answer ({code or status})")
    return PoisonError("refused", f"image.uri: the object store refused ({code or status})")
