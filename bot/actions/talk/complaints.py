"""What sounds like a complaint, what is surely one that shall be passed on, and what takes it back."""

from __future__ import annotations

import re

from rasa_sdk import Tracker

from ..conversation import confidence, intent, sentiment, words
from ..hearing.notes import asks_something

# Scores from here down count as upset. A plain "no" or "stop" scores as low, so this is only asked about messages that
# were praise or not understood, never about an answer.
UPSET = -0.9
# A complaint is surely one by its words, or by the classifier and the mood.
_SURE = 0.6
_TELLS_FROM = 7  # words
_COMPLAINT_WORDS = re.compile(
    r"\b(?:complain(?:t|ts|ing)?|unacceptable|disgust\w*|terribl[ey]|horribl[ey]|awful|dreadful|rude|overcharged|"
    r"charged|burnt|cold|dirty|filthy|wrong|worst|ruined|ridiculous|disappoint\w*|unhappy|angry|annoyed|upset|"
    r"ignored|"
    r"refund|money back|sick|ill|hair|waited|waiting|never (?:came|arrived)|tasteless|stale|raw|unfriendly|loud|"
    r"spill(?:ed|t)|on hold|for ages|insult\w*|apologi[sz]ed?|nobody|no one|forgot|forgotten|mistake|slow|broken|"
    r"undercooked|overcooked|inedible|soggy|shambles|appalling|disgrace\w*|furious|sat there|poison(?:ed|ing))\b"
)
# Nothing has happened: "who do I talk to if something was wrong", "no, nothing was wrong".
_NO_COMPLAINT = re.compile(
    r"\b(?:if|in case|suppose|hypothetically|what happens when)\b"
    r"|\b(?:nothing|not|isn't|wasn't|weren't|never) (?:\w+ ){0,2}(?:wrong|bad|cold|burnt|dirty|rude|slow|"
    r"complain\w*|a "
    r"complaint)\b|\b(?:can't|cannot|only|nothing to) complain\b|\b(?:weather|traffic)\b"
    r"|\b(?:don't|didn't) (?:want|mean|wish|need) to complain\b|\bno complaints?\b"
    r"|\b(?:didn't|don't|doesn't|did not) (?:really |actually |even )?(?:mind|matter|bother (?:me|us))\b|\bno "
    r"(?:big )?(?:deal|harm|hard feelings)\b"
    r"|\b(?:was|were) (?:going|about) to (?:complain|say something)\b|\b(?:nearly|almost) complained\b|\bnot "
    r"(?:a|the) (?:big deal|end of the world)\b"
    r"|\bbut (?:otherwise|apart from that|the rest|then|everything else|all in all|never mind|it's fine|that's "
    r"fine|it was fine)\b"
    r"|\bgood mind to\b|\b(?:going to|gonna|i'll|thinking of) (?:write|leave|post|writing|leaving|posting)\b"
    r"|\bonly (?:asking|wondering|wanted to know)\b|\bjust (?:asking|wondering|wanted to know|curious)\b"
)
# Told lightly, and nothing asked for: "the fish was a touch cold but whatever".
_LIGHTLY = re.compile(
    r"\b(?:a (?:bit|touch|little|tad|wee bit)|slightly|rather|kind of|sort of|fairly|could have been|"
    r"not the (?:best|warmest|"
    r"friendliest)|wasn't up to much|so-so|but whatever|only a small|one small|just a small|no big|bit of a)\b"
)
_WANTS = (
    r"\b(?:i|we)(?: just| really| do)* (?:want|need|demand|insist|expect (?:an?|you|my|some\w*|the|to))\b"
    r"(?! you to know| to (?:say|mention|tell|let you|share|point))"
    r"|\b(?:i|we)(?:'d| would)(?: just| really)* (?:like|appreciate|expect (?:an?|you|some\w*))\b"
    r"(?! you to know| to (?:say|mention|tell|let you|share|point))"
)
# Something shall come of it: "I want to complain", "get the manager to ring me". Who only tells it is asked first.
_ASKS_FOR_SOMETHING = re.compile(
    r"\b(?:manager|boss|owner|supervisor|whoever's in charge)\b(?! (?:was|is|came|said|told|just|didn't|did|never|"
    r"wasn't|laughed|shrugged|who|walked|ignored|and)\b)"
    r"|\b(?:to|and|formally|officially) complain\b|\b(?:an?|my|this|the|official|formal) complaint\b"
    r"|\brefund\w*\b|\bmoney back\b|\bcompensat\w+|\b(?:call|ring|phone|email|contact|get back to) (?:me|us)\b"
    r"|\b(?:call|ring|phone) ?back\b|\b(?:give|drop) (?:me|us) a (?:call|ring|bell|line)\b"
    r"|\b(?:sort|put) (?:it|this|that) (?:out|right)\b|\bdo about\b|\bmake (?:it|this) (?:right|up)\b"
    rf"|{_WANTS}"
    r"|\b(?:pass|take) (?:it|this|that) (?:on|up|further)\b|\blook into (?:it|this|that)\b"
    r"|\b(?:somebody|someone|you|they|people) (?:should|ought to|needs? to|has to|have to|must) (?:know|hear|be told)\b"
)
# Only told, in so many words: "I'm not one to complain but", "just letting you know".
_ONLY_TELLS = re.compile(
    r"\b(?:only|just) (?:saying|mentioning|telling|chatting|letting you know|thought i'd (?:say|mention)|"
    r"(?:wanted|want|wanting) (?:to (?:say|mention|tell|let you know|share|get it off)|you to know))\b"
    r"|\b(?:not|n't|never|hate|hardly|isn't)(?: (?!i\b|we\b|want\b)\w+){0,3} "
    r"(?:to complain|complaining|a complaint|moan\w*|make a fuss)\b"
)
_ABUSE = re.compile(
    r"\b(?:you|you people|you lot|you guys|this|your \w+)(?: are|'re| is) (?:\w+ )?(?:useless|unbelievable|"
    r"hopeless|idiots?|stupid|"
    r"incompetent|pathetic|shambles|a joke|a disgrace)\b"
)
# "Don't go bothering anybody", "there's no need to tell him"; what is wanted instead may follow.
_WITHDRAWS = re.compile(
    r"\b(?:don't|do not|needn't|not|no need|no reason|rather you didn't|wouldn't)"
    r"(?: (?:you|to|go|please|even|have|really|need|for|me|mean))* (?:both\w*|tell\w*|pass\w*|report\w*|trouble|"
    r"worr\w+|make|say|do|mention\w*|want|need|get|involv\w+)\b(?! (?:get|hear|have))"
    r"|\b(?:leave it|leave that|forget (?:it|about it|i said)|never ?mind|let it (?:go|be|lie)|drop it|skip it|"
    r"(?:no|any) fuss|(?:not|n't) worth|(?:not|isn't|no) (?:a |really a )?complaint|not necessary|no need|rather not|"
    r"rather you didn't|it's (?:ok|okay|fine|all right|done|over)|water under the bridge|doesn't matter|no matter|"
    r"no harm done|(?:get|getting|got) (?:it|that) off my chest|let(?:ting)? off (?:some )?steam|"
    r"keep it between)\b"
)


