"""What shows the meaning of a message whatever a classifier takes it for."""

from __future__ import annotations

import datetime as dt
import re

from convai_rasa.nlu.values import find, find_people

_ANY_DAY = dt.datetime(2000, 1, 3, 12)
# A part that has no verb of its own and goes on with the question before it: "And on New Year's Day?", "or Sunday".
_GOES_ON = re.compile(
    r"^\W*(?:(?:and|or|also|plus) )+(?:what about |how about |then |maybe )?(?:(?:on|at|for|by|from|with|in|the) )*"
    r"(?:[\w']+\W*){1,4}$",
    re.I,
)
_EXISTING = re.compile(r"\b(?:booking|reservation|booked|reserved|(?:our|my) table)\b", re.I)
_WANTS = re.compile(
    r"\b(?:(?:can|could|may) (?:i|we)|(?:i|we)(?:'d| would) (?:like|love) to|i want to|we want to) (?:book|reserve)\b"
    r"|\b(?:book|reserve) (?:us|me|a table|something)\b",
    re.I,
)
_NO_TABLE = re.compile(
    r"\b(?:online|private|room|event|party for|taxi|flight|hotel|haircut|by (?:phone|mail|email)|how|need to)\b", re.I
)
_LATE = re.compile(
    r"\b(?:we|i|we're|i'm|we'll|i'll|us)\b.*\b(?:(?:be|running|gonna be|arrive|"
    r"get there)(?: \w+){0,5} (?:late(?! (?:husband|wife|"
    r"mother|father|mum|dad|brother|sister|lunch|dinner|supper|table|evening|night|slot)\b)|behind)"
    r"|minutes late|stuck in traffic)\b"
    r"|\b(?:we're|i'm|we are|i am|we come|i come) (?:just )?(?:a bit|a little|slightly|a few minutes) late\b",
    re.I,
)
# The rules of the house: how far ahead, how long, how many.
_RULES = re.compile(
    r"\bhow (?:far|long|early|much)(?: \w+){0,4} (?:ahead|in advance|before(?:hand)?)\b|\b(?:furthest|earliest|"
    r"latest) (?:in advance|ahead)\b"
    r"|\b(?:time limit|limit on (?:the )?time|sitting time|how long (?:can|may|could|do) (?:we|i|you|one|"
    r"people) (?:stay|sit|keep|have|get|be)|"
    r"how long (?:is|do we have|have we got|will we have)(?: the| our| a)? ?table|stay (?:all|the whole|as "
    r"long)|sit (?:all|the whole|as long)|"
    r"(?:give|giving|need|want|have) (?:the |our |back the )?(?:table|seats?) back|turn(?:ed)? (?:the )?tables?|"
    r"two sittings|long can we|(?:kick|throw)(?:ed|n)?(?: \\w+){0,2} out)\b"
    r"|\b(?:how (?:big|large) (?:a|of a|can|could|is)|(?:biggest|largest|maximum|max) (?:group|party|table|"
    r"number|size)|"
    r"how many (?:people|guests|persons|of us)? ?(?:can|could|do|does|fit|would) (?:you|we|i|the|be|fit|sit|"
    r"seat)|how many (?:seats|tables|people fit))\b",
    re.I,
)
_NO_RULE = re.compile(r"\bhow many\b.*\b(?:did|down for|noted|have you got (?:me|us))\b", re.I)
_PERSON = re.compile(
    r"\b(?:real|actual|live|human|proper) (?:person|human|being|voice)\b|\bhuman being\b|\ba human\b"
    r"|\b(?:get|give|put|connect|pass|transfer|hand)(?: me| us)? (?:\w+ )?(?:through|over|on)? ?(?:to )?(?:a|"
    r"some|the|your) "
    r"(?:person|human|manager|boss|owner|staff|colleagues?|member of staff)\b"
    r"|\b(?:talk|speak|chat|word)(?:ing)? (?:to|with) (?:a |an |the |your |some)?(?:\w+ )?(?:person|human|"
    r"manager|boss|owner|staff|somebody|someone|body|"
    r"one|chef|waiter|waitress|colleague|people|reception)\b"
    r"|\b(?:somebody|someone|anybody|anyone)(?: \w+){0,3} (?:i|we) (?:can|could|may|might) (?:talk|speak)\b"
    r"|\b(?:don't|do not|won't|not) (?:want to |wanna |like to |like )?(?:talk|speak|talking|speaking) (?:to|"
    r"with) (?:a |an |this |some )?(?:\w+ )?"
    r"(?:robot|machine|computer|bot|recording|answering)",
    re.I,
)
_PERSON_WANTED = re.compile(r"\b(?:can i|could i|want|get me|put me|rather|speak to a|talk to a)\b", re.I)
_NO_PERSON = re.compile(r"\b(?:am i|are you|is this|is it|was i) (?:talking|speaking|really|actually|a|an)\b", re.I)
_ROBOT = re.compile(
    r"\b(?:am i|are we|are you|is this|is that|was that|is it)\b(?: \w+){0,5}? (?:robot|machine|computer|bot|"
    r"recording|automated|"
    r"answering machine|real person|real human|actual person|human(?: being)?|a i|ai|living person)\b",
    re.I,
)
_SURE = r"\bare you (?:absolutely |quite |really |completely )?(?:certain|sure|positive)\b"
_WAS_FINE = (
    r"\b(?:fine|okay|ok|safe|all right|alright|last time|ate|eaten|contains?|nuts?|eggs?|milk|gluten|dairy|allerg\w+)\b"
)
_DOUBTS_FOOD = re.compile(rf"{_WAS_FINE}.*{_SURE}|{_SURE}.*{_WAS_FINE}", re.I)
_LOST = re.compile(
    r"\b(?:left|lost|forgot|forgotten|mislaid|misplaced|dropped)(?: \w+){0,3} (?:my|our|his|her|the|a|an)(?: "
    r"\w+){1,4} "
    r"(?:at|in|with|behind|on|under|there|last|yesterday|when)\b(?! (?:the )?(?:book|reserv|table for))"
    r"|\b(?:found|find|handed in|hand in|seen|turned up|lost property)\b.*\b(?:scarf|bag|coat|jacket|umbrella|"
    r"phone|glasses|purse|wallet|keys?|hat|"
    r"gloves?|ring|handbag|jumper|earring|teddy|toy|charger|laptop|cardigan|sunglasses|headphones|card)\b",
    re.I,
)
# What was said or noted is asked for, in words that hardly mean anything else.
_NOTED = r"(?:note|noted|noted down|write|written|write down|put down|taken down|take down|make a note|made a note)"
# Whether a table stands: "so we're definitely not expected on Saturday any more", "are we still down for eight".
_STANDING = (
    r"\b(?:we're|i'm|we are|i am|are we|am i|we aren't|i'm not|nobody's|nobody is|no one is|you aren't|"
    r"you're not|you are not)"
    r"(?: (?:all|both|then|now|really|definitely|certainly|still|not|no|longer|actually|just|so|sure|in fact))* "
    r"(?:expected|expecting (?:us|me)|off (?:the|your) (?:list|book|books|hook)|(?:in|on) (?:the|your) (?:list|"
    r"book|books)|down for)\b"
    r"|\b(?:are we|am i|we're|we are|i'm|is it|is that|it's) still on\b(?! the| your| hold)"
    r"|\b(?:it|that|the (?:table|booking|reservation)|our (?:table|booking)|my (?:table|booking)|"
    r"everything)(?:'s| is|'s been| has been) "
    r"(?:(?:all|then|now|really|definitely|certainly|actually|safely) )*(?:cancell?ed|gone|called off|deleted|"
    r"off (?:the|your) "
    r"(?:list|books?))\b"
    r"|\b(?:is|has) (?:it|that|the (?:table|booking|reservation)|our (?:table|booking)|my (?:table|booking)) (?:been )?"
    r"(?:(?:all|then|now|really|definitely|certainly|actually) )*(?:cancell?ed|gone|called off|deleted)\b"
    r"|\bthere(?:'s| is) (?:(?:now|then|definitely|really) )*(?:no|nothing|not a)(?: \w+){0,2} (?:booked|table|"
    r"booking|reservation)?"
    r" ?(?:for (?:us|me)|in (?:our|my) name|under (?:our|my) name|any ?more)\b"
    r"|\b(?:nobody|no one|nothing)(?:'s| is| will be)? (?:expecting|waiting for|booked for|held for|"
    r"kept for) (?:us|me)\b"
)
_RECALLS = re.compile(
    r"\b(?:what|which|when|how many|who|how)\b.{0,40}\b(?:did (?:i|we) (?:say|tell|give|book|reserve|ask for|put)|"
    r"(?:did|have) you (?:got|get|put|hear|heard|understood|understand|take|taken|book|booked)(?: me| us| it| that)?"
    rf"(?: down| so far| now| for (?:me|us)| as)?(?=\W*$)|(?:did|have) you {_NOTED}\b|(?:have|got) (?:me|us) down|"
    r"(?:i|we) (?:said|told you|gave you|booked|reserved)|was (?:it|that) (?:again|under)|is (?:that|it) (?:now|"
    r"under))\b"
    r"|\b(?:is|are) (?:that|it|this|we|i) (?:all |already |now |really |actually |both )*"
    r"(?:booked|reserved|sorted|all set|done|confirmed|set|settled)(?: in)?\b(?! (?:with|in|on|by|over|up|menu)\b)"
    rf"|\b(?:did|have) you {_NOTED}\b|\bhave you got\b.*\b(?:down|noted|written)\b"
    r"|\bdid you (?:get|hear|catch|understand)(?: \w+){0,6} "
    r"(?:name|number|allergy|intolerance|time|day|date|bit|part|people|high ?chair|birthday|wheelchair|dog|that)\b"
    r"|\b(?:is|was) (?:our|my) (?:table|booking|reservation) (?:for|at|on|under|still|in)\b"
    r"|^\W*(?:sorry |and |so |wait )*(?:what's |what is |what was )?the (?:date|time|day|name) (?:is|was)(?: "
    r"again)?\W*$"
    r"|\bi (?:believe|think|thought|reckon)(?: that)? (?:there's|there is|there should be|we have|we've got|"
    r"we've|i have|i've|my \w+"
    r"(?: has| have)?)\b.*\b(?:table|booking|reservation|booked|reserved)\b"
    r"|\bis there (?:already )?(?:a|any) (?:booking|reservation) (?:for|under|in the name of) (?!a\b|an\b|the\b|"
    r"\w+ (?:people|of us)|\d)"
    r"|\bhave i (?:already )?(?:told|given|said|mentioned)\b"
    r"|\b(?:if|whether) (?:there's|there is|we've got|we have|i've got|i have|we're|i'm|you've got|"
    r"you have) (?:already )?"
    r"(?:a |any )?(?:booking|reservation|down|booked|in the book)\b(?!\?? (?:fee|available|free))"
    rf"|{_STANDING}"
    r"|\bwhat time (?:should|do|must|shall) (?:we|i)(?: \w+){0,2} (?:be there|come|arrive|turn up)\b"
    r"|\b(?:read|say|repeat|run|give|play)(?: \w+){0,4} back to (?:me|us)\b|\brun (?:it|that|this|everything) "
    r"by (?:me|us)\b"
    r"|\b(?:read|say|run|give|play) (?:me|us|it|that)(?: \w+){0,2} back\b"
    r"|\bgo (?:over|through) (?:it|that|this|everything|the (?:booking|details|reservation))\b"
    r"|\bwhat else (?:do|did|would) you (?:still )?(?:need|want|require)\b"
    r"|\bdo you (?:still )?need (?:anything|something|any more|more)(?: else)?(?: from (?:me|us))?(?=\W*$)",
    re.I,
)
# "Sorry, when I said seven I was thinking of something else, it's eight" asks for nothing.
_SAYS_ANEW = re.compile(
    r"\b(?:said|told you|gave you)\b.*\b(?:it's|it is|i meant|i mean|should be|should have been|make (?:it|"
    r"that)|no it)\b"
    r"(?! (?:again|now|under)\b)(?!.*\?)",
    re.I,
)
_ABOUT_FOOD = re.compile(
    r"\b(?:vegans?|vegetarians?|gluten|desserts?|menu|wine|fish|curry|stew|soup|salad|cake|in (?:it|that|there|"
    r"the|your))\b",
    re.I,
)
_INSTEAD = re.compile(
    r"\b(?:could|can|may|might|would) (?:we|i|you)\b.*\b(?:come|eat|sit|be|arrive|dine|have (?:it|our table|the "
    r"table)|do|make|"
    r"move)\b.*\b(?:rather than|instead of|instead)\b",
    re.I,
)
_MAKES_IT = re.compile(
    r"\b(?:could|can|may|might|would) (?:we|i|you) (?:make|move|change|push|shift|switch) (?:it|that)\b", re.I
)
# "Actually yes, cancel it", whatever the yes was taken for.
_CANCEL_IT = re.compile(r"\bcancel (?:it|that|(?:my|our|the) (?:\w+ )?(?:table|booking|reservation))\b", re.I)
_NOT_CANCEL = re.compile(
    r"\b(?:don't|do not|not|never|no|didn't|if|when|before|how|fee|charge|policy|might|may|unless|rather than|"
    r"instead|wasn't)\b|\?",
    re.I,
)
_KEEPS = re.compile(
    r"^\W*(?:(?:no|please|but|oh|wait) )*(?:don't|do not) cancel(?: (?:anything|it|that|the table|our table|us))?"
    r"(?: (?:yet|just yet|for now|now))?(?:\W*$|\W+i'm (?:only|just) (?:wondering|asking)\b)",
    re.I,
)
_CANCELING_COSTS = re.compile(
    r"\b(?:pay|paying|cost\w*|charg\w+|fees?|lose|losing|deposit|penalt\w+|money)\b[^.?]*\bcancel\w*"
    r"|\bcancel\w*\b[^.?]*\b(?:pay|cost\w*|charg\w+|fees?|lose|losing|deposit|penalt\w+|policy)\b",
    re.I,
)
_COURSE = re.compile(
    r"\b(?:anything|something|what)\b.*\b(?:start with|to start|begin with|for (?:a )?(?:starters?|main|pudding|"
    r"dessert|afters))\b"
    r"|\b(?:what|which) (?:starters?|mains?|main courses|desserts?|puddings?|afters)\b.*\b(?:you|there)\b",
    re.I,
)
_BACKS_OUT = re.compile(
    r"\b(?<!two of )(?:we|i)(?:'ll| will| are|'re|'m| am)?(?: \w+){0,4} (?:bail(?: out)?|pull out|back out|call "
    r"(?:it|everything|the whole thing) off)"
    r"\b|\b(?:we|i) (?:can't|cannot|won't)(?: be able to)? (?:make it|come)(?: \w+){0,3} (?:on|this|tomorrow|"
    r"tonight|any ?more|after all)\b(?!.*\b(?:but|so|"
    r"instead|rather|at|before|until|later|earlier|could|can we|is)\b)",
    re.I,
)
_AVAILABLE = re.compile(
    r"\b(?:do you have|have you got|have you|got|is there|are there|would there be|would you have|you wouldn't "
    r"have|do you happen to have|any chance of) "
    r"(?:anything|something|any tables?|a table|tables|space|room|any room|any space|a slot|availability|any "
    r"availability|a spot)"
    r"(?: free| left| available| open| going)?(?: [\w']+){0,4}\W*$"
    r"|\b(?:anything|something|table|tables|space|room|availability) (?:free|left|available|going)\b",
    re.I,
)
_OTHER_THAN_A_TABLE = re.compile(
    r"\b(?:vegan|vegetarian|gluten|nuts?|dairy|menu|dish|eat|food|music|special|offer|kids|children|park\w*|"
    r"dogs?|drink|"
    r"wine|event|going on|on the menu|for (?:dessert|starters|lunch specials))\b",
    re.I,
)
_VEHICLE = r"(?:cars?|vans?|motor|vehicle|truck|camper|motorbike|motorcycle|driv(?:e|ing))"
_PLACE = r"(?:where|anywhere|somewhere|place|space|spot|room|possible|okay|ok|allowed)"
_LAST_TABLE = re.compile(
    r"\b(?:what|what's|what time|when|when's)\b(?: \w+){0,5}? (?:(?:last|latest|final) (?:tables?|orders?|sittings?|"
    r"seatings?|slots?|time|food)\b|latest (?:(?:that )?(?:you|we|i)\b|\w*'))",
    re.I,
)
_PARK = re.compile(
    rf"\b{_VEHICLE}\b.*\b{_PLACE}\b.*\b(?:leave|put|stick|park|stand|stop)\b"
    rf"|\b{_PLACE}\b.*\b(?:leave|put|stick|park|dump)\b.*\b{_VEHICLE}\b",
    re.I,
)
_NO_PARK = re.compile(
    r"\b(?:left|lost|forgot|charg\w+|keys?|taxi|table|seat|baby|child|pram|buggy|stroller|coat\w*)\b", re.I
)
_VERB = re.compile(
    r"\b(?:is|are|was|do|does|did|can|could|will|would|have|has|may|i|we|you|what(?! about)|which|where|when|who|"
    r"how(?! "
    r"about)|book|tell|thanks|thank|please)\b",
    re.I,
)


