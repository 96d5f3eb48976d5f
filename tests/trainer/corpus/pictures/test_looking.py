"""Looking at many pictures: in order, in parallel, and whatever happens to the files, the workers or the program."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import resource_tracker
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from tests.trainer.corpus.pictures.deadly import DeadlyFolder
from tests.trainer.corpus.pictures.drawn import encoded, scene

from memelens.model.errors import MemeError
from memelens.trainer.corpus.pictures import looking
from memelens.trainer.corpus.pictures.fingerprint_store import FingerprintStore, Stamp
from memelens.trainer.corpus.pictures.fingerprints import Fingerprint, fingerprint
from memelens.trainer.corpus.pictures.looking import Outcome, PictureFile, look
from memelens.trainer.errors import StorageError, WorkersError

PICTURES = [encoded(scene(number, 96, 96)) for number in range(8)]
BOTH = pytest.mark.parametrize("jobs", [1, 2])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FingerprintStore]:
    """An empty store."""
    with FingerprintStore(tmp_path / "fingerprints.sqlite") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where pictures lie."""
    made = tmp_path / "pictures"
    made.mkdir()
    return made


def put(folder: Path, *names: str) -> list[PictureFile]:
    """Write a picture for each name."""
    for number, name in enumerate(names):
        (folder / name).write_bytes(PICTURES[number % len(PICTURES)])
    return [PictureFile("invented", folder, name) for name in names]


def numbered(folder: Path, count: int) -> list[PictureFile]:
    """So many pictures."""
    return put(folder, *(f"{number}.jpg" for number in range(count)))


def looked(
    files: Iterable[PictureFile],
    store: FingerprintStore,
    jobs: int,
    advance: Callable[[int], None] = lambda _: None,
) -> dict[str, Outcome]:
    """Outcomes by path, in the order in which they came."""
    return {file.path: outcome for file, outcome in look(files, store, jobs, advance)}


def fail(file: PictureFile) -> Outcome:
    """What is called for a file that has to be opened."""
    raise AssertionError(file)


@BOTH
def test_every_file_comes_in_its_turn(folder: Path, store: FingerprintStore, jobs: int) -> None:
    """What the file's bytes say, in the given order, and each is counted once."""
    files = numbered(folder, 70)[::-1]
    steps: list[int] = []
    found = looked(iter(files), store, jobs, steps.append)
    assert list(found) == [file.path for file in files]
    assert all(found[file.path] == fingerprint((folder / file.path).read_bytes()) for file in files)
    assert sum(steps) == 70
    assert len(steps) > 3
    assert multiprocessing.active_children() == []


