"""How guests show what they want of a booking: to change it, to begin again, another time, and what is no answer."""

from __future__ import annotations

import re

from ..hearing.notes import is_question

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


def interrupts(intent: str | None) -> bool:
    """Say whether a turn with this intent answers no question of the form."""
    return intent in INTERRUPTING


CHANGE_WORDS = re.compile(r"\b(?:change|move|make (?:it|that)|reschedule|instead|actually|meant)\b")
# A booking that there is already: "we have a table with you", unlike "have you got a table for five".
EXISTING = re.compile(
    r"\b(?:booking|reservation|booked|reserved)\b(?! for (?:a table|\w+ people)\b)|\b(?:our|my) table\b"
    r"|(?<!could )(?<!can )(?<!may )(?<!might )\b(?:we|i)(?: have|'ve| should have)(?: got)? a table\b",
    re.I,
)
HAS_ONE = re.compile(
    r"(?<!could )(?<!can )(?<!may )(?<!might )\b(?:we|i)(?: have|'ve)(?: already)?(?: got)?(?: already)? (?:a|"
    r"the|our|my) (?:\w+ )?"
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
# A table that may be given up, and may not: "we might have to cancel", "there's a chance we won't come".
UNDECIDED = re.compile(
    r"\b(?:might|may) (?:well )?(?:have to|need to|not|be)\b|\b(?:a|some|every|good) chance\b|\b(?:perhaps|"
    r"maybe|possible) "
    r"(?:that )?(?:we|i)\b|\b(?:don't|do not|won't|not) (?:really )?(?:know|sure)(?: yet| for sure)? (?:yet|if|"
    r"whether|until)\b"
    r"|\bwhat (?:if|happens (?:if|when))\b|\bwould there be\b|\bin case (?:we|i)\b",
    re.I,
)
# What is dropped that is neither the table nor everything: "never mind the window".
ONLY_A_DETAIL = re.compile(
    r"\b(?:never ?mind|forget|skip|scrap|leave|drop|ignore) (?:about )?(?:the|that|my|our|those) "
    r"(?!(?:whole |entire )?(?:table|booking|reservation|thing|lot|idea|time|day|date|name|number)\b)[a-z]+\b",
    re.I,
)
# A statement that asks for a yes: "that's the third, isn't it".
TAG = re.compile(
    r"\b(?:isn't|wasn't|aren't|doesn't|didn't|won't|innit|haven't|hasn't) ?(?:it|that|we|you|i)?\W*$|"
    r",? (?:right|correct|yeah|yes)\?$",
    re.I,
)
START_OVER = re.compile(r"\b(?:start (?:over|again|afresh)|from (?:the )?(?:beginning|top|start|scratch))\b", re.I)
# A wish to change something that does not say to what: "a bit later", "another day", "the name is wrong".
TO_ANOTHER = re.compile(
    r"\bto (?!(?:make|change|move|be|come|have|book|cancel|get|do|let|add|ask|say|see|know|push|bring|shift)\b)\w", re.I
)
NOT_THEN = re.compile(r"\b(?:not|isn't|can't|cannot|won't|doesn't|no good|unable|impossible)\b(?! change)", re.I)
# What is noted is said again, and what it is not: "that's quarter to, mind you, not quarter past".
THIS_NOT_THAT = re.compile(r"^\W*(?:\w+ )?(?:that's|it's|i said|i want|yes)\b (?!not\b).*\bnot\b", re.I)
LATER_OR_ANOTHER = {
    "time": re.compile(
        r"\b(?:later|earlier|more (?:late|early)|sooner|(?:another|different|other) (?:time|hour)|"
        r"too (?:late|early))\b",
        re.I,
    ),
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
# A table that was to be canceled is kept: "he's saying we can still make it", "we're coming after all".
_KEEPS = re.compile(
    r"\b(?:can|could|will|'ll|are|'re|is|'s|am|'m) (?:still |now |actually |both |all )*(?:make it|come|coming|"
    r"be there|there)\b(?!.*\banother (?:time|day|night)\b)"
    r"|\bstill (?:coming|on|want|need)\b|\bkeep (?:it|that|the|our|my)\b|\b(?:leave|hold) (?:it|the (?:table|"
    r"booking)) (?:as|in|for|on)\b",
    re.I,
)
_NOT_KEPT = re.compile(r"(?:n't|\bnot|\bcannot|\bno longer|\bnobody|\bno one|\bdon't)\b(?!.*\bcancel)", re.I)
# What was noted is not what was meant, without what is.
IS_WRONG = re.compile(
    r"\b(?:wrong|not right|isn't right|incorrect|mistake|muddled|mixed up|needs? (?:to )?chang\w*|different)\b", re.I
)
MEAL = re.compile(r"\b(?:(?P<lunch>lunch ?time|lunch|midday)|dinner|supper|evening)\b", re.I)
# What settles a value: "what do people usually do, let's say a quarter to eight".
COMMITS = re.compile(
    r"\b(?:let's (?:say|go|make|do)|shall we say|i'll (?:say|take|go)|we'll (?:say|take|go)|make it|call it|put|go for|"
    r"i'd say)\b",
    re.I,
)
GIVES_UP = re.compile(
    r"\b(?:stop|forget|never ?mind|leave|quit|cancel|abort|enough|don't|not|bye|goodbye|drop|skip|later|changed|"
    r"no|another time)\b",
    re.I,
)
ONE_OF_IT = re.compile(
    r"\b(?P<verb>add|have|get|put|need|want|take|note) (?:one|it|that|two)(?: (?:in|down|on))?\b", re.I
)
# One of the times that were offered: "I'll take the first of those", "the later one then".
ONE_OF_THE_TIMES = re.compile(
    r"\bthe (?:(?P<first>first|earliest|earlier|former|sooner)|(?P<last>last|latest|later|latter)|second|"
    r"other|middle)\b(?: (?:one|time|slot|option|of (?:those|them|the (?:two|three))))*"
    r"(?! (?:of|you|table|thing|possible|that|time|the|we|i)\b)",
    re.I,
)
# What was noted is as it should be: "same time", "that's four, yeah, not fourteen".
SAME = re.compile(
    r"\b(?:the )?same (?:time|day|date|name|number|people|place|again|thing|as)\b|\bas (?:it was|before)\b"
    r"|^\W*(?:that's|yes|yeah|yep|aye|right|correct)\b(?! (?:not|wrong|the wrong|too|a bit)\b)(?!.*\bbut\b)",
    re.I,
)
ASKS_FOR_TIMES = re.compile(
    r"\b(?:what|which) (?:times?|slots?|hours?)\b|\bwhat(?:'s| is| have you| do you have|"
    r" have you got)?(?: got)? (?:left|free|available)\b"
    r"|\bwhen (?:can|could|have|do) (?:we|i|you)\b|\bwhat(?:'s| is| are) (?:the |your )?(?:latest|earliest|last|"
    r"first)\b"
    r"|\bhow (?:late|early) (?:can|could|may|do)\b",
    re.I,
)
# Which times there are near one that is taken: "what's the nearest you could do", "anything else around then".
ASKS_FOR_ROOM = re.compile(
    r"^(?!.*\b(?:menu|dish\w*|dessert\w*|eat|drink\w*)\b).*?(?:"
    r"\b(?:nearest|closest|next best|soonest)\b(?: (?:thing|time|slot|one|table|hour|alternative))?"
    r"(?=\W*$| (?:to|you|we|there|that|before|after|then|around|on|is|would|available|free)\b)"
    r"|\b(?:what|anything|something|any)(?:'s| is| have you| do you have)?(?: got)? (?:else|other times?|instead|"
    r"around|close to (?:that|it)|near (?:that|it)|(?:left|free|available))\b"
    r"|\bwhat (?:can|could|would|will) you (?:do|offer|give|manage)\b)",
    re.I,
)
# The table is given up in so many words, whatever is said beside it: "forget the table, how much is the risotto".
_DROPS_TABLE = re.compile(
    r"(?<!n't )(?<!not )(?<!never )\b(?:"
    r"(?:forget|never ?mind|scrap|drop|skip|ditch|bin|stuff|leave|cancel|abandon)(?: about)?|"
    r"(?:don't|do not|won't|no longer|needn't)(?: really| actually)? (?:want|need|bother (?:with|about)|book)|"
    r"no need for|not bothered about) (?:the|that|this|a|my|our|any)(?: whole| entire)? (?:table|booking|reservation)\b"
    r"(?! (?:by|near|next|outside|inside|in|at|with|that|which|upstairs|downstairs|as|too|name|number|yet|so)\b)",
    re.I,
)
# "No don't bother with that, I was just wondering about parking": "just" puts it in the place of the whole.
_JUST_SOMETHING_ELSE = re.compile(
    r"^(?:\W*(?:actually|oh|no|um|uh|erm?|you know what|sorry|hang on|wait|well|right|okay|ok)\b)*\W*"
    r"(?:don't (?:bother|worry)(?: (?:with|about) (?:that|it|booking|the rest))?|(?:forget|leave|scrap|skip|drop) "
    r"(?:about )?(?:it|that|all that|the lot)|never ?mind(?: that| it| all that)?)\b[\s,.;-]*"
    r"(?=(?:i'm |i was |i |we |we were )?(?:just|only) (?:wonder\w*|want(?:ed)? to (?:know|ask|check)|tell me|ask\w*|"
    r"need(?:ed)? to know|check\w*|let me know|calling to|ringing to|curious|after (?:the|your))\b)",
    re.I,
)
_ANOTHER_INSTEAD = re.compile(r"\b(?:make (?:it|that)|instead|rather|move|change|i meant|i said|we want)\b", re.I)
# Somebody wants a moment: "let me think", "hang on a second".
WAITS = re.compile(
    r"\blet me (?:just )?(?:think|see|check|look|ask)\b(?!.*\b(?:ring|call|later|again|back)\b)|\b(?:just )?(?:a|one) "
    r"(?:moment|second|sec|minute|mo|tick)\b(?!.*\?)|^\W*(?:hang on|hold on|wait|bear with me|"
    r"give me a \w+)(?: a \w+| please)?\W*$",
    re.I,
)
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


def agrees_to_cancel(text: str) -> bool:
    """Say whether words agree to canceling that do not say yes: "take it off, please"."""
    kept = re.search(r"\b(?:don't|do not|not to|never|didn't)(?: \w+){0,2} cancel|\bkeep\b|\bcoming\b", text, re.I)
    return CANCELS.search(text) is not None and not (kept or MOVE_WORDS.search(text) or is_question(text))


def gives_up_table(text: str) -> str | None:
    """Return what is said beside giving the table up in so many words; None where it is not, or another is wanted."""
    found = _DROPS_TABLE.search(text) or _JUST_SOMETHING_ELSE.search(text)
    if found is None or _ANOTHER_INSTEAD.search(text):
        return None
    return f"{text[: found.start()].strip()} {text[found.end() :].strip()}".strip()


def keeps_table(text: str) -> bool:
    """Say whether a table that was to be canceled is kept after all: "no wait, we can still make it"."""
    return _KEEPS.search(text) is not None and not (_NOT_KEPT.search(text) or is_question(text))