def names_a_table(text: str) -> bool:
    """Say whether a text names a number of guests together with a day or a time."""
    text = re.sub(r"\bwe(?:'d| would| might) be\b", "we will be", text.replace("\u2019", "'"), flags=re.I)
    if find_people(text) is None or _EXISTING.search(text):
        return False
    moments = find(text, "datetime", reference=_ANY_DAY, prefer="evening")
    return any(moment.info.get("type") != "duration" for moment in moments)


def wants_a_table(text: str) -> bool:
    """Say whether a text asks to book, in plain words: "can I reserve something for Sunday"."""
    return bool(_WANTS.search(text)) and not _NO_TABLE.search(text)


def is_late(text: str) -> bool:
    """Say whether somebody tells that they will come late: "our train is delayed, we'll be twenty minutes late"."""
    return bool(_LATE.search(text)) and not re.search(r"\?|\b(?:how|waited|came|was|were|food|last)\b", text, re.I)


def is_elliptic(text: str) -> bool:
    """Say whether a part of a message goes on with the question before it and has no verb of its own."""
    return bool(_GOES_ON.match(text)) and not _VERB.search(text)


def asks_about_rules(text: str) -> bool:
    """Say whether somebody asks how far ahead, for how many or for how long a table is given."""
    return bool(_RULES.search(text)) and not _NO_RULE.search(text) and find_people(text) is None


