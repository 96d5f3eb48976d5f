# ruff: noqa: ANN401 - the client has no types
# mypy: disable-error-code="misc"
"""kafka-python's consumer and producer with what they lack: deadlines, an end at once, work beside the network loop.

The one place that reaches behind the client's interface. It was written against 3.0.12; pyproject.toml holds the client
below 3.1, and the broker's tests walk through every method here.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.future import Future
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector
from kafka.structs import OffsetAndMetadata, TopicPartition
from kafka.version import __version__

__all__ = ["GroupConsumer", "OwnedProducer", "network_client"]

_Result = TypeVar("_Result")
_CLOSE_SECONDS = 5.0
_LOSES_JOINS = {"3.0.12"}
_log = logging.getLogger(__name__)


def network_client(**options: Any) -> KafkaNetClient:
    """The part of any client that talks to brokers."""
    network = NetworkSelector(**options)
    return KafkaNetClient(network, _AttentiveManager(network, **options), **options)


class _AttentiveManager(KafkaConnectionManager):
    """Hears brokers out: the client drops what came just before the end, which is why they refuse a password."""

    async def _build_transport(self, node: Any, timeout_at: float | None = None) -> Any:
        transport = await super()._build_transport(node, timeout_at)
        receive = transport._sock_recv  # noqa: SLF001  the client has no other way

        def received() -> tuple[bytes, Exception | None]:
            content, error = receive()
            return content, None if content else error  # the end is still there at the next reading

        transport._sock_recv = received  # noqa: SLF001  the client has no other way
        return transport


class GroupConsumer(KafkaConsumer):
    """A consumer whose listener may call what blocks."""

    def __init__(self, *topics: str, **options: Any) -> None:
        super().__init__(*topics, **options)
        if __version__ in _LOSES_JOINS:
            _keep_joins(self._coordinator)

    async def beside_the_loop(self, work: Callable[[], _Result]) -> _Result:
        """Result of a blocking call, made on a thread of its own while the network loop goes on: heartbeats too."""
        done = Future()

        def run() -> None:
            try:
                outcome, settle = work(), done.success
            except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
                outcome, settle = error, done.failure  # type: ignore[assignment] # either one

            def resume() -> None:
                settle(outcome)

            self._net.call_soon_threadsafe(resume)

        threading.Thread(target=run, name="kafka-revocation", daemon=True).start()
        result: _Result = await done
        return result

    def committed_offsets(
        self, partitions: Sequence[TopicPartition], timeout_ms: int
    ) -> Mapping[TopicPartition, OffsetAndMetadata]:
        """Like `committed`, of many partitions in one request."""
        found: Mapping[TopicPartition, OffsetAndMetadata] = self._coordinator.fetch_committed_offsets(
            partitions, timeout_ms=timeout_ms
        )
        return found


class OwnedProducer(KafkaProducer):
    """A producer that can be thrown away, and whose transactional calls end: they may block for ever by themselves."""

    NOTHING = object()
    """A value that is sent as none: the client refuses records without key and value, which Kafka allows."""

    def _serialize(self, serializer: object, topic: str, headers: object, data: Any) -> Any:  # noqa: ARG002  the client's signature
        return None if data is self.NOTHING else data

    def send_offsets_within(
        self, seconds: float, offsets: Mapping[TopicPartition, OffsetAndMetadata], membership: object
    ) -> None:
        """`send_offsets_to_transaction`; KafkaTimeoutError after `seconds`."""
        self._wait(self._transaction_manager.send_offsets_to_transaction(offsets, membership), seconds)

    def commit_within(self, seconds: float) -> None:
        """`commit_transaction`; KafkaTimeoutError after `seconds`, and the outcome is unknown."""
        self._wait(self._transaction_manager.begin_commit(), seconds)

    def abort_within(self, seconds: float) -> None:
        """`abort_transaction`; KafkaTimeoutError after `seconds`."""
        self._wait(self._transaction_manager.begin_abort(), seconds)

    def discard(self) -> None:
        """End it now: what it still holds is never sent. `close` would wait for that, raise, and leave it running."""
        self._sender.force_close()
        with suppress(KafkaError):
            self.close(timeout=_CLOSE_SECONDS)
        self._sender.join(_CLOSE_SECONDS)
        self._closed = True

    def end(self, seconds: float) -> None:
        """Close it; what isn't sent after `seconds` never is."""
        try:
            self.close(timeout=seconds)
        except KafkaError as error:
            _log.warning("records were left when the producer was closed: %s", error)
            self.discard()

    def __del__(self) -> None:
        """Nothing: the client's own would silence its log for the whole process. We close what we make."""

    def _wait(self, result: Any, seconds: float) -> None:
        self._sender.wakeup()
        if not result.wait(timeout_ms=seconds * 1000):
            raise KafkaTimeoutError(f"no answer within {seconds:g} s")


def _keep_joins(coordinator: Any) -> None:
    """Don't lose a join that finishes between two polls.

    `need_rejoin` becomes False while a join is in flight; the finished join is then never applied, and the member
    stays in `<rebalancing>` while it goes on reading its old partitions. With this, the next poll waits for it.
    """
    need_rejoin = coordinator.need_rejoin
    coordinator.need_rejoin = lambda: coordinator._join_task is not None or need_rejoin()  # noqa: SLF001  the client has no other way
