"""The demo bot against conversations that were written without it: bookings, changes of mind, allergies, complaints.

    python benchmarks/dialogues.py [--bot bot] [--model FILE] [--set second] [--kind safety] [--show] [--json]

Each file of ``benchmarks/dialogues/`` is a kind, and holds dialogues of a few turns; ``second/``, ``third/`` and
``fourth/`` hold more of the same kinds, written later. The bot answers through Rasa's Agent and its own action server,
on Tuesday 24 November 2026 at 15:00, each dialogue in a new conversation and with an empty database. A dialogue passes
when every expectation of it is met; without ``--show``, which needs ``--set``, no text is printed. The newest model in
the bot's folder is used; when there is none, or the training files are newer, it is trained first.

A dialogue::

    - id: five-not-four
      channel: rest                 # default: voice
      given: [{name: Baker, date: 2026-11-28, time: "19:00", people: 4}]   # in the book; own: true for this caller's
      turns:
        - user: a table for four tomorrow at eight
        - user: sorry make that five
          says: ['\\bfive\\b|5']       # each is found in the answer
          never: ['<yes_first>']      # none is; <names> are those of patterns.yml
          bookings: 1                 # live rows in the table now; callbacks: the same
        - answers: {name: o'brien, confirm: yes please}   # says what is asked for until nothing fits
      noted: {date: 2026-11-25, time: "20:00", people: 5, name: baker, note: nuts}

``noted`` is looked for in the slots, then among the live bookings; ``name`` and ``note`` are patterns.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
import json
import logging
import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Iterator

import yaml
from tqdm import tqdm

FOLDER = Path(__file__).with_suffix("")
SETS = {
    "first": ".",
    "second": "second",
    "third": "third",
    "fourth": "fourth",
    "fifth": "fifth",
    "sixth": "sixth",
}  # by name, the folder in FOLDER
NOW = "2026-11-24T15:00"
START_S = 120  # an action server that takes longer will not come
REACTIVE_TURNS = 8  # more questions than this a guest does not answer

# What a question asks for; the first that fits counts, and "Is that right?" comes before what it repeats.
ASKED = {
    "confirm": r"^(?:so,? )?(?:is|are|was|does|shall|should|can|may) (?:that|this|it|all|everything|these|those|we|i)\b"
    r"(?! have| ask| know| take| get)|\b(?:right|correct|okay|ok)\s*\?|\bconfirm|(?:would you like|do you want) me to"
    r"|^(?!.*\b(?:what|which|how|who|when)\b).*\b(?:shall|should|may) i (?:book|cancel|change|move|make|put|pass|go)\b",
    "else": r"anything else|any other|\ballerg",
    "phone": r"\bphone|\bnumber (?:may|can|should)|\breach you",
    "people": r"how many|\bpeople\b|\bguests\b",
    "name": r"\bname\b|\bwho\b",
    "time": r"\btime\b|o'clock",
    "date": r"\bday\b|\bdate\b|\bwhen\b",
}
COLUMNS = {
    "date": r"date|day",
    "time": r"time$",
    "people": r"party|people|guests|persons",
    "name": r"name",
    "note": r".",  # wherever the bot keeps it
}


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", type=Path, default=Path(__file__).parents[1] / "bot")
    parser.add_argument("--model", type=Path, help="a trained archive (default: the newest, or a new one)")
    parser.add_argument("--set", help=f"only this set, {', '.join(SETS)} or a folder of dialogues (default: all)")
    parser.add_argument("--kind", help="only the files of this name")
    parser.add_argument("--show", action="store_true", help="print what was said, and what was not met")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    arguments = parser.parse_args()
    if arguments.show and not arguments.set:
        parser.error("--show needs --set: a set that is kept to judge by is not read by accident")
    if arguments.set not in (None, *SETS) and not Path(arguments.set).is_dir():
        parser.error(f"{arguments.set} is neither {', '.join(SETS)} nor a folder")
    sets = SETS if arguments.set in (None, *SETS) else (arguments.set,)
    dialogues = [each for name in sets if arguments.set in (None, name) for each in read(name, arguments.kind)]
    if not dialogues:
        parser.error(f"there are no dialogues of the kind {arguments.kind!r}")
    model = arguments.model or newest_model(arguments.bot)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "bookings.db"
        with action_server(arguments.bot, database) as url:
            results = asyncio.run(talk(dialogues, model, url, database, arguments.show))
    figures: dict[str, dict[str, list[int]]] = {}
    for dialogue, passed in zip(dialogues, results, strict=True):
        for name in (dialogue["kind"], "total"):
            count = figures.setdefault(dialogue["set"], {}).setdefault(name, [0, 0])
            count[0] += passed
            count[1] += 1
    for chosen, kinds in figures.items():
        for name in sorted(kinds, key="total".__eq__):  # the total last
            print(f"{chosen:8} {name:14}{kinds[name][0]:4} of {kinds[name][1]:3}")
    if arguments.json:
        print(json.dumps(figures))
    return 0


def read(chosen: str, kind: str | None = None) -> list[dict[str, Any]]:
    """Return the dialogues of a set or a folder, each with its ``set`` and ``kind`` and its patterns written out."""
    patterns = yaml.safe_load((FOLDER / "patterns.yml").read_text(encoding="utf-8"))
    dialogues = []
    for path in sorted((FOLDER / SETS[chosen] if chosen in SETS else Path(chosen)).glob("*.yml")):
        if path.stem == "patterns" or kind not in (None, path.stem):
            continue
        for dialogue in yaml.safe_load(path.read_text(encoding="utf-8")):
            for turn in dialogue["turns"]:
                for key in ("says", "never"):
                    turn[key] = [re.sub(r"<(\w+)>", lambda m: patterns[m[1]], each) for each in turn.get(key, ())]
            dialogues.append({"set": chosen, "kind": path.stem, **dialogue})
    return dialogues


def newest_model(bot: Path) -> Path:
    """Return the newest archive of a bot, trained first when its training files are newer or there is none."""
    sources = [bot / "config.yml", bot / "domain.yml", *(bot / "data").rglob("*.yml")]
    archives = list((bot / "models").glob("*.tar.gz"))
    newest = max(archives, key=_changed, default=None)
    if newest is None or _changed(newest) < max(map(_changed, sources)):
        subprocess.run(
            [sys.executable, "-m", "convai_rasa.quiet", "rasa", "train", "--quiet"],
            cwd=bot,
            check=True,
            stdout=sys.stderr,
        )
        newest = max((bot / "models").glob("*.tar.gz"), key=_changed)
    return newest


def _changed(path: Path) -> float:
    return path.stat().st_mtime


@contextlib.contextmanager
def action_server(bot: Path, database: Path) -> Iterator[str]:
    """Run the bot's own actions until the end of the block, and give their address."""
    sys.path.insert(0, str(bot))
    importlib.import_module("actions.house.database").Database(database).close()  # so that the tables are there
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "RESTAURANT_DB": str(database), "RESTAURANT_NOW": NOW, "SANIC_HOST": "127.0.0.1"}
    environment.pop("RESTAURANT_FILE", None)
    command = [sys.executable, "-m", "convai_rasa.quiet", "rasa_sdk", "--actions", "actions", "--port", str(port)]
    log = database.with_name("actions.log")
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=bot, env=environment, stdout=output, stderr=output)
        try:
            _wait_for(port, server, log)
            yield f"http://127.0.0.1:{port}/webhook"
        finally:
            server.terminate()
            server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    give_up_at = time.monotonic() + START_S
    while time.monotonic() < give_up_at and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise RuntimeError(f"The action server did not start: {log.read_text()[-2000:]}")


