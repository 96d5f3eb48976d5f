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
            raise RowError(f"several pictures are called so ({', '.join(found[:3])})", name)
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
        found = []
        for folder, files in self._walk():
            base = PurePosixPath(folder.relative_to(self.root).as_posix())
            found += [str(base / file) for file in files if not file.startswith(".")]
        return dict.fromkeys(sorted(one for one in found if self._named_in_utf8(one)))

    def _walk(self) -> Iterator[tuple[Path, list[str]]]:
        """Folders with their files; where links lead to one as well, it is visited once, by its own name."""
        visited: set[str] = set()
        for folder, folders, files in os.walk(self.root, onerror=self._unreadable, followlinks=True):
            shown = [one for one in folders if not one.startswith(".")]
            folders[:] = sorted(shown, key=lambda one: (Path(folder, one).is_symlink(), one))
            real = os.path.realpath(folder)
            if real in visited:
                folders.clear()
            else:
                visited.add(real)
                yield Path(folder), files

    def _unreadable(self, error: OSError) -> None:
        self.problem(os.path.relpath(error.filename, self.root), None, f"can't be read ({error.strerror})")

    def _named_in_utf8(self, path: str) -> bool:
        """No other name can be kept in a corpus; it comes out of an archive that was made on another system."""
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        if shown != path:
            self.problem(shown, None, "its name, or that of a folder above it, is not in UTF-8; rename it")
        return shown == path

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
