"""The folder of a dataset on a user's disk: its files found wherever they lie in it, its problems collected."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath

from .problems import Problem, RowError

__all__ = ["Folder"]


class Folder:
    """A dataset's folder. Paths are relative to it, with slashes.

    `options` are the source's own settings in sources.yaml that its adapter asks for; `pairs` are those that are
    wanted, None for all.
    """

    def __init__(
        self,
        dataset: str,
        root: Path,
        options: Mapping[str, object] | None = None,
        pairs: frozenset[str] | None = None,
    ) -> None:
        self.dataset, self.root, self.options, self._pairs = dataset, root, options or {}, pairs
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self._claimed: frozenset[str] = frozenset()

    def problem(self, file: str, row: int | None, text: str, value: str | None = None) -> None:
        """Take down what is wrong in a file."""
        self.problems.append(Problem(self.dataset, file, row, text, value))

    def note(self, text: str) -> None:
        """Take down what the user should know and nothing is wrong with: a part that isn't in this copy."""
        self.notes.append(text)

    def wants(self, pair: str) -> bool:
        """Whether rows of a pair are of use: what isn't wanted needn't be read."""
        return self._pairs is None or pair in self._pairs

    def find(self, *names: str) -> list[str]:
        """Files whose path ends with one of the names (`captions/en.csv`; `*` stands for anything but a slash)."""
        return [path for path in self._files if any(PurePosixPath(path).match(name) for name in names)]

    def one(self, *names: str) -> str | None:
        """The one file of that name; None after telling the problem where there is none, or more than one.

        Whatever reads a file takes None for one without rows.
        """
        found = self.find(*names)
        if len(found) == 1:
            return found[0]
        if found:
            self.problem(names[0], None, f"there are several: {', '.join(found[:5])}; keep one")
        else:
            self.problem(" or ".join(names), None, f"there is no such file in {self.root}; is the copy complete?")
        return None

    def picture(self, name: str) -> str | None:
        """Path of a picture by its name, None where there is none.

        A leading folder in the name has to be in the path, in that order, whichever slashes part them; a file whose
        suffix alone differs is taken where there is no other, unless it is claimed.

        Raises:
            RowError: several files are called so.
        """
        if name in self._files:
            return name
        path = PurePosixPath(name.replace("\\", "/").lstrip("/"))
        if ".." in path.parts:
            raise RowError("the picture's name leads out of the folder", name)
        found = self._under(self._by_name[path.name], path.parent)
        alike = self._under(self._by_stem[path.stem], path.parent)
        found = found or [one for one in alike if PurePosixPath(one).name not in self._claimed]
        if len(found) > 1:
            raise RowError(f"several pictures are called so ({', '.join(found[:3])}); keep one", name)
        return found[0] if found else None

    def claim(self, names: Iterable[str]) -> None:
        """Say that pictures belong to rows of their own: none is taken for one whose suffix alone differs."""
        self._claimed = frozenset(PurePosixPath(name).name for name in names)

    @staticmethod
    def _under(paths: list[str], parent: PurePosixPath) -> list[str]:
        return [path for path in paths if parent == PurePosixPath() or f"/{parent}/" in f"/{path}"]

    @cached_property
    def _files(self) -> dict[str, None]:
        """Every file, in a fixed order."""
        return dict.fromkeys(sorted(path.relative_to(self.root).as_posix() for path in self._walk()))

    def _walk(self) -> Iterator[Path]:
        """Files in all folders; where links lead to a folder as well, it is visited once, by its own name."""
        visited: set[str] = set()
        for name, folders, files in os.walk(self.root, onerror=self._unreadable, followlinks=True):
            folder, real = Path(name), os.path.realpath(name)
            if real in visited:
                folders.clear()
                continue
            visited.add(real)
            folders[:] = sorted(self._usable(folder, folders), key=lambda one: Path(name, one).is_symlink())
            yield from (folder / file for file in self._usable(folder, files))

    def _usable(self, folder: Path, names: list[str]) -> Iterator[str]:
        """Names that aren't hidden. One that isn't UTF-8 is told: no corpus can keep it."""
        for name in sorted(names):
            shown = os.fsencode(name).decode("utf-8", "backslashreplace")
            if shown != name:
                place = (folder.relative_to(self.root) / shown).as_posix()
                self.problem(
                    place, None, "this name is not in UTF-8, as an archive of another system gives it; rename it"
                )
            elif not name.startswith("."):
                yield name

    def _unreadable(self, error: OSError) -> None:
        self.problem(os.path.relpath(error.filename, self.root), None, f"can't be read ({error.strerror})")

    @cached_property
    def _by_name(self) -> defaultdict[str, list[str]]:
        return self._index("name")

    @cached_property
    def _by_stem(self) -> defaultdict[str, list[str]]:
        return self._index("stem")

    def _index(self, part: str) -> defaultdict[str, list[str]]:
        index: defaultdict[str, list[str]] = defaultdict(list)
        for path in self._files:
            index[getattr(PurePosixPath(path), part)].append(path)
        return index