async def talk(dialogues: list[dict[str, Any]], model: Path, url: str, database: Path, show: bool) -> list[bool]:
    """Hold every dialogue, and say which passed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.showwarning = lambda *_, **__: None  # dependencies warn each other, past any filter
    from rasa.core.agent import Agent
    from rasa.utils.endpoints import EndpointConfig
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    agent = Agent.load(str(model), action_endpoint=EndpointConfig(url))
    passed = []
    for dialogue in tqdm(dialogues, desc="Talking", unit="dialogue", disable=None):
        guest = Guest(agent, dialogue, database)
        await guest.talk()
        passed.append(not guest.missed)
        if show:
            print(f"\n{'passed' if passed[-1] else 'FAILED'}  {dialogue['set']}/{dialogue['kind']}/{dialogue['id']}")
            print("\n".join(f"    {line}" for line in [*guest.lines, *(f"!! {each}" for each in guest.missed)]))
    return passed


class Guest:
    """One dialogue as it is held.

    Attributes:
        lines: what was said, for ``--show``.
        missed: the expectations that were not met.
    """

    def __init__(self, agent: Any, dialogue: dict[str, Any], database: Path) -> None:
        self._agent = agent
        self._dialogue = dialogue
        self._database = database
        self._sender = f"{dialogue['set']}-{dialogue['kind']}-{dialogue['id']}"
        self.lines: list[str] = []
        self.missed: list[str] = []

    async def talk(self) -> None:
        """Say every turn and check what comes back."""
        self._begin()
        said = ""
        for turn in self._dialogue["turns"]:
            said = await (
                self._answer_questions(turn["answers"], said) if "answers" in turn else self._say(turn["user"])
            )
            self._check(turn, said)
        slots = (await self._agent.tracker_store.retrieve(self._sender)).current_slot_values()
        for fact, expected in self._dialogue.get("noted", {}).items():
            found = _facts(fact, [slots]) or _facts(fact, self._live("bookings"))
            if not any(_same(fact, expected, value) for value in found):
                self.missed.append(f"noted {fact}: {expected!r} expected, {found} found")

    def _begin(self) -> None:
        """Empty the database and write down what is given."""
        with contextlib.closing(sqlite3.connect(self._database)) as connection, connection:
            for (table,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
                connection.execute(f'delete from "{table}"')
            for given in self._dialogue.get("given", ()):
                connection.execute(
                    "insert into bookings (conversation, name, day, time, party_size, created_at)"
                    " values (?, ?, ?, ?, ?, '2026-11-20 12:00:00.000000')",
                    (
                        self._sender if given.get("own") else "an earlier call",
                        *(given["name"], str(given["date"]), f"{given['time']}:00.000000", given["people"]),
                    ),
                )

    async def _say(self, text: str) -> str:
        from rasa.core.channels import CollectingOutputChannel, UserMessage

        channel = self._dialogue.get("channel", "voice")
        output = type("Output", (CollectingOutputChannel,), {"name": classmethod(lambda cls: channel)})()
        await self._agent.handle_message(UserMessage(text, output, self._sender, input_channel=channel))
        said = "\n".join(message.get("text") or "" for message in output.messages).replace("’", "'")
        self.lines += [f"> {text}", *(f"  {line}" for line in said.splitlines())]
        return said

    async def _answer_questions(self, answers: dict[str, Any], said: str) -> str:
        answers = {"else": "no thanks", **answers}
        heard = []
        for _ in range(REACTIVE_TURNS):
            asked = _asked_for(said)
            if asked not in answers:
                break
            said = await self._say(str(answers[asked]))
            heard.append(said)
        return "\n".join(heard)

    def _check(self, turn: dict[str, Any], said: str) -> None:
        self.missed += [f"says: {each}" for each in turn["says"] if not _found(each, said)]
        self.missed += [f"never: {each}" for each in turn["never"] if _found(each, said)]
        for table in ("bookings", "callbacks"):
            if table in turn and len(self._live(table)) != turn[table]:
                self.missed.append(f"{table}: {turn[table]} expected, {len(self._live(table))} found")

    def _live(self, table: str) -> list[dict[str, Any]]:
        with contextlib.closing(sqlite3.connect(self._database)) as connection:
            connection.row_factory = sqlite3.Row
            rows = [dict(row) for row in connection.execute(f"select * from {table}")]
        return [row for row in rows if not row.get("cancelled_at")]


def _asked_for(said: str) -> str | None:
    """Return what the last question asks for, as a key of ``ASKED``."""
    questions = re.findall(r"[^.!?\n]*\?", said)
    last = questions[-1].strip().lower() if questions else ""
    return next((what for what, pattern in ASKED.items() if re.search(pattern, last)), None)


def _facts(fact: str, records: list[dict[str, Any]]) -> list[str]:
    return [
        json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
        for record in records
        for key, value in record.items()
        if re.search(COLUMNS[fact], key) and value not in (None, "", [], {})
    ]


def _same(fact: str, expected: Any, found: str) -> bool:
    if fact in ("name", "note"):
        return _found(str(expected), found)
    return found.startswith(str(expected)) if fact in ("date", "time") else found == str(expected)


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE | re.DOTALL) is not None


if __name__ == "__main__":
    sys.exit(main())
