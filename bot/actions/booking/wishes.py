"""How guests show what they want of a booking: to change it, to begin again, another time, and what is no answer."""

from __future__ import annotations

import re

# Intents that answer no question of the form: Rasa's rules answer them, then the form asks again.
INTERRUPTING = frozenset(
    {
        "ask_hours", "ask_menu", "ask_allergens", "ask_directions", "ask_contact", "ask_robot", "ask_how_are_you",
        "ask_help", "repeat", "greet", "thank", "out_of_scope", "nlu_fallback", "praise", "complaint",
        "foreign_language", "several_questions", "ask_other", "emergency",
    }
)  # fmt: skip
NEVER_AN_ANSWER = frozenset(
    {
        "ask_hours",
        "ask_menu",
        "ask_allergens",
        "ask_directions",
        "repeat",
        "several_questions",
        "ask_other",
        "ask_contact",
        "emergency",
    }
)
CHANGE_WORDS = re.compile(r"\b(?:change|move|make (?:it|that)|reschedule|instead|actually|meant)\b")
# A booking that there is already: "we have a table with you", unlike "have you got a table for five".
EXISTING = re.compile(
    r"\b(?:booking|reservation|booked|reserved)\b(?! for (?:a table|\w+ people)\b)|\b(?:our|my) table\b"
    r"|(?<!could )(?<!can )(?<!may )(?<!might )\b(?:we|i)(?: have|'ve| should have)(?: got)? a table\b",
    re.I,
)
HAS_ONE = re.compile(
    r"(?<!could )(?<!can )(?<!may )(?<!might )\b(?:we|i)(?: have|'ve)(?: got)? (?:a|the|our|my) (?:\w+ )?"
    r"(?:table|booking|reservation)\b(?! to make)|\b(?:our|my) (?:table|booking|reservation)\b"
    r"|\b(?:we|i)(?:'ve| have)? (?:booked|reserved)\b",
    re.I,
)
WANTS_ONE = re.compile(
    r"\b(?:book|reserve|put) (?:us|me)\b|\b(?:can|could|may) (?:i|we) (?:book|reserve|have a table)\b", re.I
)
CANCEL_WORDS = re.compile(
    r"\b(?:cancel\w*|cancle|call(?:ed)? off|can't|won't|don't|couldn't|not|give|drop|delete|remove|scrap|take (?:us|"
    r"me|it|our)|off|back|"
    r"unable)\b",
    re.I,
)
START_OVER = re.compile(r"\b(?:start (?:over|again|afresh)|from (?:the )?(?:beginning|top|start|scratch))\b", re.I)
# A wish to change something that does not say to what: "a bit later", "another day", "the name is wrong".
TO_ANOTHER = re.compile(
    r"\bto (?!(?:make|change|move|be|come|have|book|cancel|get|do|let|add|ask|say|see|know|push|bring|shift)\b)\w", re.I
)
NOT_THEN = re.compile(r"\b(?:not|isn't|can't|cannot|won't|doesn't|no good|unable|impossible)\b(?! change)", re.I)
VAGUE = {
    "time": re.compile(r"\b(?:later|earlier|(?:another|different|other) (?:time|hour)|too (?:late|early))\b", re.I),
    "date": re.compile(r"\b(?:another|different|other) (?:day|date|evening|night)\b", re.I),
}
# A yes to "Shall I change it to that?" that says so in the same words.
AGREES_TO_CHANGE = re.compile(
    r"\W*(?:(?:yes|yeah|yep|sure|okay|ok|right|fine|please|do|that's right|lovely|perfect|go ahead and|you can|"
    r"just|and)\W+)*"
    r"(?:change|move|switch|make) (?:it|that|the (?:booking|table|reservation))(?: to that| then| over)?"
    r"(?:\W+(?:please|thanks|thank you|yes))*\W*",
    re.I,
)
# A time that is left to the house, or to a part of the day in which tables may or may not begin.
LEAVES_OPEN = re.compile(
    r"\b(?:any ?time|whenever|whatever|any (?:hour|slot)|afternoon|evening|morning|night|lunch ?time|lunch|"
    r"dinner ?time|dinner|"
    r"don't (?:mind|care)|doesn't matter|not fussy|flexible|you (?:choose|decide|pick|tell me)|up to you|early|late|"
    r"what(?:ever)? (?:have you got|do you have|times?)|earliest|latest|soon|after work|easy)\b",
    re.I,
)
MOVE_WORDS = re.compile(r"\b(?:change|move|reschedule|postpone|push|switch|shift|another (?:day|time)) ?\b", re.I)
# A yes to "Shall I cancel it?" in whatever words: "that's right, take it off", "I don't want another day, just cancel".
CANCELS = re.compile(
    r"(?<!don't )(?<!not )(?<!n't )\b(?:cancel|take (?:it|us|that|them|me) (?:off|out)|remove|scrap|drop|delete|"
    r"get rid|call it off|let it go|"
    r"give it (?:up|away|back))\b",
    re.I,
)
NOT_CANCEL = re.compile(r"\b(?:not|don't|didn't|no)(?: \w+){0,3} cancel", re.I)
PART_NAMES = {
    "date": r"\b(?:day|date)\b",
    "time": r"\b(?:time|hour)\b",
    "party_size": r"\b(?:people|persons|guests|number|size|party)\b",
    "name": r"\bname\b",
}
# What turns a question about what was noted into another value: "what did I say, two? No, let's say five".
REVISES = re.compile(
    r"\b(?:let's say|make (?:it|that)|more like|i meant|i mean|instead|rather|no wait|should be|i want|i need|"
    r"we want|"
    r"we need)\b",
    re.I,
)
