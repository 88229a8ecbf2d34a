"""What people say, and what a recognizer writes, in the words that ``convai_rasa.nlu.values`` reads."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from ..house.restaurant import WEEKDAYS
from ..spoken import ordinal
from .alternatives import without_alternatives
from .numbers import labelled

_PEOPLE = "people|persons|guests"
HOUR = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_DAY = "|".join(WEEKDAYS)
# Days as they are mistyped.
_SLIPS = (
    ("sat[eu]r?day|saterday|satuday", "saturday"), ("wensday|wednsday|wendesday|wedensday", "wednesday"),
    ("tuseday|teusday|tusday", "tuesday"), ("thrusday|thirsday|thursay", "thursday"),
    ("firday|friady|fryday", "friday"),
    ("sundey|sonday", "sunday"), ("tom+or+ow|tommorrow|tomorow|tommorow", "tomorrow"),
)  # fmt: skip
_AFTERNOON = (
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "twenty[- ]one",
    "twenty[- ]two", "twenty[- ]three",
)  # fmt: skip
_ORDINAL = (
    r"\d{1,2}(?:st|nd|rd|th)|(?:(?:twenty|thirty)[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|"
    r"ninth)|tenth|"
    r"eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth"
)
_NTH = (
    ("third", "three"),
    ("fourth", "four"),
    ("fifth", "five"),
    ("sixth", "six"),
    ("seventh", "seven"),
    ("eighth", "eight"),
)
# What a recognizer writes for numbers that sound like other words.
_HOMOPHONES = (
    *(
        (re.compile(rf"\b(?:an? |the )?{nth} (?:person|guest|chair|seat|adult)\b", re.I), f"{n} people")
        for nth, n in _NTH
    ),
    (re.compile(r"\bfor (?:for|fore)\b", re.I), "for four"),
    (
        re.compile(rf"\bfor (?:to|too)(?= (?:{_PEOPLE}|at|on|tomorrow|tonight|today|this|please)\b|[.!]?$)", re.I),
        "for two",
    ),
    (re.compile(rf"^(?:to|too)(?= (?:{_PEOPLE})\b)", re.I), "two"),
    (re.compile(r"\bat ate\b", re.I), "at eight"),
    (re.compile(rf"\b({HOUR}|\d{{1,2}}) or (?:half|quarter) past\b(?! (?:{HOUR}|\d))", re.I), r"\1"),
    (re.compile(rf"(?<!at )\b({HOUR}|\d{{1,2}}) (?:sharp|prompt|on the (?:dot|button|nose))\b", re.I), r"at \1"),
    (re.compile(r"\b(?:st\.?|saint) stephen'?s(?: day)?\b", re.I), "the 26th of december"),
    (re.compile(r"\bhogmanay\b", re.I), "the 31st of december"),
    # "we'd be with you for seven" is when they come, "a table for seven" how many
    (
        re.compile(
            rf"\b((?:be|get) (?:with you|to you|there|here|in|over|round|down|at yours)|(?:arrive|turn up|show up|"
            rf"sit down|sat down|get in|pop in|roll up)(?: there| with you)?) for (?=(?:{HOUR}|\d{{1,2}})\b"
            rf"(?! (?:{_PEOPLE}|of us|adults?|at)\b))",
            re.I,
        ),
        r"\1 at ",
    ),
    (
        re.compile(rf"\b(table|room|anything) 4 (?=(?:2nite|tonite|tonight|tomorrow|tmrw|2moro|us|{_DAY})\b)", re.I),
        r"\1 for ",
    ),
    (re.compile(r"\b(?:the |just )?one of me\b", re.I), "one person"),
    (re.compile(rf"\b({HOUR}|\d{{1,2}}) (?:altogether|in total|in all|all told)\b", re.I), r"so \1 people"),
    (re.compile(rf"\bat the (?={HOUR}\b|\d{{1,2}}\b|half past|quarter)", re.I), "at "),
    (re.compile(r"\bthe day (\d{1,2})\b(?!:)", re.I), r"the \1th"),
    *((re.compile(rf"\b{slip}\b", re.I), day) for slip, day in _SLIPS),
    (re.compile(r"\bmore (?=(?:late|early)\b)", re.I), "much "),
    # of two days the first is tried, and others are proposed anyway
    (re.compile(rf"\b({_DAY}) or (?:else |maybe |possibly |on |the )*(?:{_DAY})\b", re.I), r"\1"),
    (re.compile(rf"\bnot this ({_DAY}),? (?:but )?the (?:next|following|one after)(?: one)?\b", re.I), r"a week on \1"),
    (
        re.compile(rf"\b({_DAY}),? (?:but )?not this one,? (?:but )?the (?:next|following|one after)(?: one)?\b", re.I),
        r"a week on \1",
    ),
    (re.compile(r"\b(\w+ (?:days|weeks)) from (?:now|today)\b", re.I), r"in \1"),
    (
        re.compile(
            r"\bone(?:'s| is) (?=(?:an?|in|only|allergic|vegan|vegetarian|pregnant|disabled|coeliac|celiac)\b)", re.I
        ),
        "somebody is ",
    ),
    (re.compile(r"\b(at|around|about|by|say) ([1-9]|1[0-2])([0-5][05])\b(?! ?(?:dollars|people))", re.I), r"\1 \2:\3"),
    (re.compile(rf"\b((?:half|quarter)(?: past| to)? {HOUR}) or {HOUR}\b(?! (?:{_PEOPLE}|of us))", re.I), r"\1"),
    # an ordinal before a new clause names a day, and nothing that follows
    (
        re.compile(
            rf"\b(on|for|by) the ({_ORDINAL})(?= (?:if|we|i|there|when|so|because|as|but|though|would|is|it)\b)", re.I
        ),
        r"\1 the \2,",
    ),
    *(
        (re.compile(rf"\b(?P<lead>on|for|this|next|by|until|till|table|of) {short}\b", re.I), rf"\g<lead> {day}")
        for short, day in (("sat", "saturday"), ("sun", "sunday"), ("mon", "monday"), ("wed", "wednesday"))
    ),
    (
        re.compile(rf"\b(?:{HOUR}|\d{{1,2}}) (?:or|maybe|possibly) ({HOUR}|\d{{1,2}}) (?=(?:{_PEOPLE}|of us)\b)", re.I),
        r"\1 ",
    ),
    (re.compile(rf"\bfor ({HOUR}|\d{{1,2}}) for ({HOUR}|\d{{1,2}})\b(?! o'?clock)", re.I), r"at \1 for \2 people"),
    (re.compile(rf"\bat ({HOUR}|\d{{1,2}}) hours?\b", re.I), r"at \1"),
    *(
        (re.compile(rf"\b(?:at )?{hour} (?:hours|hundred)(?: hours)?\b", re.I), f"at {number}:00")
        for number, hour in enumerate(_AFTERNOON, start=13)
    ),
    (re.compile(rf"\bfor ({HOUR}|\d{{1,2}}) (?=(?:tonight|this evening)\b)", re.I), r"for \1 people "),
    (re.compile(rf"\bin (an?|{HOUR}|\d{{1,2}}) (?=(?:more|extra|additional)\b)", re.I), r"\1 "),
    (
        re.compile(
            rf"(?<!at )(?<!past )(?<!to )(?<!around )\b({HOUR}|\d{{1,2}}) (?=for (?:dinner|lunch|supper|brunch|"
            rf"breakfast|a meal)\b)",
            re.I,
        ),
        r"\1 people ",
    ),
    # "did I say five? We're six": what was said is not what is meant
    (
        re.compile(rf"\bdid (?:i|you) (?:say|get|put|note) (?:{HOUR}|\d{{1,2}})\b(?=.*\b(?:{HOUR}|\d{{1,2}})\b)", re.I),
        " ",
    ),
    # no restaurant's night goes on until five in the morning
    (re.compile(r"\btonight(?=,? (?:at |around |about |by )?(?:four|five|six|[456])\b)", re.I), "this evening"),
    (re.compile(r"(?:\b|(?<=\d)) ?(?:ppl|pax|pers|grown ?-?ups)\b", re.I), " people"),
    (re.compile(r"\s*@\s*"), " at "),
    (re.compile(r"\b(?:2nite|tonite)\b", re.I), "tonight"),
    (re.compile(r"\b(?:2moro|2morrow|tmrw|tmw|tmr|tomoz)\b", re.I), "tomorrow"),
    (re.compile(rf"\b({HOUR}|\d{{1,2}}) (?:chairs|seats|places|covers)\b", re.I), r"\1 people"),
    (re.compile(rf"\b({'|'.join(WEEKDAYS)}) in (an?|one|two|three|four) weeks?(?: time)?\b", re.I), r"\2 weeks on \1"),
    (
        re.compile(
            rf"(?<!the )\b({'|'.join(WEEKDAYS)}|tomorrow|tonight)(?: (?:evening|night))? (?={HOUR}\b"
            rf"(?! (?:{_PEOPLE}|of|adults|persons?|or|and|to|more|kids|weeks?)\b))",
            re.I,
        ),
        r"\1 at ",
    ),
    (
        re.compile(
            rf"\b(evening|night|afternoon|lunch|lunch ?time|dinner|dinner ?time),? (?:at )?(?:say |maybe |around "
            rf")(?={HOUR}\b(?! (?:{_PEOPLE}|of "
            rf"us)\b))",
            re.I,
        ),
        r"\1 at ",
    ),
    (re.compile(r"\bwe(?:'d| would| might|'re going to| are going to) be(?= \w)", re.I), "we will be"),
    (
        re.compile(
            rf"\b(we(?:'re| are| will be)|there(?:'s| are| will be)) ({HOUR}|\d{{1,2}}),? for "
            rf"(?=(?:half |quarter )?(?:past |to )?(?:{HOUR}|\d{{1,2}})\b(?! (?:{_PEOPLE}|of us)\b))",
            re.I,
        ),
        r"\1 \2 people at ",
    ),
    # "twelve thirty four adults" are no thirty-four
    (
        re.compile(
            rf"\b({HOUR} (?:fifteen|twenty|thirty|forty|fifty)) (?=(?:one|two|three|four|five|six|seven|eight|nine) "
            rf"(?:{_PEOPLE}|adults|of us|grown ?-?ups)\b)",
            re.I,
        ),
        r"\1, ",
    ),
    (re.compile(r"\btable (?:4|four)(?= (?:\d|two|three|four|five|six|seven|eight)\b)", re.I), "table for"),
)
# A greeting is no time of day, and how a sentence begins says nothing.
_GREETING = re.compile(r"\bgood (?:morning|afternoon|evening|night)\b|^\W*(?:(?:and|but|so|oh|um|uh|well)\W+)+", re.I)
# "Guests: 4" is filled in as in a form.
_FILLED_IN = re.compile(r"\b(?:guests|people|persons|party(?: size)?|number of \w+|covers|adults)\s*[:=]\s*(\w+)", re.I)
# What looks like a day or a number and is none: "the first time we came", "just a second".
_IDIOM = re.compile(
    r"\bthe (?:first|second|third) (?:time|one|thing|floor|course|table|name)\b"
    r"|\b(?:just |in )?(?:a|an?other|one|two|half a|five) (?:seconds?|secs?|moments?|minutes?|mins?|mo|ticks?|jiff\w*|"
    r"shakes)\b(?! (?:walk|drive|away|from|late|early|earlier|later))|\b(?:in|of|between) two minds\b"
    r"|\b(?:the|on|having) second thoughts?\b|\bcloud nine\b|\b(?:ten|10) out of (?:ten|10)\b"
    r"|\bsix of one\b(?:.*half a dozen.*)?|\btwenty[- ]four seven\b|\b(?:high|take|give me) five\b|\btwo(?:'s| is) "
    r"company\b|\bat sixes and sevens\b|\bnow (?:that|because|we|he|she|they|i|you)\b"
    r"|\b(?:get me|talk to|talk with|speak to|speak with|through to|an? (?:real|actual|live|human)|is this|are you) "
    r"(?:a |an )?(?:real |actual |live |human )?(?:person|human)\b",
    re.I,
)
# "One" that stands for something and counts nothing: "quite a serious one", "which one", "one last thing".
_ONE_OF_SOMETHING = re.compile(
    r"\b(?:an?|this|which|any|every|each|another|no|some|(?:the|my|our|your|his|her|their)(?= \w+ one\b))"
    r"(?: (?!for\b|at\b|of\b|to\b|past\b|by\b|and\b|or\b|is\b|was\b|it\b|that\b|table\b|party\b|least\b|only\b"
    r"|just\b|\w+day\b|on\b|about\b|around\b|before\b|after\b|until\b|make\b|sorry\b|wait\b|actually\b|two\b|three\b"
    r"|four\b|five\b|six\b|seven\b|eight\b|nine\b|ten\b|eleven\b|twelve\b|\w+teen\b|\w+ty\b)[a-z'-]+){0,3} ?\bone\b"
    r"(?! (?:o'?clock|people|persons?|guests?|adults?|fifteen|thirty|forty|[ap]\.?m\b|of us|after|before|next|more|"
    r"fewer|less|extra|for (?:dinner|lunch)|at|on)\b)"
    r"|(?<!make )(?<!just )(?<!only )\b(?:that|the) one\b(?! (?:of us|of me|people|persons?|guests?|adults?|o'?clock|"
    r"fifteen|thirty|forty|[ap]\.?m\b|at|on|more|less|fewer|extra|after|before)\b)"
    r"|\bone (?:way or (?:an)?other|by one|and (?:all|the same)|for the (?:road|diary|books?)|hundred per ?cent)\b"
    r"|\b(?:number|square|day|all|one in|in) one\b(?= (?:go|piece|then|yes|again|to me|\w+ing)\b|\W*$)"
    r"|\bone (?:(?:more|last|final|other|quick|small|little|further) )*(?:thing|question|request|point|favou?r)\b"
    r"|(?:\b(?:book|reserve|get|have|find|need|want) )one\b(?= (?:then|please|now|instead|anyway|too|as well|"
    r"for|at|on)\b)"
    r"|(?<!with )(?<!for )(?<!at )\bone (?:of (?:those|these|your)|never knows|can never|another)\b",
    re.I,
)
# Where nothing is to happen now: "yes, now it's right", "that's four of us now".
_NOT_NOW = re.compile(r"\b(?:right )?now\b(?! (?:please|if possible)\b)", re.I)
_AT_ONCE = re.compile(
    r"\b(?:come|eat|seat us|table|in|over|round|free|room)(?: \w+)? (?:right )?now\b(?=\W*$| please)|^\W*now\W*$", re.I
)
_OR_SO = re.compile(r"\b(?:or so|ish|or thereabouts|or around there)\b|,? sorry(?: about that)?(?=\W*$)", re.I)
# "Push it back a week", "bring it forward by an hour": the noted day or time moves.
_LENGTH = r"(?P<length>(?:an?|one|two|three|half an|\d+|ten|fifteen|twenty|thirty|forty five) ?\w+)"
_MOVED = re.compile(
    rf"\b(?:push|move|put|shift|bring|pull|set|knock|bump|nudge|drag)\b(?: \w+){{0,5}}? "
    rf"(?P<way>back|out|forward|up|ahead)(?: by)? {_LENGTH}",
    re.I,
)
_TOO = re.compile(rf"\b{_LENGTH} too (?P<way>early|late)\b", re.I)
_HALF_PAST = re.compile(rf"\b(?:half|quarter) past\b(?! (?:{HOUR}|\d))", re.I)
_QUARTER_TO = re.compile(rf"\bquarter to\b(?! (?:{HOUR}|\d))", re.I)
_NOT_THE = re.compile(r"(?<=\w),? not (?:on )?the \w+(?: \w+)?$", re.I)
# "Of December I mean", where "the eleventh" was noted of another month.
_MONTH_ALONE = re.compile(
    rf"(?<!\d )(?<!st )(?<!nd )(?<!rd )(?<!th )\b(?:of|in|it's|i mean|i meant|not \w+)[ ,]+"
    rf"(?P<month>{'|'.join(calendar.month_name[1:])})\b(?! (?:the )?(?:\d|\w+(?:st|nd|rd|th)\b|(?:twenty|"
    rf"thirty)[ -]))",
    re.I,
)
_ONE_AFTER = re.compile(rf"\bthe (?P<day>one|{'|'.join(WEEKDAYS)}) after(?: that)?\b(?! \w+day)", re.I)
_TIME_TO = re.compile(
    rf"\btime(?: that| which)? (?:to|needs to be|has to be|is|was|should be|as|of) (?=(?:{HOUR}|\d{{1,2}})\b)", re.I
)
_GUESTS_TO = re.compile(
    r"(?<!my )(?<!phone )\b(?:number(?: of (?:people|guests|us))?|people|guests|party(?: size)?|"
    r"headcount) (?:to|is|should be|of) "
    r"(\d{1,2}|[a-z]+)\b"
    r"(?! (?:o'clock|in the))",
    re.I,
)


def plain(text: str) -> str:
    """Return a text without greetings and idioms, with numbers, days and shifts in plain words."""
    text = _IDIOM.sub(lambda match: "#" * len(match[0]), _GREETING.sub(lambda match: " " * len(match[0]), text))
    text = _ONE_OF_SOMETHING.sub(lambda match: "#" * len(match[0]), text)
    text = _TIME_TO.sub("time at ", _GUESTS_TO.sub(r"\1 people", text))
    text = _OR_SO.sub(lambda match: " " * len(match[0]), without_alternatives(labelled(text)))
    text = _FILLED_IN.sub(r"\1 people", text.replace("\u2019", "'"))
    for pattern, word in _HOMOPHONES:
        text = pattern.sub(word, text)
    if not _AT_ONCE.search(text) or re.search(r"(?:n't|\bnot|\bcannot|\bonly) \w+ now\b", text, re.I):
        text = _NOT_NOW.sub(lambda match: "#" * len(match[0]), text)
    text = _TOO.sub(
        lambda match: f"{match['length']} {'later' if match['way'].lower() == 'early' else 'earlier'}", text
    )
    return _MOVED.sub(_moved, text)


def with_noted(text: str, noted: dt.datetime | None) -> str:
    """Fill in what somebody leaves out of a correction: "make that half past", "not this Friday, the one after"."""
    if noted is None:
        return text
    text = _MONTH_ALONE.sub(lambda match: f"the {ordinal(noted.day)} of {match['month']}", text)
    denied = _NOT_THE.search(text)
    text = text[: denied.start()] if denied else text
    text = (
        _HALF_PAST.sub(lambda match: f"{match[0]} {noted.hour % 12 or 12}", text) if noted.time() != dt.time() else text
    )
    if noted.time() != dt.time():  # from eight it is a quarter to eight, from half past seven too
        hour = noted.hour + (noted.minute > 0)
        text = _QUARTER_TO.sub(lambda match: f"{match[0]} {hour % 12 or 12}", text)
    text = re.sub(
        r"\bthe (?:night|evening) (?=(?:before|after)\b(?! (?:we|that|the|christmas|new)\b))",
        "the day ",
        text,
        flags=re.I,
    )
    # of the days of that name the one next week, whatever else is said about the noted one
    text, ones = re.subn(r"\b(?:the|that) one next week\b", f"{noted:%A} next week", text, flags=re.I)
    if ones:
        return re.sub(rf"\b{noted:%A}\b(?! next week)", "#", text, flags=re.I)
    if not re.search("|".join(WEEKDAYS), text, re.I):
        text = re.sub(r"\b(?:the )?(?:next|following) week\b", "a week later", text, flags=re.I)
    return _ONE_AFTER.sub(
        lambda match: "the week after" if match["day"].lower() in ("one", f"{noted:%A}".lower()) else match[0], text
    )


def _moved(match: re.Match[str]) -> str:
    return f"{match['length']} {'later' if match['way'].lower() in ('back', 'out') else 'earlier'}"
