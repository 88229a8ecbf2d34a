"""The file in which Rasa keeps conversations where there is no database server."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
from collections.abc import Iterator

from callers import PARKED, PARKING
from disk_faults import aside
from faults import Scene, fault
from house import House
from starting_faults import refused
from stores_faults import AWAY, BOOK, EIGHT, FOUR, WHAT_TIME, check_answered, check_booking
from survival import check_no_traceback


@fault("The SQLite file is locked by another program", log=AWAY)
async def _(scene: Scene) -> None:
    await check_booking(scene, locked(scene.house), others=True)


@fault("The SQLite file is removed", log=AWAY)
async def _(scene: Scene) -> None:
    await check_answered(scene.ann, BOOK, WHAT_TIME)
    scene.house.database.unlink()
    scene.ann.answered.clear()  # what was in it is gone with it
    await check_answered(scene.ann, EIGHT, "How many people")
    await scene.others_go_on()
    await check_answered(scene.ann, FOUR, "name")


@fault("The disk of the SQLite file is full")
async def _(scene: Scene) -> None:
    await check_booking(scene, scene.house.limited(resource.RLIMIT_FSIZE, 0))


@fault("The SQLite file is damaged", log=AWAY)
async def _(scene: Scene) -> None:
    await check_answered(scene.ann, PARKING, PARKED)
    with aside(scene.house.database) as place:
        place.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 100)
        await scene.ann.ask(PARKING)


@fault("A second Rasa is started on the port")  # what it says itself is checked below
async def _(scene: Scene) -> None:
    port = int(scene.house.bot.server.rpartition(":")[2])
    printed = await refused(scene.house.folder, port=port)
    assert f"Port {port} is taken by another program; stop it, or choose another port with --port." in printed
    check_no_traceback(printed.replace("VoiceChannelError:", ""))
    await scene.others_go_on()


@contextlib.contextmanager
def locked(house: House) -> Iterator[None]:
    """With the file locked by somebody else, until the end of the block."""
    with contextlib.closing(sqlite3.connect(house.database)) as other:
        other.execute("begin exclusive")
        yield
        other.rollback()
