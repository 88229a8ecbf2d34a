"""Entities: speed against Rasa's own spaCy components, and what training on annotations achieves.

    python benchmarks/entities.py --text messages.txt [--json]
    python benchmarks/entities.py --train train.jsonl --test test.jsonl [--alternatives] [--diet] [--json]

``--text`` is any text, a message a line, or JSON lines with ``text``. ``--train`` and ``--test`` are JSON lines with
``text`` and ``entities`` (``start``, ``end``, ``entity``, ``role``?), as ``entity_examples.py`` writes them. An entity
is found when its place, its name and its role are right. Figures are medians over the seeds. With ``--json`` the last
line printed is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, Callable, Iterable, Optional, Sequence

import numpy as np
import structlog
from entity_alternatives import train_further
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from convai_rasa.nlu import EntityExtractor, SpacyModelEntityExtractor
from convai_rasa.nlu.entities.annotations import as_rasa
from convai_rasa.store import resolve

TIMED_MESSAGES = 400
BLOCK, WARM_UP = 50, 5  # a bot has one of the components, so each finds the processor's caches its own
COMPARED_MESSAGES = 1000  # before and after training
BINS = 10  # of the expected calibration error
DIET_EPOCHS = 100  # what `rasa init` writes

Rows = list[dict[str, Any]]
Found = list[list[dict[str, Any]]]  # entities as Rasa writes them, of each text


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, help="messages to time, and to see what is forgotten")
    parser.add_argument("--train", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--model", default="spacy/en_core_web_sm")
    parser.add_argument("--epochs", type=int, help="default: the component's own")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--alternatives", action="store_true", help="also the ways to train that were not chosen")
    parser.add_argument("--diet", action="store_true", help="also train and measure Rasa's DIETClassifier")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if bool(arguments.train) != bool(arguments.test) or not (arguments.text or arguments.test):
        parser.error("give --text, or --train and --test, or all three")
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    test = _rows(arguments.test) if arguments.test else []
    texts = [row["text"] for row in (_rows(arguments.text) if arguments.text else test)][:COMPARED_MESSAGES]
    result: dict[str, Any] = _speed(arguments.model, texts[:TIMED_MESSAGES])
    if test:
        train = _rows(arguments.train)
        options = {} if arguments.epochs is None else {"epochs": arguments.epochs}
        ways = {"": {}, "blank": {"base": "blank"}}
        for name, more in ways.items() if arguments.alternatives else [("", {})]:
            runs = [_ours(arguments.model, train, test, texts, {**options, **more, "seed": s}) for s in arguments.seeds]
            figures = _medians(runs)
            figures["f1_by_seed"] = [round(run["f1"], 4) for run in runs]
            result.update({name: figures} if name else figures)
            _print_table(result)  # already now: the rest takes minutes
        if arguments.alternatives:
            for name, rehearse in (("one_recogniser", False), ("one_rehearsing", True)):
                runs = [_further(arguments.model, train, test, texts, rehearse, seed) for seed in arguments.seeds]
                result[name] = _medians(runs)
        if arguments.diet:
            result["diet"] = _medians([_diet(train, test)])
    _print_table(result)
    if arguments.json:
        print(json.dumps(result))


def _speed(model: str, texts: Sequence[str]) -> dict[str, Any]:
    """Time the components on the same messages in turn."""
    import spacy
    from rasa.nlu.extractors.spacy_entity_extractor import SpacyEntityExtractor
    from rasa.nlu.utils.spacy_utils import SpacyNLP
    from rasa.shared.nlu.training_data.message import Message

    options = {**SpacyModelEntityExtractor.get_default_config(), "model": model}
    ours = {
        "extract_ms": _component(options),
        "without_values_ms": _component({**options, "normalise": False}),
    }
    loaded = SpacyNLP.load_model(str(resolve(model)))
    nlp = SpacyNLP(loaded, SpacyNLP.get_default_config())
    extractor = SpacyEntityExtractor(SpacyEntityExtractor.get_default_config())

    def rasa_extractor(text: str) -> Any:
        return extractor.process([Message(data={"text": text})], loaded)

    def rasa_both(text: str) -> Any:
        return extractor.process(nlp.process([Message(data={"text": text})], loaded), loaded)

    def of_ours(component: SpacyModelEntityExtractor) -> Callable[[str], Any]:
        return lambda text: component.process([Message(data={"text": text})])

    timed = {name: of_ours(component) for name, component in ours.items()}
    timed |= {"rasa_both": rasa_both, "rasa_extractor": rasa_extractor, "all_pipes": spacy.load(resolve(model))}
    times: dict[str, list[float]] = {name: [] for name in timed}
    for first in tqdm(range(0, len(texts), BLOCK), desc="Timing", unit="block", disable=None):
        block = texts[first : first + BLOCK]
        for name, process in timed.items():  # in turn, so that what else the machine does falls on all alike
            for text in block[:WARM_UP]:
                process(text)
            for text in block:
                started = time.perf_counter()
                process(text)
                times[name].append(1000 * (time.perf_counter() - started))
    result: dict[str, Any] = {"messages": len(texts)}
    for name in ours:
        result[f"{name}_p50"] = round(statistics.median(times[name]), 3)
        result[f"{name}_mean"] = round(statistics.mean(times[name]), 3)
    result["rasa_spacy"] = {
        "extract_ms_p50": round(statistics.median(times["rasa_both"]), 3),
        "extract_ms_mean": round(statistics.mean(times["rasa_both"]), 3),
        "extractor_alone_ms_p50": round(statistics.median(times["rasa_extractor"]), 3),
        "extractor_alone_ms_mean": round(statistics.mean(times["rasa_extractor"]), 3),
    }
    result["spacy_all_pipes"] = {
        "extract_ms_p50": round(statistics.median(times["all_pipes"]), 3),
        "extract_ms_mean": round(statistics.mean(times["all_pipes"]), 3),
    }
    result["ratio_p50"] = round(result["extract_ms_p50"] / result["rasa_spacy"]["extract_ms_p50"], 3)
    return result


def _component(options: dict[str, Any]) -> SpacyModelEntityExtractor:
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource

    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage(Path(folder))
        return SpacyModelEntityExtractor.load(options, storage, Resource("x"), ExecutionContext(GraphSchema({})))


def _ours(model: str, train: Rows, test: Rows, texts: Sequence[str], options: dict[str, Any]) -> dict[str, float]:
    before = EntityExtractor(model, normalise=False).extract_all(texts)
    extractor = EntityExtractor(None if options.get("base") == "blank" else model, normalise=False)
    started = time.process_time()
    extractor.train(train, **options)
    figures = {"train_cpu_s": time.process_time() - started}
    found = [[as_rasa(entity, "") for entity in entities] for entities in extractor.extract_all(_texts(test))]
    figures |= _measure(test, [[one for one in entities if not one["extractor"]] for entities in found])
    after = extractor.extract_all(texts)
    known, kept, given_way = 0, 0, 0
    for old, new in zip(before, after, strict=True):
        places = {(one.start, one.end, one.label) for one in new if one.source == "pretrained"}
        for one in old:
            known += 1
            kept += (one.start, one.end, one.label) in places
            given_way += any(
                other.source != "pretrained" and other.start < one.end and one.start < other.end for other in new
            )
    figures["pretrained_kept"] = kept / max(known, 1)
    figures["trained_in_the_same_words"] = given_way / max(known, 1)
    times = []
    for text in _texts(test)[:TIMED_MESSAGES]:
        started = time.perf_counter()
        extractor.extract(text)
        times.append(1000 * (time.perf_counter() - started))
    figures["trained_extract_ms_p50"] = statistics.median(times)
    return figures


def _further(model: str, train: Rows, test: Rows, texts: Sequence[str], rehearse: bool, seed: int) -> dict[str, float]:
    started = time.process_time()
    extract, pretrained_labels = train_further(resolve(model), train, rehearse=rehearse, seed=seed)
    figures = {"train_cpu_s": time.process_time() - started}
    found = extract(_texts(test))
    figures |= _measure(
        test, [[one for one in entities if one["entity"] not in pretrained_labels] for entities in found]
    )
    before = EntityExtractor(model, normalise=False).extract_all(texts)
    places = [{(one["start"], one["end"], one["entity"]) for one in entities} for entities in extract(texts)]
    kept = [(one.start, one.end, one.label) in new for old, new in zip(before, places, strict=True) for one in old]
    return {**figures, "pretrained_kept": float(np.mean(kept))}


def _diet(train: Rows, test: Rows) -> dict[str, float]:
    import yaml
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLWriter
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": DIET_EPOCHS, "intent_classification": False},
    ]
    examples = []
    for number, row in enumerate(train):
        entities = [{**one, "value": row["text"][one["start"] : one["end"]]} for one in row["entities"]]
        examples.append(Message.build(row["text"], f"intent_{number % 2}", entities=entities))
    with tempfile.TemporaryDirectory() as folder:
        config, data = Path(folder, "config.yml"), Path(folder, "nlu.yml")
        config.write_text(yaml.safe_dump({"recipe": "default.v1", "language": "en", "pipeline": pipeline}))
        data.write_text(RasaYAMLWriter().dumps(TrainingData(examples)), encoding="utf-8")
        started = time.process_time()
        path = train_nlu(str(config), str(data), folder, fixed_model_name="diet")
        trained = time.process_time() - started
        agent = Agent.load(path)
    found, times = [], []
    for text in tqdm(_texts(test), desc="DIET", unit="message", disable=None):
        started = time.perf_counter()
        found.append(asyncio.run(agent.parse_message(text))["entities"])
        times.append(1000 * (time.perf_counter() - started))
    return {"train_cpu_s": trained, **_measure(test, found), "trained_extract_ms_p50": statistics.median(times)}


def _measure(test: Rows, found: Found) -> dict[str, float]:
    """Return precision, recall, F1, and how far the confidences tell right from wrong."""
    right, confidence, wanted = [], [], 0
    for row, entities in zip(test, found, strict=True):
        truth = {_key(one) for one in row["entities"]}
        wanted += len(truth)
        for one in entities:
            right.append(_key(one) in truth)
            confidence.append(one.get("confidence_entity"))
    precision = sum(right) / max(len(right), 1)
    recall = sum(right) / max(wanted, 1)
    figures = {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(precision + recall, 1e-9)}
    if None not in confidence and 0 < sum(right) < len(right):
        sure, truth_of = np.array(confidence), np.array(right)
        figures["confidence_auroc"] = float(roc_auc_score(truth_of, sure))
        figures["calibration_error"] = _calibration_error(sure, truth_of)
    return figures


def _calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    shares = [(bins == number) for number in range(BINS) if (bins == number).any()]
    return float(sum(abs(confidence[share].mean() - right[share].mean()) * share.mean() for share in shares))


def _key(entity: dict[str, Any]) -> tuple[int, int, str, Optional[str]]:
    return entity["start"], entity["end"], entity["entity"], entity.get("role")


def _texts(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [row["text"] for row in rows]


def _rows(path: Path) -> Rows:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [json.loads(line) if line.startswith("{") else {"text": line.strip()} for line in lines]


def _medians(runs: list[dict[str, float]]) -> dict[str, Any]:
    return {name: round(statistics.median(run[name] for run in runs), 4) for name in runs[0]}


def _print_table(result: dict[str, Any]) -> None:
    columns = {"convai": result} | {name: value for name, value in result.items() if isinstance(value, dict)}
    names = dict.fromkeys(
        name for column in columns.values() for name, value in column.items() if isinstance(value, (int, float))
    )
    print(f"{'':34}" + "".join(f"{name:>16}" for name in columns), flush=True)
    for name in names:
        cells = (f"{column[name]:16.4f}" if name in column else f"{'':16}" for column in columns.values())
        print(f"{name:34}" + "".join(cells))
    if "f1_by_seed" in result:
        print(f"f1 by seed: {result['f1_by_seed']}")


if __name__ == "__main__":
    main()
