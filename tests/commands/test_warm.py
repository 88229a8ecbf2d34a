from __future__ import annotations

import re
from pathlib import Path

import pytest

from convai_rasa.cli import main
from convai_rasa.commands.warm import read_responses
from convai_rasa.errors import ConfigurationError

DOMAIN = """
responses:
  utter_hello:
  - text: Hello there.
  utter_ask:
  - text: Inside or outside?
    buttons: [{title: Inside, payload: /in}, {title: Outside, payload: /out}]
  - {text: "Aloud: inside, or outside?", channel: voice}
  utter_name:
  - text: Hello, {name}.
"""
CREDENTIALS = (
    "convai_rasa.voice.VoiceInput:\n  tts: {engine: tiny, model: tiny, cache: {folder: sounds, memory_mb: 1}}\n"
)


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plugin = Path(__file__).parents[1] / "contracts" / "plugin"
    monkeypatch.syspath_prepend(str(plugin))
    monkeypatch.chdir(tmp_path)  # the command goes to the bot's folder
    folder = tmp_path / "bot"
    folder.mkdir()
    (folder / "domain.yml").write_text(DOMAIN)
    (folder / "credentials.yml").write_text(CREDENTIALS)
    return folder


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


@pytest.mark.processes
def test_fixed_replies_are_made_once(bot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("num2words")
    assert main(["warm", "--bot", "bot"]) == 0
    assert "2 fixed replies, 2 sentences new" in said(capsys)
    sounds = sorted((bot / "sounds").rglob("*.pcm"))
    assert len(sounds) == 2
    assert main(["warm", "--bot", str(bot)]) == 0
    assert "2 fixed replies, 0 sentences new" in said(capsys)
    assert sorted((bot / "sounds").rglob("*.pcm")) == sounds


@pytest.mark.processes
def test_a_reply_that_fails_is_named_and_the_others_are_made(bot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("num2words")
    (bot / "domain.yml").write_text(DOMAIN.replace("Hello there.", "please fail now"))
    assert main(["warm", "--bot", str(bot)]) == 1
    assert re.search(r"1 of 2 replies could not be spoken: 'please fail now': .*cannot be spoken", said(capsys))
    assert len(list((bot / "sounds").rglob("*.pcm"))) == 1


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("domain.yml", None, "There is no domain in .*; give the project's folder"),
        ("domain.yml", "responses: [", "domain.yml, line 1.* is not valid YAML"),
        ("credentials.yml", None, "does not list convai_rasa.voice.VoiceInput; add it with: convai add"),
        ("credentials.yml", "rest:\n", "does not list convai_rasa.voice.VoiceInput"),
        ("credentials.yml", CREDENTIALS.replace("tiny,", "tinny,", 1), "There is no engine 'tinny'"),
        ("credentials.yml", CREDENTIALS.replace("{folder: sounds, memory_mb: 1}", "false"), "tts.cache is false"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(
    bot: Path, capsys: pytest.CaptureFixture[str], file: str, content: str | None, sentence: str
) -> None:
    if content is None:
        (bot / file).unlink()
    else:
        (bot / file).write_text(content)
    assert main(["warm", "--bot", str(bot)]) == 1
    assert re.search(sentence, said(capsys))


def test_a_domain_may_be_a_folder_and_its_variants_lone_texts(tmp_path: Path) -> None:
    domain = tmp_path / "domain" / "more"
    domain.mkdir(parents=True)
    (domain.parent / "a.yml").write_text("responses:\n  utter_a: [A.]\nslots: {}\n")
    (domain / "b.yaml").write_text("responses:\n  utter_b: [{text: B.}]\n  utter_c:\n")
    (domain.parent / "c.yml").write_text("intents: [x]\n")
    assert read_responses(tmp_path) == {"utter_a": [{"text": "A."}], "utter_b": [{"text": "B."}], "utter_c": []}
    with pytest.raises(ConfigurationError, match="There is no domain"):
        read_responses(tmp_path, tmp_path / "elsewhere.yml")