def wants_a_person(text: str) -> bool:
    """Say whether somebody would rather talk to a person: "is there a real person I can speak to"."""
    return bool(_PERSON.search(text)) and not _NO_PERSON.search(text)


def asks_for_a_robot(text: str) -> bool:
    """Say whether somebody asks whom they talk to: "am I talking to a machine"."""
    return bool(_ROBOT.search(text)) and not _PERSON_WANTED.search(text)


def doubts_what_is_safe(text: str) -> bool:
    """Say whether somebody doubts what was said of a dish: "it was fine last time, are you certain"."""
    return bool(_DOUBTS_FOOD.search(text))


def lost_something(text: str) -> bool:
    """Say whether somebody looks for what they left behind: "I think I left my scarf at your place"."""
    return bool(_LOST.search(text)) and not re.search(r"\byour? \w*\b.*\b(?:dropped|lost|forgot)\b", text, re.I)


def asks_what_is_noted(text: str) -> bool:
    """Say whether somebody asks what they said or what is booked: "under which name is that now?"."""
    return bool(_RECALLS.search(text)) and not _ABOUT_FOOD.search(text) and not _SAYS_ANEW.search(text)


def backs_out(text: str) -> bool:
    """Say whether the party does not come: "sorry, we have to bail on Thursday"."""
    return bool(_BACKS_OUT.search(text)) and "?" not in text


