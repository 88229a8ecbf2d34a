"""How many written forms are read aright: by this package, and by other libraries where they are installed.

The cases are those of the package's own tests, which its rules were made to pass: they show which kinds another
library knows. The comparison forgives case, commas, hyphens and the words "a", "and" and "the". For another library,
run this file with the Python that it is installed for:

    python benchmarks/written_to_spoken.py
    OTHER/bin/python benchmarks/written_to_spoken.py --by nemo    # pip install nemo_text_processing
"""

from __future__ import annotations

import argparse
import csv
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "tts" / "text" / "cases" / "english.tsv"
NOT_COUNTED = ("ordinary text", "others of these kinds")  # stays as it is; was added for our own mistakes


def ours() -> Callable[[str], str]:
    """Return the reader of this package."""
    from convai_rasa.tts import normalise

    return lambda written: normalise(written, "en-US")


def gruut() -> Callable[[str], str]:
    """Return the reader that gruut has beside its pronunciation."""
    import gruut

    def spoken(written: str) -> str:
        sentences = gruut.sentences(written, lang="en-us", phonemes=False, pos=False)
        return " ".join(word.text for sentence in sentences for word in sentence if word.is_spoken)

    return spoken


def nemo() -> Callable[[str], str]:
    """Return NVIDIA's reader."""
    import logging

    from nemo_text_processing.text_normalization.normalize import Normalizer

    logging.disable(logging.CRITICAL)
    normalizer = Normalizer(input_case="cased", lang="en")
    return lambda written: str(normalizer.normalize(written, punct_post_process=True))


def wetext() -> Callable[[str], str]:
    """Return the reader of WeTextProcessing."""
    from tn.english.normalizer import Normalizer

    return Normalizer().normalize  # type: ignore[no-any-return] # the library has no types


LIBRARIES = {"ours": ours, "gruut": gruut, "nemo": nemo, "wetext": wetext}


def essence(text: str) -> str:
    """Return what is compared of a text."""
    words = re.sub(r"[^a-z ]", "", text.lower().replace("-", " ")).split()
    return " ".join(word for word in words if word not in ("a", "and", "the"))


def main() -> None:
    """Read all cases, and print how many are right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--by", choices=LIBRARIES, default="ours")
    given = parser.parse_args()
    with CASES.open(encoding="utf-8", newline="") as file:
        cases = [case for case in list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]]
    cases = [case for case in cases if case[0] not in NOT_COUNTED]
    began = time.perf_counter()
    spoken_by = LIBRARIES[given.by]()
    spoken_by("Ready.")
    loaded_s = time.perf_counter() - began
    right: Counter[str] = Counter()
    took = []
    for kind, written, american, *_ in cases:
        began = time.perf_counter()
        try:
            spoken = spoken_by(written)
        except Exception as error:  # of somebody else's library: counts as not read
            print(f"{written!r}: {type(error).__name__}", file=sys.stderr)
            spoken = ""
        took.append(time.perf_counter() - began)
        right[kind] += any(essence(spoken) == essence(one) for one in american.split("|"))
    kinds = Counter(kind for kind, *_ in cases)
    for kind, count in kinds.items():
        print(f"{kind:32} {right[kind]:3} of {count}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{given.by}: {sum(right.values())} of {len(cases)} read aright, "
        f"median {sorted(took)[len(took) // 2] * 1000:.1f} ms a text, loaded in {loaded_s:.1f} s, {memory} MiB"
    )


if __name__ == "__main__":
    main()
