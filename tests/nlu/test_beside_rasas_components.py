"""Each of Rasa's components in one pipeline with ours: trained, and asked; what docs/rasa-components.md says of it."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import yaml
from duckling_server import duckling_server
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.model_training import train
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from tiny import TinyModels

from convai_rasa.project.examination import examine
from convai_rasa.project.project_files import Project

pytestmark = pytest.mark.e2e
TABLE = Path(__file__).parents[2] / "docs" / "rasa-components.md"

DOMAIN = """
version: "3.1"
intents: [greet, go, faq]
entities: [city, number, GPE]
responses:
  utter_greet: [{text: Hello.}]
  utter_go: [{text: On the way.}]
  utter_faq/hours: [{text: We open at nine.}]
  utter_faq/price: [{text: It is free.}]
"""
DATA = r"""
version: "3.1"
nlu:
- intent: greet
  examples: "- hello\n- good morning\n- hi there\n- hello you\n- good evening"
- intent: go
  examples: |
    - take me to [berlin](city)
    - to [paris](city) please
    - I go to [nyc](city)
    - from [berlin](city)
    - a trip to [paris](city)
- intent: faq/hours
  examples: "- when do you open\n- your hours\n- when do you close"
- intent: faq/price
  examples: "- what does it cost\n- the price please\n- is it free"
- lookup: city
  examples: "- berlin\n- paris\n- nyc"
- synonym: New York
  examples: "- nyc"
rules:
- rule: go
  steps: [{intent: go}, {action: utter_go}]
- rule: faq
  steps: [{intent: faq}, {action: utter_faq}]
stories:
- story: greet
  steps: [{intent: greet}, {action: utter_greet}]
- story: a trip
  steps: [{intent: greet}, {action: utter_greet}, {intent: go}, {action: utter_go}, {intent: faq}, {action: utter_faq}]
- story: a question first
  steps: [{intent: faq}, {action: utter_faq}, {intent: greet}, {action: utter_greet}, {intent: go}, {action: utter_go}]
"""
CHINESE = """
version: "3.1"
nlu:
- intent: greet
  examples: "- 你好\\n- 早上好\\n- 您好\\n- 晚上好"
- intent: go
  examples: "- 我要去北京\\n- 去上海\\n- 带我去北京\\n- 我想去上海"
- intent: faq
  examples: "- 几点开门\\n- 多少钱\\n- 什么时候关门\\n- 价格是多少"
