from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from convai_rasa.project.compare.figures import Aspect, Changed, Comparison, Figures
from convai_rasa.project.compare.html_page import as_html
from convai_rasa.project.compare.report import as_text

OLD = Figures(0.9, 0.8, 0.1, 0.7, {"city": 0.7}, None, 0.5, 60.2, 4.0, 800.0)
NEW = Figures(0.95, 0.93, 0.05, 0.72, {"city": 0.72}, None, 0.8, 20.2, 6.0, 600.0)
GOOD = Comparison(
    OLD,
    NEW,
    [Aspect("intents", better=20, worse=3)],
    better=[Changed("is it <b>open</b>?", "hours", "fallback (hours 0.30)", "hours 0.80")],
    worse=[],
    asked=100,
    trained_on=400,
    rounds=2,
    left_out=["2 of 5 rounds fitted into 10 minutes; more: --minutes."],
)
BAD = replace(GOOD, aspects=[Aspect("intents", better=3, worse=20)])


def test_the_table_says_both_and_the_difference() -> None:
    text = as_text(GOOD, old="config.yml", new="new.yml")
    assert re.search(r"after fallback +0\.800 +0\.930 +\+0\.130", text)
    assert re.search(r"a message, processor ms +4\.0 +6\.0 +× 1\.50", text)
    assert "responses" not in text  # there are none in the data
    assert "2 of 5 rounds fitted" in text


def test_it_recommends_what_gets_better_and_advises_against_what_gets_worse() -> None:
    assert "new.yml is recommended" in as_text(GOOD, old="config.yml", new="new.yml")
    assert "A message costs 1.5 times the processor time." in as_text(GOOD, old="config.yml", new="new.yml")
    advice = as_text(BAD, old="config.yml", new="new.yml")
    assert "Worse: intents (3 messages for the better, 20 for the worse)." in advice
    assert "new.yml is not recommended" in advice


def test_the_json_has_the_promised_keys() -> None:
    content = json.loads(json.dumps(GOOD.as_json()))
    promised = {"intent_accuracy", "after_fallback", "fallback_rate", "entity_f1", "train_cpu_s", "parse_cpu_ms"}
    assert promised <= content["before"].keys()
    assert content["before"].keys() == content["after"].keys()
    assert content["recommended"] is True
    assert BAD.as_json()["recommended"] is False


@pytest.mark.slow  # it draws
def test_the_page_needs_no_network_and_quotes_what_messages_say() -> None:
    page = as_html(GOOD, old="config.yml", new="new.yml")
    assert "is it &lt;b&gt;open&lt;/b&gt;?" in page
    assert page.count("<svg") == 3
    assert not re.search(r"(src|href)=[\"']https?:", page)
    assert "prefers-color-scheme: dark" in page
    assert 'class="verdict"' in page
    assert 'class="verdict no"' in as_html(BAD, old="config.yml", new="new.yml")
