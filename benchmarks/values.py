"""Values read from text: the package's reader against kept libraries, on the hand-written phrases of the tests.

    python benchmarks/values.py [--phrases tests/nlu/values/phrases.tsv] [--show] [--json]

One row a group of phrases and one column a reader: how many are right, wrong, left as text, and raised an exception.
``--show`` also prints what the package's reader does not read right. A reader that is not installed here is left out
and named; one that does not know a kind or a language (dateparser knows only moments) leaves the phrase as text.

- Recognizers-Text as it answers itself: its one value, whatever part of the text that covers.
- dateparser with ``PREFER_DATES_FROM: future``.
- duckling is the ``duckling`` package of the index, which carries the old Clojure Duckling and needs Java; the server
  in Haskell is on no package index.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import importlib.util
import json
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convai_rasa.nlu.values import recognized
from convai_rasa.nlu.values.reader import read
from convai_rasa.nlu.values.value import Value

PHRASES = Path(__file__).parents[1] / "tests" / "nlu" / "values" / "phrases.tsv"
NOW = dt.datetime(2026, 11, 24, 15)  # a Tuesday
PERIODS = {"day": 1, "week": 7, "month": 31, "year": 366}
MOMENTS = ("date", "time", "datetime", "duration")
LIBRARIES = {
    "Recognizers-Text": "recognizers_date_time",
    "dateparser": "dateparser",
    "duckling": "duckling",
}

Row = dict[str, str]
Reader = Callable[[Row], str]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phrases", type=Path, default=PHRASES)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with options.phrases.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    readers: dict[str, Reader] = {"this package": ours}
    for name, module in LIBRARIES.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name} is not installed here, so it is left out.")
        else:
            readers[name] = {"Recognizers-Text": recognizers, "dateparser": dateparser_, "duckling": duckling()}[name]
    results = {name: measure(reader, rows) for name, reader in readers.items()}
    if options.show:
        for row, (verdict, got) in zip(rows, results["this package"][0], strict=True):
            if verdict != "right":
                print(f"{verdict}: {row['language']} {row['kind']} {row['text']!r}: {got} for {row['value']}")
    report(rows, results)
    if options.json:
        print(json.dumps({name: dict(Counter(verdict for verdict, _ in each)) for name, (each, _) in results.items()}))


def measure(reader: Reader, rows: list[Row]) -> tuple[list[tuple[str, str]], float]:
    """Return each phrase's verdict with what was read, and the median seconds for one phrase."""
    found: list[tuple[str, str]] = []
    seconds = []
    for row in rows:
        begun = time.perf_counter()
        try:
            got = reader(row)
        except Exception as error:  # what a library raises loses the message, so it is counted
            got = f"error: {type(error).__name__}"
        seconds.append(time.perf_counter() - begun)
        found.append((verdict(got, row["value"]), got))
    return found, sorted(seconds)[len(seconds) // 2]


def verdict(got: str, wanted: str) -> str:
    """Return right, text, wrong or error."""
    if got.startswith("error"):
        return "error"
    if same(got, wanted):
        return "right"
    return "text" if got == "-" else "wrong"


def same(got: str, wanted: str) -> bool:
    """Say whether two values are the same; PT90M is PT1H30M, and 0.3333 a third."""
    if got == wanted:
        return True
    if "/" in got and "/" in wanted:
        return same_period(got.split("/"), wanted.split("/"))
    if got[:1] == wanted[:1] == "P":
        return seconds_of(got) == seconds_of(wanted)
    one, other = got.split(" "), wanted.split(" ")
    try:
        return abs(float(one[0]) - float(other[0])) < 1e-3 and one[1:] == other[1:]
    except ValueError:
        return False


def same_period(got: list[str], wanted: list[str]) -> bool:
    """Say whether two periods are the same; some libraries give the day after the last one."""
    if got[0] != wanted[0]:
        return False
    try:
        ahead = dt.date.fromisoformat(got[1]) - dt.date.fromisoformat(wanted[1])
    except ValueError:
        return got[1] == wanted[1]
    return ahead in (dt.timedelta(0), dt.timedelta(days=1))


def seconds_of(text: str) -> float:
    """Return the seconds of a duration, with twelve equal months in a year."""
    date, _, day_time = text.removeprefix("P").partition("T")
    units = {"Y": 360 * 86400, "W": 7 * 86400, "D": 86400, "H": 3600, "S": 1}
    total = sum(
        float(n) * (30 * 86400 if unit == "M" else units[unit]) for n, unit in re.findall(r"([\d.]+)([YMWD])", date)
    )
    return total + sum(float(n) * {**units, "M": 60}[unit] for n, unit in re.findall(r"([\d.]+)([HMS])", day_time))


def short(text: object) -> str:
    """Return a value as the phrases have it, without seconds that are 0."""
    return re.sub(r"(\d\d:\d\d):00(?![\d:])", r"\1", str(text).replace(" ", "T"))


def written(value: Value | None) -> str:
    """Return a value as the phrases have it."""
    if value is None:
        return "-"
    info = value.info
    if "from" in info or "to" in info:
        return f"{short(info.get('from', '..'))}/{short(info.get('to', '..'))}"
    if info["type"] == "money":
        return f"{value.value} {info.get('currency')}"
    if info["type"] == "quantity":
        return f"{value.value} {info.get('unit')}"
    return short(value.value)


def ours(row: Row) -> str:
    """Read with the package, as its entity extractor does."""
    context = row["context"] or None
    noted = (
        None
        if context is None
        else dt.datetime.fromisoformat(context)
        if "T" in context
        else dt.date.fromisoformat(context)
    )
    value = read(row["text"], row["kind"], language=row["language"], reference=NOW, context=noted)
    if value is None and row["language"] in recognized.CULTURES and row["kind"] != "spelled":
        value = recognized.recognize(row["text"], row["kind"], row["language"], NOW)
    return written(value)


def recognizers(row: Row) -> str:
    """Read with Recognizers-Text alone: its one value, the coming one where it has several."""
    if row["language"] not in recognized.CULTURES or row["kind"] == "spelled":
        return "-"
    kind = "datetime" if row["kind"] in MOMENTS else row["kind"]
    found = recognized._found(row["text"], kind, recognized.CULTURES[row["language"]], NOW)
    outer = [one for one in found if not any(o is not one and o.start <= one.start and one.end <= o.end for o in found)]
    if len(outer) != 1:
        return "-"
    resolution: dict[str, Any] = outer[0].resolution or {}
    if kind != "datetime":
        return written(recognized._amount(resolution, kind))
    values = [one for one in resolution.get("values") or () if one.get("value") != "not resolved"]
    if not values:
        return "-"
    if values[0]["type"] == "duration":
        return str(values[0]["timex"])
    best = min(values, key=lambda one: recognized._wait(one, NOW))
    if "value" in best:
        return short(best["value"])
    return f"{short(best.get('start', '..'))}/{short(best.get('end', '..'))}"


def dateparser_(row: Row) -> str:
    """Read with dateparser, which gives one moment."""
    if row["kind"] not in ("date", "time", "datetime"):
        return "-"
    import dateparser

    settings = {"RELATIVE_BASE": NOW, "PREFER_DATES_FROM": "future", "RETURN_TIME_AS_PERIOD": True}
    found = dateparser.date.DateDataParser(languages=[row["language"]], settings=settings).get_date_data(row["text"])
    if found is None or found.date_obj is None:
        return "-"
    if row["kind"] == "time":
        return short(found.date_obj.time())
    moment = found.date_obj
    whole_day = found.period != "time" and "T" not in row["value"]
    return moment.date().isoformat() if whole_day else short(moment.isoformat())


def duckling() -> Reader:
    """Return a reader that asks the old Duckling."""
    dimensions = {
        "number": "number", "ordinal": "ordinal", "money": "amount-of-money", "duration": "duration",
        "quantity": "distance", "temperature": "temperature", **dict.fromkeys(("date", "time", "datetime"), "time"),
    }  # fmt: skip
    loaded: dict[str, Any] = {}

    def ask(row: Row) -> str:
        if row["kind"] not in dimensions:
            return "-"
        if not loaded:
            import duckling as package
            import jpype

            jars = (Path(package.__file__).parent / "jars").rglob("*.jar")
            jpype.startJVM(classpath=[str(jar) for jar in jars], convertStrings=True)  # or its numbers cannot be read
            loaded["duckling"] = package.Duckling()
            loaded["duckling"].load(languages=["en", "de", "fr", "es"])
        found = loaded["duckling"].parse(row["text"], language=row["language"], reference_time=NOW.isoformat())
        wanted = [one for one in found if one["dim"] == dimensions[row["kind"]]]
        if len(wanted) != 1 or wanted[0].get("latent"):
            return "-"
        return _duckling_value(wanted[0]["value"], row)

    return ask


def _duckling_value(value: dict[str, Any], row: Row) -> str:
    if row["kind"] in ("date", "time", "datetime"):
        if value.get("type") == "interval":
            ends = [(value.get(key) or {}).get("value", "..")[:16].replace("T00:00", "") for key in ("from", "to")]
            return "/".join(ends)
        moment = str(value.get("value"))[:16]
        if row["kind"] == "time":
            return moment[11:]
        return period_of(moment[:10], value["grain"]) if value.get("grain") in PERIODS else moment
    if row["kind"] == "duration":
        return f"PT{value.get('normalized', {}).get('value', 0)}S"
    codes = {"$": "USD", "€": "EUR", "£": "GBP", "EUR": "EUR", "USD": "USD", "GBP": "GBP"}
    if value.get("unit") == "cent":
        return f"{value['value'] / 100} USD"
    unit = f" {codes.get(value['unit'])}" if row["kind"] == "money" and value.get("unit") else ""
    return f"{value.get('value')}{unit}"


def period_of(first: str, grain: str) -> str:
    """Return a day as such, and a week, month or year with the day after it."""
    if grain == "day":
        return first
    day = dt.date.fromisoformat(first)
    after = day + dt.timedelta(days=7) if grain == "week" else (day + dt.timedelta(days=PERIODS[grain])).replace(day=1)
    return f"{first}/{after}"


def report(rows: list[Row], results: dict[str, tuple[list[tuple[str, str]], float]]) -> None:
    """Print one row a group, and all."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    width = max(map(len, groups)) + 1
    print(f"\n{'right / wrong / text / error':{width}}" + "".join(f"{name:>26}" for name in results))
    for group in [*groups, "all"]:
        cells = []
        for found, _ in results.values():
            counts = Counter(
                verdict for (verdict, _), row in zip(found, rows, strict=True) if group in (row["group"], "all")
            )
            cells.append(" / ".join(f"{counts[name]:3d}" for name in ("right", "wrong", "text", "error")))
        print(f"{group:{width}}" + "".join(f"{cell:>26}" for cell in cells))
    shares = [sum(verdict == "right" for verdict, _ in found) / len(rows) for found, _ in results.values()]
    print(f"{'share right':{width}}" + "".join(f"{share:>26.3f}" for share in shares))
    print(f"{'median ms a phrase':{width}}" + "".join(f"{seconds * 1000:>26.2f}" for _, seconds in results.values()))


if __name__ == "__main__":
    main()
