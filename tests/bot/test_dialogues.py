"""Whole conversations with the trained bot, in text: what its guests may say next, and what they must hear."""

from __future__ import annotations

import json
import re
import uuid
from urllib.request import Request, urlopen

import pytest

from convai_rasa.launch import RunningBot

pytestmark = pytest.mark.e2e

# Each turn: what is said, and patterns that the answer has to match; one that begins with "!" must not. The bot
# believes that it is Tuesday the 24th of November 2026, three in the afternoon.
DIALOGUES: dict[str, list[tuple[str, ...]]] = {
    "an allergy in passing": [
        ("I'd like to book a table for tomorrow at eight", "how many"),
        ("four people, and one of us is allergic to nuts", "noted the nut allergy", "name"),
        ("Marta", "nut allergy", "shall I book it"),
        ("yes", "booked", "nut allergy"),
        ("what's my booking?", "4 people", "8 in the evening", "Marta", "nut allergy"),
    ],
    "corrections": [
        ("a table for two next Friday", "time"),
        ("no wait, Saturday instead", "^Saturday the 5th of December, then", "time"),
        ("at seven oh five", "name"),
        ("what have you got so far?", "2 people", "5th of December", "7:05", "name"),
        ("actually make that five people", "^Five people, then", "name"),
        ("Hannah", "Hannah"),
        ("sorry, I meant Anna", "^Anna, then", "shall I book it"),
    ],
    "safety": [
        ("is the chocolate cake safe for someone with a nut allergy?", "^No, the chocolate cake contains nuts"),
        ("can someone with a shellfish allergy eat the garlic prawns?", "^No, the garlic prawns contain shellfish"),
        ("is the chickpea curry nut free?", "^Yes.* made without nuts"),
        ("is the tomato soup ok for a vegan?", "^No, .*not vegan", "!dollars"),
        ("is the pad thai safe for a nut allergy?", "don't know", "ask the kitchen"),
        ("yes please", "kitchen", "phone"),
        ("555 0199", "kitchen will call you back"),
    ],
    "two questions": [("do you have parking and what does the risotto cost?", "car park", "16[.]50")],
    "a question before a booking": [
        ("Do you have parking? I'd like to book a table for two.", "car park", "which day")
    ],
    "a question beside the yes": [
        ("a table for four tomorrow at eight, my name is Peter", "shall I book"),
        ("Yes. And do you have parking?", "car park", "it's booked"),
    ],
    "stop, and a question": [
        ("book a table for two tomorrow", "time"),
        ("Stop. What desserts do you have?", "chocolate cake", "time"),
        ("never mind", "haven't booked"),
    ],
    "another language": [
        ("Guten Abend, ich möchte einen Tisch für vier Personen reservieren", "only speak English"),
        ("book a table for two", "which day"),
        ("¿Tienen algo sin gluten?", "only speak English", "which day"),
    ],
    "a doubtful complaint in a booking": [
        ("book a table for two tomorrow", "time"),
        ("what about the nuts?", "nuts", "time", "!manager right away"),
    ],
    "a complaint": [
        ("The soup was cold and the waiter was rude.", "sorry", "manager", "!name"),
        ("Yes, please.", "manager right away", "name"),
        ("Peter Brown, five five five, double one two four", "call you back"),
    ],
    "canceling": [
        ("a table for two tomorrow at seven, my name is Lee", "shall I book"),
        ("yes", "booked"),
        ("please cancel my booking", "shall I cancel"),
        ("no", "stays"),
    ],
    "it and what was noted": [
        ("I have a nut allergy", "noted the nut allergy", "without nuts"),
        ("can I have the chocolate cake?", "contains nuts"),
        ("what does the risotto cost?", "16[.]50"),
        ("is it vegan?", "^No, the mushroom risotto is not vegan"),
    ],
}


def answers(bot: RunningBot, sender: str, said: str) -> str:
    body = json.dumps({"sender": sender, "message": said}).encode()
    request = Request(f"{bot.server}/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as response:
        return " ".join(message.get("text", "") for message in json.load(response))


@pytest.mark.parametrize("name", DIALOGUES)
def test_a_conversation_goes_as_a_guest_expects(running_bot: RunningBot, name: str) -> None:
    sender = uuid.uuid4().hex
    for said, *expected in DIALOGUES[name]:
        answer = answers(running_bot, sender, said)
        for pattern in expected:
            found = re.search(pattern.removeprefix("!"), answer, re.I | re.S)
            assert bool(found) != pattern.startswith("!"), (said, answer, pattern)
