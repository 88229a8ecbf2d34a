"""The Rasa half: trained inside a bot, it fills the bot's slots and is scored by Rasa's own test."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest
from duckling_server import duckling_server
from rasa.engine.graph import ExecutionContext, GraphSchema, SchemaNode
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.nlu.extractors.duckling_entity_extractor import DucklingEntityExtractor
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu import SpacyModelEntityExtractor
from convai_rasa.nlu.component import NLUComponentError

pytestmark = pytest.mark.networks

RESOURCE = Resource("entities")
CITIES = ("Oslo", "Lima", "Rome", "Bern", "Cairo", "New York")
PRETRAINED = "SpacyModelEntityExtractor.pretrained"


def flight(start: str, end: str, size: str) -> str:
    role = '[{}]{{"entity": "city", "role": "{}"}}'
    return f"    - fly from {role.format(start, 'from')} to {role.format(end, 'to')} for [{size}](party_size)\n"


NLU = """version: "3.1"
nlu:
- intent: fly
  examples: |
    - fly
{flights}- intent: greet
  examples: |
    - hello
    - good morning
    - a flight for Anna
    - a flight for Bob
- synonym: NYC
  examples: |
    - New York
- lookup: city
  examples: |
    - Reykjavik
- lookup: features_for_something_else
  examples: |
    - hello
- regex: party_size
  examples: |
    - party of \\d+
""".replace(
    "{flights}",
    "".join(flight(a, b, size) for a in CITIES for b, size in zip(CITIES, ("two", "five", "12", "ten")) if a != b),
)
DOMAIN = """version: "3.1"
intents: [fly, greet]
entities:
- city: {roles: [from, to]}
- party_size
- PERSON
slots:
  origin: {type: text, mappings: [{type: from_entity, entity: city, role: from}]}
  destination: {type: text, mappings: [{type: from_entity, entity: city, role: to}]}
  guests: {type: float, max_value: 100, mappings: [{type: from_entity, entity: party_size}]}
forms:
  flight_form: {required_slots: [origin, destination, guests]}
responses:
  utter_done: [{text: "{origin} to {destination} for {guests}"}]
"""
RULES = """version: "3.1"
rules:
- rule: begin
  steps:
  - intent: fly
  - action: flight_form
  - active_loop: flight_form
- rule: end
  condition:
  - active_loop: flight_form
  steps:
  - action: flight_form
  - active_loop: null
  - action: utter_done
"""
CONFIG = """recipe: default.v1
assistant_id: entities
language: en
pipeline:
- name: WhitespaceTokenizer
- name: KeywordIntentClassifier
- name: convai_rasa.nlu.SpacyModelEntityExtractor
  model: {model}
  train: true
  epochs: 20
  normalise: {{party_size: number}}
