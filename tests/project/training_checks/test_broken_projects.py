"""Projects that work, broken in one place each: the doctor names what is wrong, once, and how to mend it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

import pytest
from broken_projects import change, found, step

from convai_rasa.project.examination import examine
from convai_rasa.project.project_files import Project

Break = Callable[[Path], object]


@dataclass
class Broken:
    """A break, and what is said of it.

    Attributes:
        project: the one that is broken.
        how: given its folder, breaks it.
        level: of the finding.
        what: part of its sentence.
        fix: part of its remedy.
        area: where it is said.
    """

    project: str
    how: Break
    what: str
    fix: str
    level: str = "error"
    area: Optional[str] = None


def config(how: Callable[[dict], object]) -> Break:
    return lambda folder: change(folder / "config.yml", how)


def domain(how: Callable[[dict], object]) -> Break:
    return lambda folder: change(folder / "domain.yml", how)


def data(name: str, how: Callable[[dict], object]) -> Break:
    return lambda folder: change(folder / "data" / name, how)


def file(name: str, how: Callable[[str], str]) -> Break:
    return lambda folder: (folder / name).write_text(how((folder / name).read_text()))


def endpoints(how: Callable[[dict], object]) -> Break:
    return lambda folder: change(folder / "endpoints.yml", how)


def credentials(how: Callable[[dict], object]) -> Break:
    return lambda folder: change(folder / "credentials.yml", how)


def drop(config: dict, name: str, section: str = "pipeline") -> None:
    config[section].remove(step(config, name, section))


def to_end(config: dict, name: str) -> None:
    moved = step(config, name)
    config["pipeline"].remove(moved)
    config["pipeline"].append(moved)


RULES, NLU = "core/rules.yml", "nlu/claims.yml"
CRF_ALONE = ["WhitespaceTokenizer", "KeywordIntentClassifier", "CRFEntityExtractor", "EntitySynonymMapper"]

BROKEN = {
    # Components
    "spaCy model": Broken(
        "concierge",
        config(lambda c: step(c, "SpacyNLP").update(model="en_core_web_md")),
        "spaCy model 'en_core_web_md' is not installed",
        "python -m spacy download en_core_web_md",
    ),
    "spaCy model of the catalogue": Broken(
        "concierge",
        config(lambda c: step(c, "SpacyNLP").update(model="en_core_web_sm")),
        "spaCy model 'en_core_web_sm' is not installed",
        "spacy/en_core_web_sm",
    ),
    "spaCy without a model": Broken(
        "concierge", config(lambda c: step(c, "SpacyNLP").pop("model")), "SpacyNLP has no 'model'", "name one"
    ),
    "module missing": Broken(
        "concierge",
        config(lambda c: step(c, "Greetings").update(name="part.greetings.Greetings")),
        "there is no module 'part'",
        "put it into",
    ),
    "class missing": Broken(
        "concierge",
        config(lambda c: step(c, "Greetings").update(name="parts.greetings.Greeting")),
        "The module 'parts.greetings' has no class 'Greeting'",
        "did you mean 'parts.greetings.Greetings'",
    ),
    "package missing": Broken(
        "concierge",
        file("parts/greetings.py", lambda text: text.replace("from typing", "import rapidfuzzy\nfrom typing")),
        "it needs the package 'rapidfuzzy'",
        "pip install",
    ),
    "for Rasa 2": Broken(
        "concierge",
        file("parts/greetings.py", lambda text: text + "\nfrom rasa.nlu.components import Component\n"),
        "written for another version of Rasa",
        "GraphComponent",
    ),
    "syntax error": Broken(
        "concierge",
        file("parts/greetings.py", lambda text: text.replace("def process(self,", "def process(self")),
        "parts/greetings.py, line 3",
        "correct its module",
    ),
    "not registered": Broken(
        "concierge",
        file("parts/greetings.py", lambda text: text.replace("@DefaultV1Recipe", "# @DefaultV1Recipe")),
        "parts.greetings.Greetings is not registered",
        "@DefaultV1Recipe.register",
    ),
    "create fails": Broken(
        "concierge",
        file("parts/greetings.py", lambda text: text.replace('config["words"]', 'config["word"]')),
        "parts.greetings.Greetings cannot be created: KeyError: 'word' (parts/greetings.py, line 29)",
        "correct its code",
    ),
    "create exits": Broken(
        "concierge",
        file("parts/greetings.py", lambda text: text.replace("component = cls()", "print('no'); raise SystemExit(3)")),
        "parts.greetings.Greetings cannot be created: SystemExit",
        "correct its code",
    ),
    "no return type": Broken(
        "concierge",
        file("parts/greetings.py", lambda text: text.replace("-> list[Message]", "")),
        "'Greetings' whose method 'process' does not have a type annotation",
        "signature",
    ),
    "packages that a component asks for": Broken(
        "concierge",
        file(
            "parts/greetings.py",
            lambda text: text + "\n    @staticmethod\n    def required_packages():\n        return ['rapidfuzzy']\n",
        ),
        "Greetings needs packages that are not installed: rapidfuzzy",
        "pip install rapidfuzzy",
    ),
    "misspelt component": Broken(
        "insurance",
        config(lambda c: step(c, "CRF").update(name="CRFEntityExtracter")),
        "Rasa has no component 'CRFEntityExtracter'",
        "did you mean 'CRFEntityExtractor'",
    ),
    "CRF without features": Broken(
        "concierge",
        config(lambda c: c.update(pipeline=[{"name": name} for name in CRF_ALONE])),
        "CRFEntityExtractor will find no entities",
        "add LexicalSyntacticFeaturizer before it",
    ),
    "misspelt tokenizer": Broken(
        "insurance",
        config(lambda c: step(c, "Whitespace").update(name="WhiteSpaceTokenizer")),
        "Rasa has no component 'WhiteSpaceTokenizer'",
        "did you mean 'WhitespaceTokenizer'",
    ),
    "component of Rasa 1": Broken(
        "insurance",
        config(lambda c: step(c, "Duckling").update(name="DucklingHTTPExtractor")),
        "Rasa 3 no longer has DucklingHTTPExtractor",
        "use DucklingEntityExtractor",
    ),
    "policy among components": Broken(
        "moodbot",
        config(lambda c: c.update(pipeline=[{"name": "WhitespaceTokenizer"}, {"name": "TEDPolicy"}])),
        "TEDPolicy is a policy",
        "move it below 'policies'",
    ),
    "packages of Rasa's": Broken(
        "insurance",
        config(lambda c: c["pipeline"].insert(0, {"name": "MitieNLP"})),
        "MitieNLP needs packages that are not installed: mitie",
        "pip install mitie",
    ),
    "unknown key": Broken(
        "insurance",
        config(lambda c: step(c, "DIET").update(epoch=3)),
        "DIETClassifier has no key 'epoch'",
        "did you mean 'epochs'",
        "warning",
    ),
    "word for a number": Broken(
        "insurance", config(lambda c: step(c, "DIET").update(epochs="many")), "epochs is 'many'", "correct it"
    ),
    "percent": Broken(
        "insurance",
        config(lambda c: step(c, "Fallback").update(threshold=70)),
        "threshold is 70, which is not between 0 and 1",
        "correct it",
    ),
    "language of a tokenizer": Broken(
        "insurance",
        config(lambda c: c.update(language="zh")),
        "WhitespaceTokenizer does not support the language 'zh'",
        "use JiebaTokenizer",
    ),
    # Order
    "no tokenizer": Broken(
        "insurance", config(lambda c: drop(c, "Whitespace")), "need a Tokenizer above", "WhitespaceTokenizer at the top"
    ),
    "two tokenizers": Broken(
        "concierge",
        config(lambda c: c["pipeline"].insert(3, {"name": "WhitespaceTokenizer"})),
        "more than one tokenizer: SpacyTokenizer, WhitespaceTokenizer",
        "keep one",
    ),
    "tokenizer last": Broken(
        "insurance",
        config(lambda c: to_end(c, "Whitespace")),
        "need WhitespaceTokenizer above, but it comes below",
        "move WhitespaceTokenizer up",
    ),
    "no spaCy": Broken(
        "concierge", config(lambda c: drop(c, "SpacyNLP")), "SpacyTokenizer needs a SpacyNLP above", "put SpacyNLP"
    ),
    "no dense features": Broken(
        "insurance",
        config(lambda c: c["pipeline"].insert(5, {"name": "SklearnIntentClassifier"})),
        "SklearnIntentClassifier needs a DenseFeaturizer above",
        "SpacyFeaturizer",
    ),
    "fallback first": Broken(
        "insurance",
        config(lambda c: c["pipeline"].insert(1, c["pipeline"].pop())),
        "FallbackClassifier needs DIETClassifier above",
        "move DIETClassifier up",
    ),
    "alias twice": Broken(
        "concierge",
        config(lambda c: step(c, "SpacyFeaturizer").update(alias="words")),
        "Two featurizers have the alias 'words'",
        "an alias of its own",
    ),
    "alias of nobody": Broken(
        "concierge",
        config(lambda c: step(c, "DIET").update(featurizers=["word"])),
        "DIETClassifier uses the featurizer 'word'",
        "did you mean 'words'",
    ),
    "synonyms too early": Broken(
        "insurance",
        config(lambda c: c["pipeline"].insert(4, c["pipeline"].pop(9))),
        "EntitySynonymMapper comes before",
        "move EntitySynonymMapper",
        "warning",
    ),
    # Policies
    "misspelt policy": Broken(
        "insurance",
        config(lambda c: step(c, "Memo", "policies").update(name="MemorizationPolicy")),
        "Rasa has no policy 'MemorizationPolicy'",
        "did you mean 'MemoizationPolicy'",
    ),
    "policy of Rasa 1": Broken(
        "insurance",
        config(lambda c: c["policies"].append({"name": "FormPolicy"})),
        "Rasa 3 no longer has FormPolicy",
        "use RulePolicy",
    ),
    "no RulePolicy": Broken(
        "insurance", config(lambda c: drop(c, "Rule", "policies")), "'claim_form' needs RulePolicy", "add RulePolicy"
    ),
    "policy's key": Broken(
        "concierge",
        config(lambda c: step(c, "TED", "policies").update(max_histroy=3)),
        "TEDPolicy has no key 'max_histroy'",
        "did you mean 'max_history'",
        "warning",
    ),
    "policy's featurizer": Broken(
        "concierge",
        config(lambda c: step(c, "TED", "policies").update(featurizer=[{"name": "FullDialogueFeaturizer"}])),
        "TEDPolicy cannot be created",
        "correct its keys",
    ),
    "fallback action": Broken(
        "insurance",
        config(lambda c: step(c, "Rule", "policies").update(core_fallback_action_name="action_sorry")),
        "'action_sorry'",
        "correct it",
    ),
    # Entities and slots
    "Duckling's dimensions": Broken(
        "insurance",
        config(lambda c: step(c, "Duckling").update(dimensions=["time", "email"])),
        "DucklingEntityExtractor outputs 'email'",
        "dimensions: [time]",
        "warning",
    ),
    "no such dimension": Broken(
        "insurance",
        config(lambda c: step(c, "Duckling").update(dimensions=["time", "phone_number"])),
        "Duckling has no dimension 'phone_number'",
        "did you mean 'phone-number'",
    ),
    "spaCy's entities": Broken(
        "concierge",
        config(lambda c: c["pipeline"].insert(5, {"name": "SpacyEntityExtractor"})),
        "SpacyEntityExtractor outputs 'GPE', 'PERSON'",
        "add it to the domain's entities, or leave it out",
        "warning",
    ),
    "annotated, not listed": Broken(
        "concierge",
        data("nlu.yml", lambda d: d["nlu"][3].update(examples="- at [nine](hours)\n- at [ten](hours)")),
        "annotates 'hours', which the domain does not list",
        "did you mean 'hour'",
    ),
    "slot of an unlisted entity": Broken(
        "concierge",
        domain(lambda d: d["slots"]["hour"]["mappings"][0].update(entity="our")),
        "The slot 'hour' is filled from the entity 'our'",
        "did you mean 'hour'",
    ),
    "mapping of an unlisted intent": Broken(
        "concierge",
        domain(lambda d: d["slots"]["hour"]["mappings"][0].update(intent=["gret", "bok"])),
        "The mappings of the slot 'hour' name the intents 'bok', 'gret'",
        "list them in the domain's intents",
    ),
    "slot of Rasa 2": Broken(
        "concierge", domain(lambda d: d["slots"]["hour"].pop("mappings")), "'mappings'", "rasa data migrate"
    ),
    "slot that nothing fills": Broken(
        "insurance",
        lambda folder: (
            config(lambda c: drop(c, "Duckling"))(folder),
            domain(
                lambda d: d["slots"].update(
                    when={"type": "any", "mappings": [{"type": "from_entity", "entity": "time"}]}
                )
            )(folder),
        ),
        "'time', which nothing in the pipeline outputs",
        "add a component that finds it",
        "warning",
    ),
    "annotations that nothing learns": Broken(
        "concierge",
        config(lambda c: (step(c, "DIET").update(entity_recognition=False), drop(c, "Greetings"))),
        "nothing in the pipeline learns them",
        "train: true",
    ),
    # Domain
    "domain's YAML": Broken(
        "insurance",
        file("domain.yml", lambda text: text.replace("intents:", "intents")),
        "domain.yml",
        "correct the file",
    ),
    "domain's form": Broken(
        "insurance",
        domain(lambda d: d["intents"].append(["greet"])),
        "Value '['greet']' is not a dict",
        "correct the file",
    ),
    "domain missing": Broken(
        "insurance", lambda folder: (folder / "domain.yml").unlink(), "There is no domain", "--domain"
    ),
    "type of a slot": Broken(
        "insurance", domain(lambda d: d["slots"]["city"].update(type="txt")), "txt", "correct the file"
    ),
    "slot of a form": Broken(
        "insurance",
        domain(lambda d: d["slots"].pop("city")),
        "The domain has no slot 'city' in form 'claim_form'",
        "add it to the domain's slots",
    ),
    "question of a form": Broken(
        "insurance",
        domain(lambda d: d["responses"].pop("utter_ask_city")),
        "has no question for its slot 'city'",
        "add utter_ask_city",
    ),
    "intent of a rule": Broken(
        "insurance",
        data(RULES, lambda d: d["rules"][0]["steps"][0].update(intent="greeting")),
        "use the intent 'greeting', which the domain does not list",
        "add it to the domain's intents",
    ),
    "response of a rule": Broken(
        "insurance",
        data(RULES, lambda d: d["rules"][2]["steps"][1].update(action="utter_defaults")),
        "use the response 'utter_defaults', which the domain does not have",
        "add it to the domain's responses",
    ),
    "action of a rule": Broken(
        "insurance",
        data(RULES, lambda d: d["rules"][4]["steps"][3].update(action="action_file")),
        "use the action 'action_file', which the domain does not list",
        "add it to the domain's actions",
    ),
    "form of a rule": Broken(
        "insurance",
        data(RULES, lambda d: d["rules"][3]["steps"][2].update(active_loop="claims_form")),
        "use the form 'claims_form'",
        "add it to the domain's forms",
    ),
    "slot of a story": Broken(
        "concierge",
        data("conversations.yml", lambda d: d["stories"][0]["steps"].append({"slot_was_set": [{"plaice": "here"}]})),
        "set the slot 'plaice'",
        "did you mean 'place'",
    ),
    "response listed as an action": Broken(
        "insurance",
        domain(lambda d: d["actions"].append("utter_goodbye")),
        "The domain lists the action 'utter_goodbye', but has no response",
        "add it to the domain's responses",
    ),
    "intent without examples": Broken(
        "insurance",
        domain(lambda d: d["intents"].append("cancel")),
        "The intent 'cancel' of the domain has no training examples",
        "add some",
        "warning",
    ),
    "retrieval intent without a response": Broken(
        "insurance",
        domain(lambda d: d["responses"].pop("utter_faq/cancel")),
        "'faq/cancel' has no response",
        "add utter_faq/cancel",
    ),
    "no selector": Broken(
        "insurance",
        config(lambda c: drop(c, "Selector")),
        "training a response selector, but",
        "add a ResponseSelector",
    ),
    "selector for nothing": Broken(
        "insurance",
        config(lambda c: step(c, "Selector").update(retrieval_intent="faqs")),
        "for the retrieval intent 'faqs'",
        "did you mean 'faq'",
    ),
    # Training data
    "data's YAML": Broken(
        "insurance",
        file("data/nlu/claims.yml", lambda text: text.replace("- intent: inform", " - intent: inform")),
        "claims.yml, line 10",
        "correct the file",
    ),
    "annotation's JSON": Broken(
        "insurance",
        file("data/nlu/claims.yml", lambda text: text.replace('"entity": "city",', '"entity": "city"')),
        "claims.yml",
        "correct the file",
    ),
    "key nobody knows": Broken(
        "insurance",
        file("data/nlu/chat.yml", lambda text: text.replace("nlu:", "nlus:")),
        "Rasa ignores the key 'nlus'",
        "did you mean 'nlu'",
        "warning",
    ),
    "no data": Broken(
        "concierge",
        lambda folder: [path.unlink() for path in (folder / "data").iterdir()],
        "There is no training data in",
        "--data",
    ),
    "Markdown": Broken(
        "concierge",
        lambda folder: (folder / "data" / "old.md").write_text("## intent:greet\n- hello\n"),
        "it no longer reads Markdown",
        "YAML",
        "warning",
    ),
    "one example, two intents": Broken(
        "concierge",
        data("nlu.yml", lambda d: d["nlu"][4].update(examples="- bye\n- good bye\n- hello")),
        "The example 'hello' is listed under more than one intent",
        "leave it under one",
        "warning",
    ),
    # Stories
    "rules that contradict": Broken(
        "insurance",
        data(
            RULES,
            lambda d: d["rules"].append(
                {"rule": "other greeting", "steps": [{"intent": "greet"}, {"action": "utter_default"}]}
            ),
        ),
        "contradicts the rule",
        "make both do the same",
    ),
    "stories that contradict": Broken(
        "concierge",
        data(
            "conversations.yml",
            lambda d: d["stories"].append({"story": "curt", "steps": [{"intent": "greet"}, {"action": "utter_bye"}]}),
        ),
        "Stories differ after",
        "make them differ",
        "warning",
    ),
    # Actions and services
    "action without code": Broken(
        "insurance",
        file("actions/actions.py", lambda text: text.replace("action_file_claim", "action_file_claims")),
        "No class in actions has the name 'action_file_claim'",
        "'action_file_claims'",
    ),
    "actions' syntax": Broken(
        "insurance",
        file("actions/actions.py", lambda text: text.replace("def run(self,", "def run(self")),
        "actions/actions.py, line",
        "action server",
    ),
    "Duckling silent": Broken(
        "insurance",
        config(lambda c: step(c, "Duckling").update(url="http://127.0.0.1:9")),
        "Duckling at http://127.0.0.1:9 does not answer",
        "docker run",
    ),
    "Duckling without an address": Broken(
        "insurance", config(lambda c: step(c, "Duckling").pop("url")), "has no 'url'", "set url"
    ),
    "tracker store silent": Broken(
        "insurance",
        endpoints(lambda e: e.update(tracker_store={"type": "mongod", "url": "mongodb://127.0.0.1:9", "db": "rasa"})),
        "nothing answers at 127.0.0.1:9, where the tracker_store",
        "start it",
    ),
    "tracker store's type": Broken(
        "insurance",
        endpoints(lambda e: e.update(tracker_store={"type": "mongodb", "url": "mongodb://127.0.0.1:9"})),
        "there is no tracker_store of the type 'mongodb'",
        "did you mean 'mongod'",
    ),
    "tracker store's package": Broken(
        "concierge",
        endpoints(lambda e: e["tracker_store"].update(dialect="mssql+pymssql", url="127.0.0.1", db="rasa")),
        "the tracker_store needs the package 'pymssql'",
        "pip install pymssql",
    ),
    "variable that is not set": Broken(
        "concierge",
        endpoints(lambda e: e["tracker_store"].update(password="${NO_SUCH_VARIABLE_HERE}")),
        "endpoints.yml uses ${NO_SUCH_VARIABLE_HERE}, which is not set",
        "export NO_SUCH_VARIABLE_HERE",
    ),
    "variable in the pipeline": Broken(
        "insurance",
        config(lambda c: step(c, "DIET").update(epochs="${NO_SUCH_VARIABLE_HERE}")),
        "The config uses ${NO_SUCH_VARIABLE_HERE}, which is not set",
        "export NO_SUCH_VARIABLE_HERE",
    ),
    "no actions": Broken(
        "insurance",
        lambda folder: (shutil.rmtree(folder / "actions"), (folder / "endpoints.yml").write_text("")),
        "lists 'action_file_claim', but there is neither",
        "action_endpoint",
        "warning",
    ),
    "number for a mapping": Broken(
        "concierge",
        config(lambda c: step(c, "TED", "policies").update(number_of_transformer_layers=1)),
        "TEDPolicy: number_of_transformer_layers is 1, which is not a mapping",
        "correct it",
    ),
    "lock store silent": Broken(
        "insurance",
        endpoints(lambda e: e.update(lock_store={"type": "redis", "url": "127.0.0.1", "port": 9})),
        "where the lock_store should be",
        "start it",
    ),
    "broker's class": Broken(
        "concierge",
        endpoints(lambda e: e.update(event_broker={"type": "parts.broker.Broker"})),
        "the event_broker 'parts.broker.Broker' cannot be imported",
        "correct the type",
    ),
    "channel's name": Broken(
        "insurance", credentials(lambda c: c.update(socketi=c.pop("socketio"))), "no channel 'socketi'", "'socketio'"
    ),
    "channel's keys": Broken(
        "concierge", credentials(lambda c: c["parts.desk.Desk"].pop("room")), "The channel parts.desk.Desk", "its keys"
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named_once_with_the_remedy(name: str, project: Callable[[str], Path]) -> None:
    broken = BROKEN[name]
    folder = project(broken.project)
    broken.how(folder)
    findings = found(folder)
    assert len(findings) == 1, findings
    (finding,) = findings
    assert broken.what in finding.what
    assert broken.fix in finding.fix
    assert finding.level == broken.level


@pytest.mark.parametrize("name", ["concierge", "insurance", "moodbot"])
def test_nothing_is_said_of_what_works(name: str, project: Callable[[str], Path]) -> None:
    assert found(project(name)) == []


def test_a_question_that_the_forms_own_action_may_ask_is_only_a_note(project: Callable[[str], Path]) -> None:
    folder = project("insurance")
    domain(lambda d: (d["responses"].pop("utter_ask_city"), d["actions"].append("validate_claim_form")))(folder)
    (finding,) = [one for one in examine(Project.at(folder)) if "slot 'city', so validate_claim_form has" in one.what]
    assert finding.level == "note"


def test_one_mistake_does_not_hide_another(project: Callable[[str], Path]) -> None:
    folder = project("concierge")
    names = (
        "spaCy model",
        "create fails",
        "unknown key",
        "policy's key",
        "question of a form",
        "annotated, not listed",
        "broker's class",
        "channel's keys",
        "stories that contradict",
    )
    together = [BROKEN[name] for name in names if BROKEN[name].project == "concierge"]
    for broken in together:
        broken.how(folder)
    findings = found(folder)
    for broken in together:
        assert any(broken.what in finding.what for finding in findings), broken.what
    assert len(findings) == len(together)


def test_nothing_is_written_into_the_project_and_nothing_of_it_stays_in_the_process(
    project: Callable[[str], Path],
) -> None:
    folder = project("concierge")
    before, environment = sorted(str(path) for path in folder.rglob("*")), dict(os.environ)
    found(folder)
    assert sorted(str(path) for path in folder.rglob("*")) == before
    assert dict(os.environ) == environment
    assert not [name for name in sys.modules if name.partition(".")[0] == "parts"]
