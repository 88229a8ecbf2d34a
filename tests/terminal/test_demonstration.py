from __future__ import annotations

import re
import wave
from pathlib import Path

import pytest

from convai_rasa.errors import ConfigurationError
from convai_rasa.launch import RunningBot
from convai_rasa.terminal import hold_demo, read_questions
from convai_rasa.tts import SharedVoice


def test_questions_are_lines_that_are_neither_empty_nor_comments(tmp_path: Path) -> None:
    file = tmp_path / "demo.txt"
    file.write_text("# what to ask\n\nWhen are you open?\n  Thank you. \n")
    assert read_questions(file) == ["When are you open?", "Thank you."]


@pytest.mark.parametrize("content", [None, "# nothing\n"])
def test_without_a_question_the_demo_says_where_to_write_one(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "demo.txt"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigurationError, match=r"demo\.txt .* line"):
        read_questions(file)


@pytest.mark.e2e
def test_the_demo_shows_what_was_heard_understood_and_answered(
    running_bot: RunningBot, voice: SharedVoice, tmp_path: Path
) -> None:
    lines: list[str] = []
    # without a comma inside: the voice makes each pause a little different, and after "no" a turn may well be over
    questions = ["I would like to book a table for two.", "Are you open on Sunday?"]
    hold_demo(running_bot.server, running_bot.url, questions, voice, tmp_path, lines.append)
    report = "\n".join(lines)
    # the voice says it a little differently each time, so single words may be heard as others ("two", "2")
    heard = [line.lower() for line in lines if line.startswith("Heard")]
    assert len(heard) == 2
    assert "book a table" in heard[0]
    assert "sunday" in heard[1]
    assert report.count("Understood  ") == 2
    assert "Understood  nothing" not in report
    waited = [int(milliseconds) for milliseconds in re.findall(r"Times \(ms\)  endpoint (\d+)", report)]
    assert len(waited) == 2
    assert all(milliseconds > 0 for milliseconds in waited)
    for number in (1, 2):
        with wave.open(str(tmp_path / f"{number:02}.wav")) as answer:
            assert answer.getnframes() > answer.getframerate() / 2