@BOTH
def test_files_that_have_no_fingerprint_say_why(folder: Path, store: FingerprintStore, jobs: int) -> None:
    """Half a copy, a page, a folder, a pipe, a file too long for any picture and none at all; the others are found."""
    files = put(folder, "good.jpg", "half.jpg", "page.jpg", "folder", "pipe", "long.bmp", "missing.jpg", "last.jpg")
    (folder / "half.jpg").write_bytes(PICTURES[1][: len(PICTURES[1]) // 2])
    (folder / "page.jpg").write_bytes(b"<html>not found</html>")
    os.truncate(folder / "long.bmp", 2**31)  # takes no room
    for name in ("folder", "pipe", "missing.jpg"):
        (folder / name).unlink()
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    files.append(PictureFile("invented", folder, "no\0name.jpg"))
    found = looked(files, store, jobs)
    kinds = {name: outcome.kind for name, outcome in found.items() if isinstance(outcome, MemeError)}
    assert kinds == {"half.jpg": "broken-picture", "page.jpg": "not-a-picture", "long.bmp": "picture-too-large"}
    assert {name for name, outcome in found.items() if isinstance(outcome, OSError)} == {
        "folder",
        "pipe",
        "missing.jpg",
        "no\0name.jpg",
    }
    assert isinstance(found["missing.jpg"], FileNotFoundError)
    assert isinstance(found["last.jpg"], Fingerprint)


@BOTH
def test_a_file_that_is_removed_meanwhile_is_a_problem(folder: Path, store: FingerprintStore, jobs: int) -> None:
    """Between being seen and being read."""

    class Removing(FingerprintStore):
        def get(self, stamp: Stamp) -> Fingerprint | None:
            if stamp.path == "3.jpg":
                (folder / stamp.path).unlink()
            return super().get(stamp)

    with Removing(store.path) as removing:
        found = looked(numbered(folder, 6), removing, jobs)
    assert isinstance(found.pop("3.jpg"), FileNotFoundError)
    assert all(isinstance(outcome, Fingerprint) for outcome in found.values())


@BOTH
def test_what_is_known_is_not_opened_again(folder: Path, store: FingerprintStore, jobs: int) -> None:
    """Only what has changed is; without anything to do no process is started."""
    files = numbered(folder, 40)
    first = looked(files, store, jobs)
    state = (folder / "5.jpg").stat()
    (folder / "5.jpg").write_bytes(b"?" * state.st_size)
    os.utime(folder / "5.jpg", ns=(state.st_atime_ns, state.st_mtime_ns))
    children: list[int] = []
    assert looked(files, store, jobs, lambda _: children.append(len(multiprocessing.active_children()))) == first
    assert set(children) == {0}
    (folder / "5.jpg").write_bytes(PICTURES[0] + b"?")
    again = looked(files, store, jobs)
    assert again.pop("5.jpg") == fingerprint(PICTURES[0] + b"?")
    assert again.items() <= first.items()


def test_a_store_that_cannot_grow_ends_it(folder: Path, store: FingerprintStore) -> None:
    """The error is the store's, and no process is left."""

    class Full(FingerprintStore):
        def put(self, found: Iterable[tuple[Stamp, Fingerprint]]) -> None:
            raise StorageError(f"no room for {len(list(found))}")

    with Full(store.path) as full, pytest.raises(StorageError, match="no room"):
        looked(numbered(folder, 60), full, 2)
    assert multiprocessing.active_children() == []


def test_files_are_asked_for_as_they_are_needed(folder: Path, store: FingerprintStore) -> None:
    """However many there are, only so many are in memory at once."""
    files = numbered(folder, 300)
    asked = 0

    def asking() -> Iterator[PictureFile]:
        nonlocal asked
        for file in files:
            asked += 1
            yield file

    most = max(asked - given for given, _ in enumerate(look(asking(), store, 2, lambda _: None)))
    assert most <= 16 * (4 * 2 + 2)


def test_who_stops_early_leaves_no_process(
    folder: Path, store: FingerprintStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing is enough; what was found is kept."""
    files = numbered(folder, 200)
    found = look(files, store, 2, lambda _: None)
    next(found)
    found.close()
    assert multiprocessing.active_children() == []
    monkeypatch.setattr(looking, "look_at", fail)
    assert len(looked(files[:16], store, 1)) == 16


# Workers that die


def test_a_file_that_kills_its_worker_is_named(folder: Path, store: FingerprintStore) -> None:
    """Both are, wherever they stand; the others have their fingerprints, and nothing hangs."""
    files = numbered(DeadlyFolder(folder), 60)
    for place in (7, 50):
        (folder / f"deadly{place}.jpg").write_bytes(PICTURES[0])
        files[place] = PictureFile("invented", DeadlyFolder(folder), f"deadly{place}.jpg")
    found = looked(files, store, 2)
    killers = {name: outcome for name, outcome in found.items() if not isinstance(outcome, Fingerprint)}
    assert list(found) == [file.path for file in files]
    assert list(killers) == ["deadly7.jpg", "deadly50.jpg"]
    assert all(isinstance(outcome, MemeError) and outcome.kind == "kills-worker" for outcome in killers.values())


def test_a_worker_that_is_killed_costs_nothing(folder: Path, store: FingerprintStore) -> None:
    """As when the kernel needs memory: no file is blamed."""
    files = numbered(folder, 200)
    killed: list[int] = []

    def kill_one(_: int) -> None:
        if not killed:
            killed.append(multiprocessing.active_children()[0].pid or 0)
            os.kill(killed[0], signal.SIGKILL)

    found = looked(files, store, 2, kill_one)
    assert killed
    assert len(found) == 200
    assert all(isinstance(outcome, Fingerprint) for outcome in found.values())


def test_no_picture_is_blamed_where_no_process_lives(
    folder: Path, store: FingerprintStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to do, and comes at once however many pictures there are."""
    resource_tracker.ensure_running()
    monkeypatch.setattr("multiprocessing.spawn._python_exe", b"/bin/false")
    with pytest.raises(WorkersError, match="--jobs 1"):
        looked(numbered(folder, 200), store, 2)


def test_a_process_that_cannot_be_started_is_told(
    folder: Path, store: FingerprintStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the system's reason."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr("multiprocessing.util.spawnv_passfds", refuse)
    with pytest.raises(WorkersError, match=r"--jobs 1 \(Cannot allocate memory\)"):
        looked(numbered(folder, 20), store, 2)


def test_workers_never_hear_ctrl_c(folder: Path, store: FingerprintStore) -> None:
    """A terminal sends it to all of them: what it means is said by whoever is in charge."""

    def interrupt_them(_: int) -> None:
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGINT)

    try:
        found = looked(numbered(folder, 200), store, 2, interrupt_them)
    except KeyboardInterrupt:
        pytest.fail("a worker heard it")
    assert all(isinstance(outcome, Fingerprint) for outcome in found.values())


# A program that ends

_PROGRAM = """
import sys
from pathlib import Path
from memelens.trainer.corpus.pictures.fingerprint_store import FingerprintStore
from memelens.trainer.corpus.pictures.looking import PictureFile, look
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    files = [PictureFile("invented", folder, one.name) for one in sorted(folder.iterdir())]
    try:
        with FingerprintStore(Path(sys.argv[2])) as store:
            for _ in look(files, store, 2, lambda count: print(count, flush=True)):
                pass
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.fixture
def program(folder: Path, store: FingerprintStore, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A program of its own, at work on pictures that take several seconds; it has looked at some of them."""
    large = encoded(scene(1, 1000, 1000), "PNG", compress_level=1)
    for number in range(300):
        (folder / f"{number:03}.png").write_bytes(large)
    script = tmp_path / "program.py"
    script.write_text(_PROGRAM)
    pipe = subprocess.PIPE
    command = [sys.executable, str(script), str(folder), str(store.path)]
    started = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    assert started.stdout
    assert started.stdout.readline() == "16\n"
    yield started
    if started.poll() is None:
        os.killpg(started.pid, signal.SIGKILL)
    started.communicate()


def family(group: int) -> list[psutil.Process]:
    """Processes of a program that was started in a session of its own."""
    members = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return members


def left_after(seconds: float, group: int) -> list[psutil.Process]:
    """Who is still there of a program that has ended, given some time to notice it."""
    deadline = time.monotonic() + seconds
    while (members := family(group)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return members


def test_ctrl_c_stops_at_once(
    folder: Path, store: FingerprintStore, program: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent to all as a terminal does: one message, no traceback, nobody left; the next run goes on from there."""
    assert len(family(program.pid)) > 2
    os.killpg(program.pid, signal.SIGINT)
    output, errors = program.communicate(timeout=5)
    assert output.endswith("interrupted\n")
    assert errors == ""
    assert program.returncode == 0
    assert left_after(2, program.pid) == []
    monkeypatch.setattr(looking, "look_at", fail)
    files = [PictureFile("invented", folder, f"{number:03}.png") for number in range(16)]
    assert len(looked(files, store, 1)) == 16


def test_a_program_that_is_killed_leaves_nobody(program: "subprocess.Popen[str]") -> None:
    """Its workers end by themselves."""
    program.kill()
    assert left_after(5, program.pid) == []
