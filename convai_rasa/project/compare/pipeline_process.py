"""The process in which one pipeline is trained, or answers: ``python -m …pipeline_process train FOLDER``, or ``parse``.

It does what ``rasa train nlu`` and ``rasa run`` do, in the project's folder, and leaves what it found in FOLDER.
Processor time and memory are those of a process of its own.
"""

from __future__ import annotations

import asyncio
import errno
import json
import os
import pickle
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any, Iterator, Optional

from convai_rasa.quiet import ENVIRONMENT

CONFIG, DATA, ASKED, ARCHIVE = "config.yml", "training.pickle", "asked.json", "nlu.tar.gz"
TRAINED, ANSWERED, FAILED = "trained.json", "answered.json", "failed.json"
NO_SPACE = "there is no space left on the disk"
_WARM_UP = 5  # messages; the first ones build TensorFlow's graphs and fill spaCy's caches
_RANKED = 4  # intents of a ranking that are kept: the fallback, and what it stands in front of


def main() -> int:
    """Do one step; returns 0, or 1 with a sentence in ``failed.json``."""
    step, folder = sys.argv[1], Path(sys.argv[2])
    os.environ.update(ENVIRONMENT)
    sys.path.insert(0, os.getcwd())  # as Rasa's command does, for the project's own components
    try:
        {"train": _train, "parse": _parse}[step](folder)
    except (Exception, SystemExit) as error:  # whatever a component raises, its sentence goes to the user
        _write(folder / FAILED, _sentence(error))
        return 1
    return 0


def _train(folder: Path) -> None:
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.model_training import TrainingType, _train_graph

    DefaultV1Recipe()  # imports TensorFlow, which is not to be charged to the pipeline
    with (folder / DATA).open("rb") as file:
        importer = _importer(str(folder / CONFIG), pickle.load(file))
    began = time.process_time()
    # What Rasa's ``train_nlu`` calls once it has read the files; here they have been read and split already.
    _train_graph(importer, TrainingType.NLU, str(folder), ARCHIVE, force_full_training=True)
    _write(folder / TRAINED, {"cpu_s": time.process_time() - began})


def _importer(config: str, nlu: Any) -> Any:
    from rasa.shared.importers.importer import NluDataImporter
    from rasa.shared.importers.rasa import RasaFileImporter

    class SplitData(RasaFileImporter):
        """The config file as Rasa reads it, with the examples of one round."""

        def get_nlu_data(self, language: Optional[str] = "en") -> Any:
            return nlu

    return NluDataImporter(SplitData(config))


def _parse(folder: Path) -> None:
    from rasa.core.agent import Agent

    agent = Agent.load(str(folder / ARCHIVE))
    texts = json.loads((folder / ASKED).read_text(encoding="utf-8"))
    answers = asyncio.run(_answers(agent.processor, texts))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    _write(folder / ANSWERED, {"answers": answers, "peak_bytes": peak})


async def _answers(processor: Any, texts: list[str]) -> list[dict[str, Any]]:
    from rasa.core.channels.channel import UserMessage

    for text in texts[:_WARM_UP]:
        await processor.parse_message(UserMessage(text))
    answers = []
    for text in texts:
        began = time.process_time()
        parsed = await processor.parse_message(UserMessage(text))
        answers.append({**_kept(parsed), "cpu_ms": 1000 * (time.process_time() - began)})
    return answers


def _kept(parsed: dict[str, Any]) -> dict[str, Any]:
    intent, ranking = parsed.get("intent") or {}, parsed.get("intent_ranking") or []
    chosen = (parsed.get("response_selector") or {}).values()
    return {
        "intent": intent.get("name"),
        "confidence": float(intent.get("confidence") or 0.0),
        "ranking": [[one["name"], float(one["confidence"])] for one in ranking[:_RANKED]],
        "responses": [key for key in map(_response_key, chosen) if key],
        "entities": [
            {key: found.get(key) for key in ("entity", "start", "end", "role", "group", "extractor")}
            for found in parsed.get("entities") or []
            if "start" in found and "end" in found  # what a component says about the whole message stands nowhere
        ],
    }


def _response_key(chosen: Any) -> Optional[str]:
    response = chosen.get("response") if isinstance(chosen, dict) else None
    return response.get("intent_response_key") if response else None


def _causes(error: Optional[BaseException]) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _sentence(error: BaseException) -> str:
    """Return the reason, without the layers around it."""
    causes = list(_causes(error))
    if any(isinstance(cause, OSError) and cause.errno == errno.ENOSPC for cause in causes):
        return NO_SPACE
    from rasa.engine.exceptions import GraphComponentException
    from rasa.shared.exceptions import RasaException

    said = [
        cause for cause in causes if isinstance(cause, RasaException) and type(cause) is not GraphComponentException
    ]
    reason = next((cause for cause in [*said, *causes] if str(cause).strip()), error)
    text = re.split(r"(?<=[.!?])\s", " ".join(str(reason).split()))[0]
    return text if isinstance(reason, (RasaException, SystemExit)) else f"{type(reason).__name__}: {text}"


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
