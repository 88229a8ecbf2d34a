from __future__ import annotations

from convai_rasa.voice.mouth.fixed import fixed_texts


def test_texts_are_those_the_voice_is_given() -> None:
    responses = {
        "utter_hello": [{"text": "Hello!"}, {"text": "Hi there. "}],
        "utter_again": [{"text": "Hello!"}],
        "utter_ask": [{"text": "Inside?", "buttons": [{"title": "Yes"}, {"title": "No"}]}],
        "utter_name": [{"text": "Thank you, {name}."}, {"text": "Thank you { for nothing"}],
        "utter_picture": [{"image": "menu.png"}, {"text": " "}, {"custom": {"a": 1}}],
        "utter_phone": [{"text": "On a phone.", "channel": "phone"}],
    }
    assert fixed_texts(responses) == [
        "Hello!",
        "Hi there.",
        "Inside?\nYou can say: Yes or No.",
        "Thank you { for nothing",
    ]
    assert "Inside?" in fixed_texts(responses, say_buttons=False)
    assert fixed_texts(responses, channel="phone")[0] == "On a phone."


def test_variants_for_the_channel_come_first_and_alone() -> None:
    own = {"text": "Aloud.", "channel": "voice"}
    common = {"text": "Written."}
    conditional = {"text": "Aloud, if known.", "channel": "voice", "condition": [{"type": "slot"}]}
    assert fixed_texts({"utter_other": [{"text": "Other."}], "utter": [common, own]}) == ["Aloud.", "Other."]
    assert fixed_texts({"utter": [common, own, conditional]}) == ["Aloud.", "Aloud, if known."]
    assert fixed_texts({"utter": [common, conditional]}) == ["Aloud, if known.", "Written."]