"""
ASKED = {"words": "hello two from nyc", "spacy": "take me to berlin", "jieba": "我要去北京"}


@pytest.fixture(scope="module")
def duckling() -> Iterator[str]:
    with duckling_server() as url:
        yield url


def convert_model(folder: Path) -> str:
    """Make a TensorFlow model with the three signatures of ConveRT, which says of each word how long it is."""
    import tensorflow as tf

    words = tf.TensorSpec([None], tf.string)

    class Tiny(tf.Module):
        def __init__(self) -> None:
            self.scale = tf.Variable([1.0, 0.5, 0.25, 0.125])

        @tf.function(input_signature=[words], autograph=False)
        def default(self, text: Any) -> Any:
            return {"default": self._lengths(text)[:, None] * self.scale}

        @tf.function(input_signature=[words], autograph=False)
        def encode_sequence(self, text: Any) -> Any:
            tokens = tf.strings.split(text).to_tensor()
            return {"sequence_encoding": self._lengths(tokens)[:, :, None] * self.scale}

        @tf.function(input_signature=[words], autograph=False)
        def tokenize(self, text: Any) -> Any:
            return {"default": tf.strings.split(text).to_tensor()}

        def _lengths(self, text: Any) -> Any:
            return tf.cast(tf.strings.length(text), tf.float32)

    tiny = Tiny()
    signatures = {name: getattr(tiny, name) for name in ("default", "encode_sequence", "tokenize")}
    tf.saved_model.save(tiny, str(folder), signatures=signatures)
    for part in range(2):  # Rasa looks for the files of the original, which came in two parts
        (folder / "variables" / f"variables.data-0000{part}-of-00002").touch()
    return str(folder)


def spacy_model(folder: Path) -> str:
    """Make a spaCy pipeline with word vectors that knows one city."""
    import numpy as np
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "GPE", "pattern": "berlin"}])  # type: ignore[attr-defined]  # a ruler's
    nlp.vocab.reset_vectors(width=8)
    random = np.random.default_rng(0)
    for word in re.findall(r"\w+", DATA):
        nlp.vocab.set_vector(word, random.normal(size=8).astype("float32"))
    nlp.to_disk(folder)
    return str(folder)


Step = dict[str, Any]
# Of one batch: TensorFlow would take longer to compile the model than to run it.
QUICK = {"constrain_similarities": True, "run_eagerly": True}


def ours(models: TinyModels, **intents: Any) -> list[Step]:
    return [
        {"name": "convai_rasa.nlu.DistilBertIntentClassifier", "model": str(models("minilm")), **intents},
        {"name": "convai_rasa.nlu.SpacyModelEntityExtractor", "model": str(models("spacy"))},
        {"name": "convai_rasa.nlu.HybridSentimentAnalyzer", "model": str(models("sentiments")), "entity_labels": []},
    ]


def pipelines(models: TinyModels, home: Path, duckling: str) -> dict[str, list[Step]]:
    words: list[Step] = [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "ConveRTFeaturizer", "model_url": convert_model(home / "convert")},
        {"name": "LogisticRegressionClassifier"},
        {"name": "DIETClassifier", "epochs": 2, "number_of_transformer_layers": 1, **QUICK},
        {"name": "CRFEntityExtractor"},
        {"name": "RegexEntityExtractor"},
        {"name": "DucklingEntityExtractor", "url": duckling, "dimensions": ["number"]},
        *ours(models),
        {"name": "EntitySynonymMapper"},
        {"name": "KeywordIntentClassifier"},
        {"name": "ResponseSelector", "epochs": 2, "retrieval_intent": "faq", **QUICK},
        {"name": "FallbackClassifier", "threshold": 0.4, "ambiguity_threshold": 1.0},
    ]
    spacy: list[Step] = [
        {"name": "SpacyNLP", "model": spacy_model(home / "spacy_vectors")},
        {"name": "SpacyTokenizer"},
        {"name": "SpacyFeaturizer"},
        {"name": "SpacyEntityExtractor"},
        {"name": "SklearnIntentClassifier", "max_cross_validation_folds": 2, "C": [1]},
        *ours(models),
    ]
    jieba: list[Step] = [
        {"name": "JiebaTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "LogisticRegressionClassifier"},
        *ours(models, any_language=True),
    ]
    return {"words": words, "spacy": spacy, "jieba": jieba}


POLICIES: list[Step] = [
    {"name": "MemoizationPolicy", "priority": 3},
    {"name": "AugmentedMemoizationPolicy", "priority": 2},
    {"name": "RulePolicy"},
    {"name": "TEDPolicy", "epochs": 1, **QUICK},
    {"name": "UnexpecTEDIntentPolicy", "epochs": 1, **QUICK},
]


class Trained:
    """A trained archive, whose components can be asked one by one."""

    def __init__(self, archive: str, steps: list[Step], storage: Path) -> None:
        self._names = [f"run_{step['name']}{index}" for index, step in enumerate(steps)]
        _, self._runner = load_predict_graph_runner(storage, Path(archive), LocalModelStorage, DaskGraphRunner)

    def until(self, component: str, text: str) -> tuple[Message, Message]:
        """Return what a message is before and after a component."""
        after = next(name for name in self._names if name.startswith(f"run_{component}"))
        index = self._names.index(after)
        before = self._names[index - 1] if index and "NLP" not in self._names[index - 1] else "nlu_message_converter"
        return self._ask(before, text), self._ask(after, text)

    def _ask(self, node: str, text: str) -> Message:
        return self._runner.run({PLACEHOLDER_MESSAGE: [UserMessage(text)]}, targets=[node])[node][0]  # type: ignore[no-any-return]  # Rasa's are untyped

    def predict(self, policy: str, tracker: DialogueStateTracker) -> Any:
        """Return what a policy says comes next."""
        index = next(index for index, step in enumerate(POLICIES) if step["name"] == policy)
        node = f"run_{policy}{index}"
        return self._runner.run({PLACEHOLDER_TRACKER: tracker}, targets=[node])[node]


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, tiny_models: TinyModels, duckling: str
) -> Callable[[str], Trained]:
    """Train the pipeline of a name when it is first asked for."""
    home = tmp_path_factory.mktemp("beside")
    steps = pipelines(tiny_models, home, duckling)
    done: dict[str, Trained | str] = {}

    def get(name: str) -> Trained:
        if name not in done:
            try:
                done[name] = _train(home / name, steps[name], CHINESE if name == "jieba" else DATA, name)
            except Exception as error:
                done[name] = "".join(traceback.format_exception(error.__cause__ or error))
        found = done[name]
        if isinstance(found, str):
            pytest.fail(found)
        return found

    return get


def _train(folder: Path, steps: list[Step], data: str, name: str) -> Trained:
    folder.mkdir()
    config = {
        "recipe": "default.v1",
        "assistant_id": name,
        "language": "zh" if name == "jieba" else "en",
        "pipeline": steps,
        "policies": POLICIES if name == "words" else [{"name": "RulePolicy"}],
    }
    (folder / "config.yml").write_text(yaml.safe_dump(config))
    (folder / "domain.yml").write_text(DOMAIN)
    (folder / "data.yml").write_text(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # Rasa's cache goes where one is
        patch.setitem(os.environ, "RASA_TELEMETRY_ENABLED", "false")
        result = train(
            "domain.yml",
            "config.yml",
            ["data.yml"],
            output="models",
            core_additional_arguments={"augmentation_factor": 0},
        )
    (folder / "storage").mkdir()
    return Trained(str(folder / str(result.model)), steps, folder / "storage")


Sees = Callable[[Message, Message], bool]


def tokens(*expected: str) -> Sees:
    return lambda before, after: [token.text for token in after.get("text_tokens")] == list(expected)


def more_features(before: Message, after: Message) -> bool:
    return len(after.features) > len(before.features)


def another_intent(before: Message, after: Message) -> bool:
    intent = after.get("intent")
    return intent != before.get("intent") and intent["name"] in ("greet", "go", "faq") and 0 < intent["confidence"] <= 1


def intent(name: str) -> Sees:
    return lambda before, after: after.get("intent")["name"] == name != (before.get("intent") or {}).get("name")


def entity(extractor: str, value: Any) -> Sees:
    return lambda before, after: any(
        found["extractor"] == extractor and found["value"] == value for found in after.get("entities")
    )


def synonym(before: Message, after: Message) -> bool:
    return any(found["value"] == "New York" for found in after.get("entities"))


def response(before: Message, after: Message) -> bool:
    return after.get("response_selector")["faq"]["response"]["intent_response_key"] in ("faq/hours", "faq/price")


WORKS: dict[str, tuple[str, Sees]] = {
    "WhitespaceTokenizer": ("words", tokens("hello", "two", "from", "nyc")),
    "JiebaTokenizer": ("jieba", tokens("我要", "去", "北京")),
    "SpacyNLP": ("spacy", lambda before, after: bool(after.get("text_spacy_doc"))),
    "SpacyTokenizer": ("spacy", tokens("take", "me", "to", "berlin")),
    **dict.fromkeys(
        ["RegexFeaturizer", "LexicalSyntacticFeaturizer", "CountVectorsFeaturizer", "ConveRTFeaturizer"],
        ("words", more_features),
    ),
    "SpacyFeaturizer": ("spacy", more_features),
    "LogisticRegressionClassifier": ("words", another_intent),
    "SklearnIntentClassifier": ("spacy", another_intent),
    "DIETClassifier": ("words", another_intent),
    "KeywordIntentClassifier": (
        "words",
        lambda before, after: after.get("intent") == {"name": "greet", "confidence": 1.0},
    ),
    "FallbackClassifier": ("words", intent("nlu_fallback")),
    "CRFEntityExtractor": ("words", entity("CRFEntityExtractor", "nyc")),
    "RegexEntityExtractor": ("words", entity("RegexEntityExtractor", "nyc")),
    "DucklingEntityExtractor": ("words", entity("DucklingEntityExtractor", 2)),
    "SpacyEntityExtractor": ("spacy", entity("SpacyEntityExtractor", "berlin")),
    "EntitySynonymMapper": ("words", synonym),
    "ResponseSelector": ("words", response),
}
POLICY_NAMES = [step["name"] for step in POLICIES]
SAID_BY_DOCTOR = {
    "LanguageModelFeaturizer": {"model_name": "bert"},
    "MitieNLP": {"model": "extractor.dat"},
    "MitieTokenizer": {},
    "MitieFeaturizer": {},
    "MitieIntentClassifier": {},
    "MitieEntityExtractor": {},
}


@pytest.mark.parametrize("component", WORKS)
def test_it_works_beside_ours(component: str, trained: Callable[[str], Trained]) -> None:
    name, sees = WORKS[component]
    before, after = trained(name).until(component, ASKED[name])
    assert sees(before, after), after.as_dict()


@pytest.mark.parametrize("name", ASKED)
def test_ours_works_beside_them(name: str, trained: Callable[[str], Trained]) -> None:
    before, after = trained(name).until("convai_rasa.nlu.DistilBertIntentClassifier", ASKED[name])
    assert another_intent(before, after)
    _, after = trained(name).until("convai_rasa.nlu.HybridSentimentAnalyzer", ASKED[name])
    assert after.get("sentiment")["label"]


@pytest.mark.parametrize("policy", POLICY_NAMES)
def test_a_policy_works_beside_ours(policy: str, trained: Callable[[str], Trained]) -> None:
    domain = Domain.from_yaml(DOMAIN)
    heard = {"rule": "go"}.get(policy[:4].lower(), "greet")
    tracker = DialogueStateTracker.from_events("somebody", [ActionExecuted("action_listen")], domain.slots)
    tracker.update(UserUttered(heard, intent={"name": heard, "confidence": 1.0}))
    prediction = trained("words").predict(policy, tracker)
    if policy in ("MemoizationPolicy", "AugmentedMemoizationPolicy", "RulePolicy"):
        assert prediction.max_confidence == 1.0
    assert prediction.policy_name.endswith(policy)
    assert len(prediction.probabilities) >= domain.num_actions


@pytest.mark.parametrize("component", SAID_BY_DOCTOR)
def test_the_doctor_says_what_does_not(component: str, moodbot_folder: Path) -> None:
    config = yaml.safe_load((moodbot_folder / "config.yml").read_text())
    steps = [{"name": "WhitespaceTokenizer"}, {"name": component, **SAID_BY_DOCTOR[component]}]
    (moodbot_folder / "config.yml").write_text(yaml.safe_dump({**config, "pipeline": steps}))
    said = [finding for finding in examine(Project.at(moodbot_folder)) if component in finding.what]
    assert any(finding.level == "error" and finding.fix for finding in said)


@pytest.fixture
def moodbot_folder(tmp_path: Path) -> Path:
    from rasa.cli.scaffold import create_initial_project

    create_initial_project(str(tmp_path))
    return tmp_path


def test_the_table_has_a_row_for_each_component_of_rasa() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (yes|no)\b", TABLE.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(rows) == {component.__name__ for component in DEFAULT_COMPONENTS}
    assert {name for name, works in rows.items() if works == "yes"} == {*WORKS, *POLICY_NAMES}
    assert {name for name, works in rows.items() if works == "no"} == set(SAID_BY_DOCTOR)