- name: EntitySynonymMapper
policies:
- name: RulePolicy
"""


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    (tmp_path / "storage").mkdir()
    storage = LocalModelStorage(tmp_path / "storage")
    store_domain(storage, "GPE", "PERSON", "city")
    return storage


def context(*, finetuning: bool = False, domain: bool = True) -> ExecutionContext:
    provider = SchemaNode({}, DomainProvider, "load", "provide_inference", {}, resource=Resource("domain_provider"))
    return ExecutionContext(GraphSchema({"domain_provider": provider} if domain else {}), is_finetuning=finetuning)


def store_domain(storage: LocalModelStorage, *entities: str) -> None:
    with storage.write_to(Resource("domain_provider")) as folder:
        Domain.from_dict({"entities": list(entities)}).persist(folder / "domain.yml")


def training_data(name: str = "city", *, lookup: Any = ()) -> TrainingData:
    messages = [
        Message.build(
            f"fly to {city}", "fly", entities=[{"start": 7, "end": 7 + len(city), "entity": name, "value": city}]
        )
        for city in CITIES
    ]
    tables = [{"name": name, "elements": lookup}] if lookup else []
    return TrainingData([*messages, Message.build("hello", "greet")], lookup_tables=tables)


def config(**given: Any) -> dict[str, Any]:
    return {**SpacyModelEntityExtractor.get_default_config(), "train": True, "base": "blank", "epochs": 8, **given}


def entities(component: SpacyModelEntityExtractor, text: str) -> list[dict[str, Any]]:
    (message,) = component.process([Message(data={"text": text})])
    json.dumps(message.as_dict(only_output_properties=True))
    return list(message.get("entities"))


def train(storage: LocalModelStorage, data: TrainingData, **given: Any) -> None:
    component = SpacyModelEntityExtractor.create(config(**given), storage, RESOURCE, context())
    assert component.train(data) == RESOURCE


def load(storage: LocalModelStorage, **given: Any) -> SpacyModelEntityExtractor:
    return SpacyModelEntityExtractor.load(config(**given), storage, RESOURCE, context())


def test_trained_and_loaded_it_gives_entities_as_rasa_writes_them(storage: LocalModelStorage) -> None:
    train(storage, training_data(), model="/gone")
    (entity,) = entities(load(storage, model="/gone"), "fly to Oslo")
    assert 0 < entity.pop("confidence_entity") <= 1
    name = SpacyModelEntityExtractor.__name__
    assert entity == {"entity": "city", "start": 7, "end": 11, "value": "Oslo", "extractor": name}


def test_values_say_what_was_said_and_more(storage: LocalModelStorage) -> None:
    data = training_data("date", lookup=["next friday"])
    train(storage, data)
    (entity,) = entities(load(storage, reference="2026-11-24T15:00"), "next friday")
    assert (entity["value"], entity["text"]) == ("2026-12-04", "next friday")
    assert entity["additional_info"] == {"type": "date", "grain": "day"}


def test_nothing_that_is_said_in_an_entity_loses_the_message(storage: LocalModelStorage) -> None:
    hard = [
        *("the week after next", "until next summer", "between 6 and 7 tonight", "the thirtieth of february", "9" * 40)
    ]
    train(storage, training_data("date", lookup=hard))
    component = load(storage, reference="2026-11-24T15:00")
    values = {}
    for text in hard:
        (entity,) = [one for one in entities(component, f"come {text}") if one["end"] == len(f"come {text}")]
        assert entity.get("text", text) == text  # with a value or without, the words stay
        values[text] = entity["value"]
    assert values == {
        "the week after next": "2026-12-07",
        "until next summer": "until next summer",
        "between 6 and 7 tonight": "2026-11-24T18:00:00",
        "the thirtieth of february": "the thirtieth of february",
        "9" * 40: "9" * 40,
    }


def test_words_with_a_synonym_keep_themselves_as_their_value(storage: LocalModelStorage) -> None:
    data = training_data("date", lookup=["next friday", "tomorrow"])
    data.entity_synonyms = {"Next Friday": "soon"}
    train(storage, data)
    component = load(storage, reference="2026-11-24T15:00")
    assert [entity["value"] for entity in entities(component, "next friday or tomorrow")][:2] == [
        *("next friday", "2026-11-25")
    ]


def test_without_training_nothing_is_stored_and_mistakes_are_said_at_once(
    storage: LocalModelStorage, tiny_pipeline: Path
) -> None:
    train(storage, training_data(), train=False, model=str(tiny_pipeline))
    with pytest.raises(ValueError, match="entities"), storage.read_from(RESOURCE):
        pass
    found = entities(load(storage, train=False, model=str(tiny_pipeline)), "a flight to Paris for Anna")
    assert {entity["extractor"] for entity in found} == {PRETRAINED}
    with pytest.raises(NLUComponentError, match="no label 'GEP'"):
        train(storage, training_data(), train=False, model=str(tiny_pipeline), dimensions=["GEP"])


def test_without_annotations_it_says_so_and_finds_what_the_pipeline_knows(
    storage: LocalModelStorage, tiny_pipeline: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given = {"model": str(tiny_pipeline), "base": "pretrained"}
    with caplog.at_level(logging.WARNING):
        train(storage, TrainingData([Message.build("hello", "greet")]), **given)
    assert "There is no annotated example" in caplog.text
    assert {one["extractor"] for one in entities(load(storage, **given), "a flight to Paris for Anna")} == {PRETRAINED}


def test_finetuning_goes_on_with_new_entities(storage: LocalModelStorage) -> None:
    train(storage, training_data())
    given = config(finetuning_epoch_fraction=0.5)
    component = SpacyModelEntityExtractor.load(given, storage, RESOURCE, context(finetuning=True))
    more = Message.build("I am Kim", "greet", entities=[{"start": 5, "end": 8, "entity": "name", "value": "Kim"}])
    component.train(TrainingData([*training_data().nlu_examples, *[more] * 3]))
    loaded = load(storage)
    assert [entity["entity"] for entity in entities(loaded, "I am Kim")] == ["name"]
    assert [entity["entity"] for entity in entities(loaded, "fly to Oslo")] == ["city"]


@pytest.mark.parametrize("domain", [("city",), ("GPE",), ("city", "PERSON", "GPE"), ()])
def test_only_what_the_domain_lists_is_put_out(
    storage: LocalModelStorage, tiny_pipeline: Path, domain: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    store_domain(storage, *domain)
    component = load(storage, train=False, model=str(tiny_pipeline))
    found = [entity["entity"] for entity in entities(component, "a flight to Paris for Anna")]
    assert found == [label for label in ("GPE", "PERSON") if label in domain]
    assert ("finds nothing for this bot" in caplog.text) == (not found)


def test_what_is_asked_for_is_put_out_whatever_the_domain_lists(
    storage: LocalModelStorage, tiny_pipeline: Path
) -> None:
    store_domain(storage, "name")
    found = {}
    for given in ({"dimensions": ["GPE"]}, {"map": {"PERSON": "name"}}, {"dimensions": [], "map": {"PERSON": "name"}}):
        component = load(storage, train=False, model=str(tiny_pipeline), **given)
        found[str(given)] = [entity["entity"] for entity in entities(component, "a flight to Paris for Anna")]
    assert list(found.values()) == [["GPE"], ["name"], []]


def test_a_model_without_domain_puts_out_what_is_asked_for_and_says_so(
    storage: LocalModelStorage, tiny_pipeline: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given = config(train=False, model=str(tiny_pipeline), map={"PERSON": "name"})
    no_domain = context(domain=False)
    SpacyModelEntityExtractor.create(given, storage, RESOURCE, no_domain).train(training_data())
    assert "comes from 'rasa train nlu' and has no domain" in caplog.text
    component = SpacyModelEntityExtractor.load(given, storage, RESOURCE, no_domain)
    assert [entity["entity"] for entity in entities(component, "a flight to Paris for Anna")] == ["name"]


@pytest.mark.parametrize("ours_first", [True, False])
@pytest.mark.parametrize("rule", ["add", "theirs", "longest"])
def test_ducklings_numbers_arrive_whatever_stands_above(
    storage: LocalModelStorage, tmp_path: Path, ours_first: bool, rule: str
) -> None:
    import spacy

    ruled = spacy.blank("en")
    patterns = [{"label": "CARDINAL", "pattern": "about six"}, {"label": "DATE", "pattern": "six people"}]
    ruled.add_pipe("entity_ruler").add_patterns([*patterns, {"label": "GPE", "pattern": "Oslo"}])
    ruled.to_disk(tmp_path / "ruled")
    given = {"dimensions": ["CARDINAL", "DATE", "GPE"], "map": {"CARDINAL": "number"}, "overlaps": rule}
    ours = load(storage, train=False, model=str(tmp_path / "ruled"), **given)
    with duckling_server() as url:
        duckling = DucklingEntityExtractor(
            {**DucklingEntityExtractor.get_default_config(), "url": url, "dimensions": ["number"]}
        )
        messages = [Message(data={"text": "in Oslo for about six people"}), Message(data={"text": "/greet"})]
        for component in (ours, duckling) if ours_first else (duckling, ours):
            messages = component.process(messages)
        message, _ = RegexMessageHandler().process(messages, None)
    found = [(entity["entity"], entity["value"]) for entity in message.get("entities")]
    assert sorted(found) == [("GPE", "Oslo"), ("number", 6)]
    assert "overlaps" not in json.dumps(message.as_dict(only_output_properties=True))


def test_a_lookup_table_may_be_a_file(storage: LocalModelStorage, tmp_path: Path) -> None:
    (tmp_path / "cities.txt").write_text("\ufeffReykjavik\r\n\r\nTromsø\n", encoding="utf-8")
    train(storage, training_data(lookup=str(tmp_path / "cities.txt")))
    for city in ("tromsø", "reykjavik"):
        assert city in [entity["value"] for entity in entities(load(storage), city)]


def test_a_lookup_table_that_is_json_is_not_read_and_one_sentence_says_why(
    storage: LocalModelStorage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cities.json").write_text(json.dumps(["Reykjavik", "Tromsø"], indent=1), encoding="utf-8")
    train(storage, training_data(lookup=str(tmp_path / "cities.json")))
    assert caplog.text.count("cities.json, which is JSON: Rasa takes each of its lines for a value") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "names .*cities.txt, which is not in .*the folder this was started in"),
        ("folder", "names .*cities.txt, which is a folder; name a text file"),
        ("Tromsø".encode("latin-1"), "names .*cities.txt, which is not UTF-8 text; save it"),
    ],
)
def test_a_lookup_table_that_cannot_be_read_is_named_with_the_reason(
    storage: LocalModelStorage, tmp_path: Path, content: Any, message: str
) -> None:
    path = tmp_path / "cities.txt"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(NLUComponentError, match=f"The lookup table city {message}"):
        train(storage, training_data(lookup=str(path)))
    with pytest.raises(NLUComponentError, match="for its elements; give it a list of values"):
        train(storage, training_data(lookup={"a": "b"}))


@pytest.mark.parametrize(("choice", "count"), [(True, 0), (False, 0), (["size"], 1)])
def test_a_lookup_table_named_like_no_entity_counts_only_when_it_is_listed(
    storage: LocalModelStorage, choice: Any, count: int
) -> None:
    data = training_data()
    data.lookup_tables = [{"name": "size", "elements": ["huge"]}]
    train(storage, data, lookups=choice)
    assert [entity["entity"] for entity in entities(load(storage), "huge")].count("size") == count


def test_what_other_extractors_found_gives_way_or_stays(storage: LocalModelStorage) -> None:
    train(storage, training_data(lookup=["Oslo"]))
    theirs = {"entity": "place", "value": "to Oslo", "start": 4, "end": 11, "extractor": "CRFEntityExtractor"}
    kept = {}
    for rule in ("add", "longest", "ours", "keep"):
        (message,) = load(storage, overlaps=rule).process([Message(data={"text": "fly to Oslo", "entities": [theirs]})])
        kept[rule] = [entity["entity"] for entity in message.get("entities")]
    assert kept == {"add": ["place"], "longest": ["place"], "ours": ["city"], "keep": ["place", "city"]}


def test_the_fingerprint_follows_the_pipeline_and_the_code(tiny_pipeline: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_pipeline, tmp_path / "pipeline")
    addon = SpacyModelEntityExtractor.fingerprint_addon
    before = addon({"model": str(folder)})
    assert before == addon({"model": str(folder)})
    (folder / "meta.json").write_text((folder / "meta.json").read_text() + " ")
    assert before != addon({"model": str(folder)})
    assert addon({"output": 1}) is None
    assert addon(config(model="/gone")) is not None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"normalise": {"size": "colour"}}, "'colour' is not a kind of value"),
        ({"timezone": "Mars/Olympus"}, "no time zone 'Mars/Olympus'"),
        ({"reference": "yesterday"}, "neither 'now' nor a moment"),
        ({"overlaps": "mine"}, "overlaps"),
        ({"epoch": 2}, "did you mean 'epochs'"),
    ],
)
def test_wrong_values_stop_rasa_with_one_sentence(
    given: dict[str, Any], message: str, storage: LocalModelStorage
) -> None:
    with pytest.raises(NLUComponentError, match=message):
        SpacyModelEntityExtractor.create(config(**given), storage, RESOURCE, context())


@pytest.fixture(scope="module")
def bot(tiny_pipeline: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A bot whose form asks for two cities and a number; the pretrained pipeline is gone once it is trained."""
    from rasa.core.agent import Agent
    from rasa.model_training import train

    folder = tmp_path_factory.mktemp("bot")
    model = Path(shutil.copytree(tiny_pipeline, folder / "pipeline"))
    files = {"config.yml": CONFIG.format(model=model), "domain.yml": DOMAIN, "nlu.yml": NLU, "rules.yml": RULES}
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        config, domain, *data = (str(folder / name) for name in files)
        trained = train(domain, config, data, str(folder / "models"))
    shutil.rmtree(model)
    agent = Agent.load(trained.model)
    return agent, folder, [str(warning.message) for warning in caught]


