"""Pictures by reference: fetched on a few threads of their own, so that a slow host holds nobody else up."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from ..errors import OperatorError, RetryLaterError
from ..images.fetching import ImageFetcher
from ..images.web import UnsteadyHostError
from ..messages import Post, PostImage
from ..metrics import Metrics
from ..preparing import PreparingLimits, prepare
from ..running.halting import Control, StoppedError
from ..running.mailbox import Mailbox
from ..running.retrying import Retrying
from ..tracking.flow import InFlight
from ..tracking.lanes import Lanes
from ..tracking.tickets import Ready, Ticket
from .refusing import Refusing

__all__ = ["FetchStage"]


_PATIENT_SHARE = 4


class FetchStage:
    """Fetches and prepares. `submit` never waits; what is fetched goes to `ready`, what can't be to `done`.

    Hosts that fail are waited for on a few threads more, a quarter of `threads`: a host that hangs keeps the others for
    one attempt only.
    """

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        fetcher: ImageFetcher,
        ready: Mailbox[Ready],
        done: Mailbox[Ticket],
        *,
        threads: int,
        limits: PreparingLimits,
        in_flight: InFlight,
        lanes: Lanes,
        control: Control,
        retrying: Retrying,
        refusing: Refusing,
        metrics: Metrics,
    ) -> None:
        self._fetcher, self._ready, self._done, self._limits = fetcher, ready, done, limits
        self._in_flight, self._lanes, self._control = in_flight, lanes, control
        self._retrying, self._refusing, self._metrics = retrying, refusing, metrics
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="memelens-fetch")
        patient = max(1, threads // _PATIENT_SHARE)
        self._patient_pool = ThreadPoolExecutor(patient, thread_name_prefix="memelens-fetch-again")
        self._counting = threading.Lock()
        self._active = 0

    @property
    def active(self) -> int:
        """Posts whose picture is being fetched; each has a time limit."""
        return self._active

    def submit(self, ticket: Ticket, post: Post) -> None:
        """Have the picture fetched. The intake thread only."""
        self._pool.submit(self._run, ticket, post, patient=False)

    def close(self) -> None:
        """Forget what hasn't begun; what has is ended by closing the fetcher. Doesn't wait."""
        for pool in (self._pool, self._patient_pool):
            pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, ticket: Ticket, post: Post, *, patient: bool) -> None:
        try:
            self._control.check()
            if not self._lanes.keep_open([ticket]):
                return
            with self._metrics.step("fetch", 1), self._counted():
                image = self._fetch(post.image, patient=patient) if post.image is not None else b""
            ticket.picture_bytes = len(image)
            self._in_flight.add_picture(len(image))
            self._ready.put([Ready(ticket, prepare(ticket.record, post, image, self._limits))])
        except UnsteadyHostError:
            with suppress(RuntimeError):  # closed meanwhile
                self._patient_pool.submit(self._run, ticket, post, patient=True)
        except StoppedError:
            pass
        except OperatorError as error:
            self._control.halt(error)
        except Exception as error:  # noqa: BLE001 - poison, or a defect that this one record brings out
            self._done.put([self._refusing.refuse(ticket, error)])

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._counting:
            self._active += 1
        try:
            yield
        finally:
            with self._counting:
                self._active -= 1

    def _fetch(self, reference: PostImage, *, patient: bool) -> bytes:
        while not self._in_flight.wait_for_picture_room(0.5):
            self._control.check()

        def fetch() -> bytes:
            return self._fetcher.fetch(reference, patient=patient)

        return self._retrying.call("fetch", fetch, RetryLaterError)
