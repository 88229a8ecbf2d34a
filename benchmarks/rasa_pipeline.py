"""An NLU pipeline trained and run by Rasa itself, in the benchmark's own process, so that peers meet on equal terms."""

from __future__ import annotations

import os
import statistics
import time
import warnings
from pathlib import Path
from typing import Any, Sequence

import yaml
from tqdm import tqdm

from convai_rasa.quiet import ENVIRONMENT

Answers = list[tuple[str | None, float]]


class RasaPipeline:
    """A trained pipeline.

    Attributes:
        train_cpu_s: processor seconds that training took, all threads together.
    """

    def __init__(
        self,
        pipeline: list[dict[str, Any]],
        examples: Sequence[tuple[str, str]],
        folder: Path,
        *,
        language: str = "en",
    ) -> None:
        """Train.

        Args:
            pipeline: as under ``pipeline:`` in config.yml.
            examples: pairs of text and intent.
            folder: an empty folder for the project's files and the archive.
            language: of the bot.
        """
        os.environ.update(ENVIRONMENT)
        warnings.simplefilter("ignore")  # Rasa's dependencies warn about each other
        from rasa.core.agent import Agent
        from rasa.model_training import train_nlu

        by_intent: dict[str, list[str]] = {}
        for text, intent in examples:
            by_intent.setdefault(intent, []).append(text)
        nlu = [
            {"intent": intent, "examples": "".join(f"- {' '.join(text.split())}\n" for text in texts)}
            for intent, texts in by_intent.items()
        ]
        config, data = folder / "config.yml", folder / "nlu.yml"
        config.write_text(yaml.safe_dump({"recipe": "default.v1", "language": language, "pipeline": pipeline}))
        data.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}))
        started = time.process_time()
        archive = train_nlu(str(config), str(data), str(folder))
        self.train_cpu_s = time.process_time() - started
        # Rasa has no public way to a single component; timing one alone takes the objects its runner holds.
        nodes = Agent.load(archive).processor.graph_runner._instantiated_nodes
        self._components = [node._component for name, node in nodes.items() if name.startswith("run_")]

    def answer(self, texts: Sequence[str]) -> Answers:
        """Return the best intent of each text and its confidence."""
        answers: Answers = []
        for text in tqdm(texts, desc="Parsing", unit="message", disable=None):
            intent = self._parse(text)[0].get("intent") or {}
            answers.append((intent.get("name"), float(intent.get("confidence") or 0.0)))
        return answers

    def parse_ms(self, texts: Sequence[str], component: str) -> tuple[float, float]:
        """Return the median milliseconds of one message: of all components together, and of one class alone."""
        (index,) = [number for number, one in enumerate(self._components) if type(one).__name__ == component]
        times = [self._parse(text)[1] for text in texts]
        return statistics.median(map(sum, times)), statistics.median(each[index] for each in times)

    def _parse(self, text: str) -> tuple[Any, list[float]]:
        from rasa.shared.nlu.training_data.message import Message

        messages, times = [Message(data={"text": text})], []
        for component in self._components:
            started = time.perf_counter()
            messages = component.process(messages)
            times.append(1000 * (time.perf_counter() - started))
        return messages[0], times
