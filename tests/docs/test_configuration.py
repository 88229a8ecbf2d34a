"""Every YAML block in the documentation is one that Rasa and this package accept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from snippets import PAGES, ROOT, Snippet, languages, snippets

from convai_rasa.nlu.entities.extractor import EntityOptions
from convai_rasa.nlu.intents.classifier import IntentOptions
from convai_rasa.nlu.sentiment.component import SentimentOptions
from convai_rasa.nlu.vocabulary.component import SpokenValueOptions, VocabularyOptions
from convai_rasa.nlu.voice_confidence import VoiceConfidenceOptions
from convai_rasa.options import parse_options
from convai_rasa.project.change.voice_channel import CHANNEL
from convai_rasa.project.checks.understanding import check_pipeline
from convai_rasa.project.checks.voice import check_credentials
from convai_rasa.project.findings import Finding
from convai_rasa.store.catalogue import Source
from convai_rasa.store.sources.coqui_releases import Coqui
from convai_rasa.store.sources.https import Https
from convai_rasa.store.sources.hugging_face import HuggingFace
from convai_rasa.store.sources.spacy_release import SpacyRelease

pytestmark = pytest.mark.rasa

COMPONENT_PAGES = {
    "intent_classifier": IntentOptions,
    "entity_extractor": EntityOptions,
    "sentiment": SentimentOptions,
    "spoken_value_mapper": SpokenValueOptions,
    "vocabulary": VocabularyOptions,
    "voice_confidence": VoiceConfidenceOptions,
}
SOURCES = {
    "Hugging Face hub": HuggingFace,
    "Coqui's releases": Coqui,
    "spaCy releases": SpacyRelease,
    "https": Https,
}
TRAINING_DATA = {"nlu", "rules", "stories"}
DOMAIN = {"intents", "entities", "slots", "responses", "actions", "forms", "session_config"}


def bad(findings: Any) -> list[Finding]:
    return [finding for finding in findings if finding.level in ("warning", "error")]


def check_config(content: dict[str, Any]) -> None:
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.engine.validation import validate
    from rasa.shared.data import TrainingType

    assert bad(check_pipeline(content)) == []
    config = {"recipe": "default.v1", "language": "en", "policies": [{"name": "RulePolicy"}], **content}
    validate(DefaultV1Recipe().graph_config_for_recipe(config, {}, TrainingType.BOTH, False))


def check_domain(content: dict[str, Any], code: str) -> None:
    from rasa.shared.core.domain import Domain

    assert set(content) <= DOMAIN | {"version"}
    Domain.from_yaml(code)


def check_training_data(content: dict[str, Any], code: str) -> None:
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
    from rasa.shared.nlu.training_data.formats import RasaYAMLReader

    assert set(content) <= TRAINING_DATA | {"version"}
    if "nlu" in content:
        assert RasaYAMLReader().reads(code).training_examples
    if content.keys() & {"rules", "stories"}:
        assert YAMLStoryReader(Domain.empty()).read_from_parsed_yaml(content)


@pytest.mark.models  # what a page configures has to be installed
@pytest.mark.parametrize("snippet", snippets("yaml", "yml"), ids=str)
def test_it_is_accepted(snippet: Snippet) -> None:
    content = yaml.safe_load(snippet.code)
    if isinstance(content, list):  # steps out of a pipeline
        content = {"pipeline": content}
    if "pipeline" in content:
        check_config(content)
    elif CHANNEL in content:
        assert bad(check_credentials(content)) == []
    elif content.keys() & TRAINING_DATA:
        check_training_data(content, snippet.code)
    elif content.keys() & DOMAIN:
        check_domain(content, snippet.code)
    elif content.keys() == {"sources"}:  # of a model in the catalogue
        for source in content["sources"]:
            assert parse_options(Source, source, where=str(snippet)).kind
    else:
        assert content.keys() <= {"action_endpoint", "rest"}, "say here how this kind of file is checked"


def test_no_block_is_of_a_kind_that_nothing_checks() -> None:
    assert languages() <= {"", "bash", "python", "yaml", "json", "text"}


@pytest.mark.parametrize("page", COMPONENT_PAGES)
def test_every_key_of_a_component_is_in_its_table(page: str) -> None:
    text = (ROOT / "docs" / "components" / f"{page}.md").read_text(encoding="utf-8")
    keys = text.partition("| key |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \|", keys, re.MULTILINE)
    assert sorted(rows) == sorted(COMPONENT_PAGES[page].__fields__)


@pytest.mark.parametrize("section", SOURCES)
def test_every_key_of_a_source_is_in_its_table(section: str) -> None:
    text = (ROOT / "docs" / "model-sources.md").read_text(encoding="utf-8")
    keys = text.partition(f"\n## {section}\n")[2].partition("| key |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \|", keys, re.MULTILINE)
    assert sorted(rows) == sorted(field.alias for field in SOURCES[section].__fields__.values())


def test_every_link_to_a_file_leads_to_one() -> None:
    for path in PAGES:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are called in links, as GitHub names them."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S), re.M
    )
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def test_every_link_to_a_heading_leads_to_one() -> None:
    for path in PAGES:
        for page, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", path.read_text(encoding="utf-8")):
            assert anchor in anchors(path.parent / page if page else path), f"{path.name} links to {page}#{anchor}"
