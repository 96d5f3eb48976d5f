"""What building a corpus costs where it could cost too much: `python -m benchmarks.corpus`.

The search for near hashes at two sizes side by side (twice the hashes should take far less than four times as long),
and fingerprints beside decoding alone, one core each; prints one JSON object as its last line.
"""

import io
import json
import math
import resource
import time

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from memelens.trainer.corpus.neighbours import near_hashes
from memelens.trainer.corpus.pictures.fingerprints import fingerprint, shown

from .timing import interleave

_SIZES = (150_000, 300_000)
_MOST = 31
_PLANTED = 3_200  # a hundred at each distance from 0 to 31
_PICTURES = 24
_SIDE = 600  # pixels
_ROUNDS = 5


def main() -> None:
    """Measure and print."""
    search = {size: _search(size) for size in _SIZES}
    small, large = (search[size]["seconds"] for size in _SIZES)
    found = {
        "search": search,
        "exponent": round(math.log(large / small, _SIZES[1] / _SIZES[0]), 2),
        **_fingerprints(),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(found))


def _search(size: int) -> dict[str, float]:
    hashes, planted = _hashes(size)
    start = time.perf_counter()
    found = {tuple(pair) for block in near_hashes(hashes, _MOST) for pair in block.tolist()}
    seconds = time.perf_counter() - start
    missed = len(planted - found)
    print(f"{size:,} hashes: {seconds:.1f} s, {len(found):,} pairs, {missed} of {len(planted):,} planted ones missed")
    return {"seconds": round(seconds, 2), "pairs": len(found), "planted": len(planted), "missed": missed}


def _hashes(size: int) -> tuple[NDArray[np.uint8], set[tuple[int, int]]]:
    """Random hashes of which the last ones are earlier ones with 0 to 31 bits flipped."""
    rng = np.random.default_rng(size)
    bits = rng.integers(0, 2, (size, 256), np.uint8)
    planted = set()
    for number, place in enumerate(range(size - _PLANTED, size)):
        bits[place] = bits[number]
        bits[place, rng.choice(256, number % (_MOST + 1), replace=False)] ^= 1
        planted.add((number, place))
    return np.packbits(bits, axis=1), planted


def _fingerprints() -> dict[str, float]:
    """Of JPEG pictures of some 100 KB: images a second, and how often decoding alone does as many in that time."""
    pictures = [_picture(seed) for seed in range(_PICTURES)]
    times = interleave(
        {
            "fingerprints": lambda: [fingerprint(picture) for picture in pictures],
            "decoding": lambda: [shown(picture) for picture in pictures],
        },
        rounds=_ROUNDS,
    )
    return {
        "picture_kb": round(sum(map(len, pictures)) / _PICTURES / 1000),
        "images_per_second": round(_PICTURES / times.median("fingerprints")),
        "decoded_per_second": round(_PICTURES / times.median("decoding")),
        "ratio_decoding": round(times.ratio("decoding", "fingerprints"), 2),
    }


def _picture(seed: int) -> bytes:
    """Coarse and fine structure as photographs have it, saved so that the file has some 100 KB."""
    rng = np.random.default_rng(seed)
    coarse, fine = (rng.integers(0, 256, (side, side, 3), np.uint8) for side in (12, _SIDE // 2))
    layers = [Image.fromarray(pixels).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC) for pixels in (coarse, fine)]
    out = io.BytesIO()
    Image.blend(*layers, alpha=0.3).save(out, "JPEG", quality=85)
    return out.getvalue()


if __name__ == "__main__":
    main()
