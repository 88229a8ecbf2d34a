from __future__ import annotations

import pytest

from convai_rasa.tts import normalise, with_buttons

pytestmark = pytest.mark.needs("num2words")


@pytest.mark.parametrize(
    ("text", "titles", "said"),
    [
        ("Inside?", ["Yes"], "Inside?\nYou can say: Yes."),
        ("Inside or outside", ["Inside", "Outside"], "Inside or outside.\nYou can say: Inside or Outside."),
        ("Which?", ["Soup", "Fish", "Cake!"], "Which?\nYou can say: Soup, Fish or Cake!"),
        ("", ["Yes", "No"], "You can say: Yes or No."),
        ("Rate us.", ["👍", "👎", " "], "Rate us."),
        ("Rate us.", ["👍 Good", "👎 Bad"], "Rate us.\nYou can say: Good or Bad."),
        ("At what time?", ["7pm", "8:30 pm"], "At what time?\nYou can say: seven P M or eight thirty P M."),
        ("Hello.", [], "Hello."),
        ("", [], ""),
    ],
)
def test_titles_are_offered_in_words(text: str, titles: list[str], said: str) -> None:
    assert normalise(with_buttons(text, titles)) == said


def test_languages_have_their_own_words_and_others_list_the_titles() -> None:
    assert with_buttons("Drinnen?", ["Ja", "Nein"], "de-DE") == "Drinnen?\nSie können sagen: Ja oder Nein."
    assert with_buttons("Inne?", ["Ja", "Nej"], "sv") == "Inne?\nJa, Nej."