def is_upset(tracker: Tracker) -> bool:
    """Say whether the latest message sounds strongly negative."""
    label, score = sentiment(tracker)
    return label == "negative" and score <= UPSET


def tells_a_complaint(tracker: Tracker) -> bool:
    """Say whether the latest message tells what went wrong, beyond doubt, whether or not anything shall come of it."""
    said = words(tracker).lower()
    if intent(tracker) != "complaint" or _NO_COMPLAINT.search(said):
        return False
    if _LIGHTLY.search(said) and not _ASKS_FOR_SOMETHING.search(said):
        return False
    if _COMPLAINT_WORDS.search(said):
        return True
    told = len(said.split()) >= _TELLS_FROM  # "this is useless" does not say of what
    return told and confidence(tracker) >= _SURE and sentiment(tracker)[0] == "negative"


def is_sure_complaint(tracker: Tracker) -> bool:
    """Say whether the latest message is a complaint that the guest wants passed on, so that nobody need ask."""
    return tells_a_complaint(tracker) and asks_to_act(words(tracker))


def asks_to_act(text: str) -> bool:
    """Say whether something shall come of what went wrong: "I'd like somebody to get back to me"."""
    said = text.lower().replace("\u2019", "'")
    return bool(_ASKS_FOR_SOMETHING.search(said)) and not (_ONLY_TELLS.search(said) or takes_back(said))


def takes_back(text: str) -> bool:
    """Say whether nothing shall come of it: "no, leave it, I don't want any fuss"."""
    said = text.lower().replace("\u2019", "'")
    found = _WITHDRAWS.search(said)
    return found is not None and not re.search(_WANTS, said[found.end() :])


def may_complain(tracker: Tracker) -> bool:
    """Say whether words that were taken for something else sound like a grievance, so that it is asked about."""
    said = words(tracker).lower()
    return bool(_COMPLAINT_WORDS.search(said) or _ABUSE.search(said)) and not asks_something(said)


def sounds_bad(text: str) -> bool:
    """Say whether words of a complaint are in a text."""
    return bool(_COMPLAINT_WORDS.search(text.lower()))
