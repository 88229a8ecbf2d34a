"""What went wrong: a complaint about a visit, or somebody in danger."""

from __future__ import annotations

import re

from convai_rasa.nlu.values import find_people

_UPSET = re.compile(
    r"\b(?:rude|unacceptable|disgust\w*|terribl[ey]|horribl[ey]|awful|dreadful|overcharged|burnt|cold|dirty|"
    r"filthy|ruined|"
    r"refund|money back|food poisoning|poisoned|complain\w*|ignored|hair in|worst|insult\w*|never (?:came|"
    r"arrived))\b",
    re.I,
)
# What went wrong at a visit, and what shows that it did: it is over, or somebody is to call back about it.
_WENT_WRONG = re.compile(
    rf"{_UPSET.pattern}|\b(?:(?:waited|waiting|wait|sat|stood|kept)\b.{{0,40}}\b(?:hours?|minutes|ages|forever|"
    rf"half an hour)|"
    r"(?:an hour|hours|ages|forever)\b.{0,30}\b(?:for (?:our|my|the|a) \w+|to be served|late)|undercooked|"
    r"overcooked|raw|inedible|"
    r"tasteless|stale|soggy|sent (?:it|them|mine|everything) back|wrong (?:dish|order|food|bill|table|thing)|ruin\w*|"
    r"spill(?:ed|t)|shouted at|charged (?:us|me) (?:twice|for|too)|forgot (?:our|my|about|us)|shambles|"
    r"disgrace\w*|appalling|"
    r"poor(?:ly)?|disappoint\w*|made (?:us|me|her|him|them) (?:ill|sick)|upset stomach|glass in|not good enough|"
    r"not happy|unhappy|furious|fuming)\b",
    re.I,
)
_PAST_VISIT = re.compile(
    r"\b(?:we|i|they|he|she|it|you|nobody|no one|staff|somebody|someone|(?:my|our|your|the|her|his|"
    r"their) \w+)(?: \w+)? "
    r"(?:sat|were|was|waited|came|had|ate|got|ordered|went|turned|arrived|paid|left|told|kept|took|stood|"
    r"brought|served|"
    r"charged|forgot|spilled|spilt|shouted|ignored)\b",
    re.I,
)
_WHEN_PAST = re.compile(
    r"\b(?:last (?:night|week|weekend|time|\w+day)|yesterday|the other (?:day|night|evening)|earlier (?:today|this)|"
    r"this (?:lunchtime|afternoon|morning)|(?:days?|weeks?|nights?) ago|(?:on|at) (?:\w+day|lunch|the weekend))\b",
    re.I,
)
_CALL_BACK = re.compile(
    r"\b(?:manager|boss|owner|somebody|someone|chef|supervisor|whoever|in charge|you|one of you)\b(?: [\w']+){0,6} "
    r"(?:ring|rings|call|calls|phone|phones|contact|contacts|telephone)(?: (?:me|us)\b| (?:back|about)\b)"
    r"|\b(?:ring|call|phone) (?:me|us)(?: back)?\b|\b(?:a|the) (?:call|ring) ?back\b|\b(?:a|the) (?:phone )?call from\b"
    r"|\bget back to (?:me|us)\b",
    re.I,
)
_NO_GRIEVANCE = re.compile(
    r"\b(?:if|in case|suppose|unless|otherwise|never ?mind|no fuss|don't mind|didn't mind|anyway|weather|"
    r"traffic|outside|allerg\w*|(?:tables?|space|room|booking|reservation) for|"
    r"(?:could|can|may) (?:we|i) (?:sit|have|get|come|be|eat)|book|reserve|cancel\w*|can't (?:come|make it)|"
    r"won't (?:come|make it)|nothing (?:was )?wrong|no complaints?|don't worry|"
    r"(?:was|were)n't (?:\w+ )?(?:bad|cold|wrong|rude|poor)|not complaining)\b",
    re.I,
)
_THAN_BEFORE = re.compile(r"\b(?:than|like) (?:last time|before|the last time)\b|\blet's hope\b|\bthis time\b", re.I)
_MONEY_BACK = re.compile(
    r"\b(?:want|like|need|expect|demand|give|get)\b[^.?]*\b(?:money back|refund\w*|compensat\w+)\b", re.I
)
_DANGER = re.compile(
    r"\b(?:can't|cannot|can not|can hardly|can barely|hard to|trouble|difficulty|difficulties|problems|stopped|not) "
    r"(?:properly )?breath(?:e|ing)\b|\bstruggl\w+ (?:to breathe|for (?:air|breath))\b|\bshort of breath\b"
    r"|\b(?:lips?|chest|face|tongue|throat|mouth|eyes?)(?:'s|'re)?\b(?: \w+){0,4} (?:numb|tingl\w*|swell\w*|"
    r"swollen|clos(?:ing|"
    r"ed)|tight\w*|blue)\b"
    r"|\b(?:covered in|hives|rash|spots|welts)(?: \w+){0,2} (?:hives|all over)\b|\bcan't swallow\b|\bwheez\w+"
    r"|\bswollen (?:lips?|chest|face|tongue|throat)\b|\banaphyla\w+\b(?! to\b)"
    r"|\b(?:chok(?:ing|es)|unconscious|collapsed|passed out|fainted|seizure|heart attack|chest pains?|epi ?pen|"
    r"ambulance)\b",
    re.I,
)
# A danger that is only talked about: "my throat swells up whenever I eat nuts", "last time", "do you keep an epipen".
_NOT_NOW = re.compile(
    r"\b(?:if|when|whenever|would|could|might|in case|last (?:time|week|month|year)|years? ago|once|used to|usually|"
    r"always|do you (?:have|keep)|carr(?:y|ies)|should something)\b",
    re.I,
)


def is_emergency(text: str) -> bool:
    """Say whether somebody is in danger now: "her lips are swelling and she can't breathe"."""
    return bool(_DANGER.search(text.replace("\u2019", "'"))) and not _NOT_NOW.search(text)


def is_about_a_grievance(text: str) -> bool:
    """Say whether words of a complaint are in a text, whatever else it asks for."""
    return bool(_UPSET.search(text))


def tells_a_grievance(text: str) -> bool:
    """Say whether somebody tells what went wrong at a visit, whatever day, time or call is named beside it.

    "We sat there an hour last night and it was stone cold, I want the manager to ring me about it."
    """
    text = text.replace("\u2019", "'")
    if _THAN_BEFORE.search(text) and not _CALL_BACK.search(text):
        return False
    if _MONEY_BACK.search(text) and not re.search(r"\b(?:if|cancel\w*|deposit|voucher)\b|\?", text, re.I):
        return True
    wrong = _WENT_WRONG.search(text) and _PAST_VISIT.search(text) and not _NO_GRIEVANCE.search(text)
    if "?" in text or not wrong:
        return False
    if _CALL_BACK.search(text):
        return True
    return bool(_WHEN_PAST.search(text)) and find_people(text) is None