def moves_a_time(text: str) -> bool:
    """Say whether a day or time shall take another's place: "could we eat at nine tomorrow rather than eight"."""
    if not (_INSTEAD.search(text) or _MAKES_IT.search(text)):
        return False
    moments = find(text, "datetime", reference=_ANY_DAY, prefer="evening")
    return any(moment.info.get("type") != "duration" for moment in moments)


def keeps(text: str) -> bool:
    """Say whether nothing shall be canceled, and nothing else is said: "don't cancel anything yet"."""
    return bool(_KEEPS.search(text))


def asks_what_canceling_costs(text: str) -> bool:
    """Say whether somebody asks what it costs not to come: "would we have to pay if we did cancel"."""
    return bool(_CANCELING_COSTS.search(text)) and bool(
        re.search(r"\b(?:if|is there|do|does|would|will|what)\b", text, re.I)
    )


def cancels(text: str) -> bool:
    """Say whether a table shall be canceled in so many words: "actually yes cancel it"."""
    return bool(_CANCEL_IT.search(text)) and not _NOT_CANCEL.search(text)


def asks_for_room(text: str) -> bool:
    """Say whether somebody asks for a table on a day without saying so: "do you have anything on New Year's Eve"."""
    if not _AVAILABLE.search(text) or _OTHER_THAN_A_TABLE.search(text) or _EXISTING.search(text):
        return False
    return _names_a_moment(text)


def asks_for_the_last_table(text: str) -> bool:
    """Say whether it is asked how late one may come on a day: "what's the last table you'd give us on Friday"."""
    return bool(_LAST_TABLE.search(text)) and find_people(text) is None and _names_a_moment(text)


def _names_a_moment(text: str) -> bool:
    moments = find(text, "datetime", reference=_ANY_DAY, prefer="evening")
    return any(moment.info.get("type") != "duration" for moment in moments)


def asks_for_a_course(text: str) -> bool:
    """Say whether somebody asks what there is for a course: "anything I could start with?"."""
    return bool(_COURSE.search(text)) and find_people(text) is None


def asks_where_to_park(text: str) -> bool:
    """Say whether somebody asks for a place for their car: "if we come by car is there anywhere to leave it"."""
    return bool(_PARK.search(text)) and not _NO_PARK.search(text)