@pytest.mark.e2e
def test_it_fills_the_slots_of_a_form(bot: Any) -> None:
    agent, _, _ = bot

    async def say(*texts: str) -> list[str]:
        return [answer["text"] for text in texts for answer in await agent.handle_text(text, sender_id=texts[0])]

    assert asyncio.run(say("fly from New York to Rome for five")) == ["NYC to Rome for 5"]
    assert asyncio.run(say("fly from Oslo to Lima for party of 7")) == ["Oslo to Lima for 7"]


@pytest.mark.e2e
def test_rasa_says_nothing_of_annotations_that_nobody_learns(bot: Any) -> None:
    _, _, said = bot
    assert [text for text in said if "your NLU configuration does not include" in text] == []


@pytest.mark.e2e
def test_rasa_test_scores_what_was_trained_and_not_what_was_known_before(bot: Any) -> None:
    from rasa.nlu.test import run_evaluation

    agent, folder, _ = bot
    parsed = [asyncio.run(agent.parse_message(text)) for text in ("a flight for Anna", "in Paris with Anna")]
    found = [entity for one in parsed for entity in one["entities"] if entity["extractor"] == PRETRAINED]
    assert {entity["entity"] for entity in found} == {"PERSON"}, "the domain lists no GPE"
    results = asyncio.run(
        run_evaluation(str(folder / "nlu.yml"), agent.processor, str(folder / "results"), disable_plotting=True)
    )
    assert list(results["entity_evaluation"]) == [SpacyModelEntityExtractor.__name__]
    report = results["entity_evaluation"][SpacyModelEntityExtractor.__name__]["report"]
    assert min(report[entity]["f1-score"] for entity in ("city.from", "city.to", "party_size")) > 0.9
    assert not {"GPE", "PERSON"} & set(report)
