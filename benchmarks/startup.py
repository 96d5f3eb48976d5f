"""What the program costs before it does anything: `python -m benchmarks.startup`.

`memelens --help` beside a bare interpreter, and importing the wire messages; prints one JSON object as the last line.
"""

import json
import subprocess
import sys
from collections.abc import Callable

from .timing import interleave

_ROUNDS = 15
_COMMANDS = {
    "interpreter": ("-c", "pass"),
    "help": ("-m", "memelens", "--help"),
    "messages": ("-c", "import memelens.consumer.messages"),
}


def _side(arguments: tuple[str, ...]) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=True)


def main() -> None:
    """Measure and print."""
    times = interleave({name: _side(arguments) for name, arguments in _COMMANDS.items()}, rounds=_ROUNDS)
    found = {f"{name}_ms": round(times.median(name) * 1000, 1) for name in _COMMANDS}
    ratios = {f"ratio_{name}": round(times.ratio(name, "interpreter"), 1) for name in ("help", "messages")}
    print(json.dumps({"rounds": _ROUNDS, **found, **ratios}))


if __name__ == "__main__":
    main()
