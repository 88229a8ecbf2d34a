"""What somebody wants to know about what they may eat, read from a question in whatever words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..house.restaurant import Dish
from .menu import Named, allergens_in, course_in, diet_in, dishes_named, keeps_off_meat

# A plain yes-or-no question whether something may be eaten; "no" keeps somebody away from the dish.
_SAFE = re.compile(
    r"\b(?:can|could|may|might|would|is|are|will)\b.*\b(?:eat|have|order|try|take|safe|ok|okay|o\.k|fine|suitable|"
    r"all ?right|good|possible|free|without|vegan|vegetarian|edible|compatible)\b"
    r"|\b(?:do|does)\b.*\b(?:suit|come without|work for)\b|\bmade without\b"
)
# A plain yes-or-no question whether something is in it; "yes" keeps somebody away from the dish.
_CONTAINS = re.compile(
    r"\b(?:do|does|did)\b.*\b(?:contain|have|include|use|come with)\b|\b(?:is|are) there\b|\bhas .* got\b"
    r"|\b(?:is|are)\b.*\bmade (?:with|of|from)\b|\b(?:is|are)\b.*\bin (?:it|the|your|them|this|that)\b"
)
_MAY_I = re.compile(
    r"\b(?:can|could|may|should) (?:i|we|he|she|they)\b.*\b(?:eat|have|order|try)\b|\bsafe\b|\bok(?:ay)?\b"
    r"|\b(?:is|are|be)\b.*\b(?:fine|suitable|all ?right|a problem)\b|\bwork for\b"
)
_ONLY_SAFE = re.compile(r"\b(?:free|without|vegan|vegetarian)\b")
# What turns a question round, or makes its sense doubtful.
_TURNED = re.compile(
    r"\b(?:not|no|never|avoid|problem|problems|danger|dangerous|risk|risky|bad|harm|unsafe|trigger|wrong|kill|sick|"
    r"anything but)\b|n't\b"
)
_YES_NO = re.compile(
    r"(?:^|[,.;:!?]|\b(?:and|so|but|then|know|if|whether|hi|hello|please|ok|okay|oh|um|sorry|well|allergic to \w+)\b)"
    r"[\s#]*(?:is|are|was|does|do|did|can|could|may|might|would|will|has|have)\b"
)
_WH = re.compile(r"\b(?:what|which|how|who|where)\b")
# Somebody keeps away from it, whatever the words: what fits them is wanted, not what contains it.
_KEEPS_OFF = (
    r"(?:keep|keeps|keeping|stay|stays|staying|steer|steers|lay|off) (?:clear |away |well )?(?:off|of|from|clear of)|"
    r"cut out|give up|given up|react(?:s|ed)? (?:badly |really badly )?to|sensitive to|(?:doesn't|does not|can't|"
    r"cannot|don't|do not|won't|never|not) (?:really |even |actually )?(?:touch|do|drink|eat|have|stomach|digest|"
    r"handle|tolerate|take|go near|get near|be near|come near|go anywhere near|agree with)|avoid|avoids|avoiding|"
    r"has to go without|go without|off limits|bad with"
)
_MAKES_ILL = (
    r"(?:makes|make|gives|give|triggers|trigger|upsets|upset|kills|disagrees with|doesn't agree with|"
    r"does not agree with|don't agree with) (?:me|my|him|his|her|us|them|our)|(?:brings|bring|sets|set) (?:me|him|her|"
    r"(?:my|our|his|her) \w+) (?:out|off)|(?:sets|set) off (?:my|his|her)|hives|rash|swells?|swollen|swelling|"
    r"itch(?:y|es)?|breaks? out|comes? out in|flares? up"
)
_ABOUT_IT = re.compile(
    rf"\b(?:{_KEEPS_OFF}|{_MAKES_ILL}|ill|sick|swell|rash|any in|in (?:it|that|this|the|your|them|there))\b"
)
_PERSON = re.compile(
    r"\b(?:i|i'm|i've|i'd|me|my|mine|he|he's|she|she's|him|her|we|we're|us|our|someone|somebody|anyone|person|people|"
    r"guest|kid|child|toddler|little one|vegans?|vegetarians?|co?eliacs?)\b"
)
# "Which would somebody with a nut allergy have to keep away from"; "who has to keep away from nuts" asks nothing.
_WHICH_ONES = re.compile(r"\b(?:which|what|anything|something|any|ones|dishes|dish)\b")
_TO_AVOID = re.compile(
    r"\b(?:avoid(?:ed|ing)?|(?:keep|stay|steer|keeping|staying|steering)(?: well| right| completely| clear)?"
    r" (?:away|off|clear|out)(?: from| of)?|watch out|look out|be (?:careful|wary)|leave (?:well )?(?:alone|out|off)"
    r"|skip|give (?:\w+ ){0,3}?a miss|do without|off limits|out for (?:me|him|her|us|them)|out of bounds"
    r"|unsafe|unsuitable|dangerous|harmful|risky"
    r"|(?:which|what)(?: of)?(?: \w+){0,2} (?:would|could|might|will) (?:set off|trigger|bring on)"
    r"|(?:shouldn't|mustn't|can't|cannot|couldn't|oughtn't|(?:should|must|can|may|could) (?:\w+ ){0,5}?not|not to)"
    r"(?: (?!any|anything)\w+){0,6}? (?:eat|have|order|touch|go near|be near|pick|take|try|choose)"
    r"|(?:aren't|isn't|are not|is not|wouldn't be|won't be)(?: \w+){0,2}?"
    r" (?:safe|suitable|ok|okay|fine|all right|good))\b"
)
# "Which are not dangerous", "what doesn't she have to avoid": turned round once more.
_NEED_NOT = re.compile(
    r"(?:n't|\bnot|\bnever)(?: (?:\w+ ){0,3}?(?:have|need|got|having) to)? (?:be |at all |too )?$|\bneedn't (?:\w+ )?$"
)
_FOOD_FIRST = re.compile(
    r"(?P<food>[a-z]+)(?: that| which| is what| is something)? "
    r"(?:i|i'm|i've|he|he's|she|she's|we|we've|they)(?: \w+){0,3} $"
)
_LISTS_CONTAINING = re.compile(
    r"\b(?:contains?|containing|with|has|have|got|includes?|serve|in (?:it|them|anything|any of|your)|is there|"
    r"are there|about)\b"
)
_EVERYTHING = re.compile(r"\b(?:everything|each|(?:is|are|all|of|do|does) (?:of )?(?:your|the))\b")
_IT = re.compile(r"\b(?:it|that|this|they|them|that one|this one|the dish)\b")
# "And milk?", "what about sesame?" goes on about the dish before.
_GOES_ON = re.compile(r"^\W*(?:(?:and|or|ok|okay|so) )+(?:what about |how about |any |is there )?(?:\w+ ){0,2}\w+\W*$")
# Foods that people keep off besides the menu's allergens; in a question about one of them they are no dish.
_KEPT_OFF = re.compile(
    r"\b(?P<food>garlic|onions?|alcohol|booze|wine|beer|rum|brandy|sugar|honey|pork|beef|meat|lamb|chicken|bacon|ham|"
    r"mushrooms?|tomato(?:es)?|coconuts?|chill?i(?:es)?|peppers?|capsicum|paprika|cinnamon|vanilla|kiwis?|"
    r"strawberr(?:y|"
    r"ies)|raspberr(?:y|ies)|berries|bananas?|avocados?|corn|maize|rice|beans?|lentils?|legumes|pulses|chickpeas?|"
    r"citrus|oranges?|lemons?|apples?|peach(?:es)?|grapefruit|coriander|cilantro|parsley|basil|mint|msg|glutamate|"
    r"gelatine?|caffeine|coffee|yeast|lupins?|lard|potato(?:es)?|spinach|caffeine|salt|vinegar|seeds?|nightshades|"
    r"aubergines?|eggplants?|histamine|fructose|sweeteners?|additives|colou?rings?|preservatives|palm oil|raw eggs?|"
    r"raw fish|raw milk|unpasteuri[sz]ed \w+)\b"
)
# What is served beside the dishes of a menu, or what they are made with and in.
_BESIDE = re.compile(
    r"\b(?:the|your|any of your|that|this) (?:\w+ )?(?P<dish>bread(?: basket| rolls?)?|rolls|chips|fries|french "
    r"fries|"
    r"dressings?|sauces?|gravy|stock|frying oil|oil|fryers?|croutons|butter|crackers|olives|ketchup|mayo|pesto|"
    r"ice cream|coffee|drinks?|cocktails?|beers?|wines?|kids'? (?:menu|meals?)|children's (?:menu|meals?)|pasta|"
    r"pizza)\b"
)
# "The soup of the day", "the special": what it is nobody wrote down.
_OF_THE_DAY = re.compile(
    r"\b(?P<dish>(?:sunday )?roast|(?:soup|fish|catch|dish|cake|pie|dessert|special) of the (?:day|week)|"
    r"(?:today's|daily|chef's|"
    r"lunch) "
    r"(?:special|soup|menu)|(?:the|your) specials?)\b"
)
# How it is cooked beside other food.
_SHARED = re.compile(
    r"\b(?:same|separate|different|shared|own|clean) (?:\w+ )?(?:pans?|pots?|oil|fryers?|grills?|boards?|knife|"
    r"knives|surfaces?|utensils|"
    r"ovens?|equipment|kitchen|area|space|station)\b|\bcross[- ]?contaminat\w*|\bcontaminat\w*|\bcooked "
    r"separately\b|\btraces?\b"
    r"|\b(?:kitchen|restaurant|place) (?:is )?(?:completely |totally |entirely )?[a-z]+[ -]free\b|\b[a-z]+[ "
    r"-]free kitchen\b"
    r"|\bguarantee\w*\b|\bhundred percent\b|\b100 ?%"
)
_FOR_ME = re.compile(r"\b(?:for (?:me|him|her|them|us)|start with|left|suggest|recommend)\b")
_ORDERS = re.compile(
    r"\b(?:i'd like|i would like|i'll have|i'll take|we'll have|i want|she'd like|he'd like|she wants|he wants|"
    r"we'd like|wants to|thinking of|"
    r"fancy|looking at|going for|go for|order)\b"
)
_UNKNOWN_DIETS = "halal|kosher|keto|ketogenic|paleo|low carb|low fodmap|pescatarian"
_FOOD = r"(?P<food>[a-z][a-z'-]*(?: [a-z][a-z'-]*){0,2})"
# What stands beside the word allergy is a food, whatever it is; elsewhere it may be anything.
_ALLERGY_FOODS = (
    re.compile(rf"\ballerg(?:ic|y|ies) (?:to|against) {_FOOD}"),
    re.compile(r"(?<!['\w])(?P<food>[a-z]+) (?:allerg(?:y|ies)|intoleran(?:t|ce))\b"),
)
# "She'd", "isn't": who, and no food.
_CONTRACTION = re.compile(r"(?:i|you|he|she|it|we|they|that|there|this|what|who|how|where|let)'[a-z]+|[a-z]+n't")
_FOODS = (
    *_ALLERGY_FOODS,
    re.compile(r"(?<!['\w])(?P<food>[a-z]+)[ -]free\b"),
    re.compile(rf"\b(?:without|free (?:of|from)|contain(?:s|ing)?|made (?:with|of|from)) {_FOOD}"),
    re.compile(rf"\b(?:is|are) there (?:any |some )?{_FOOD}(?= in\b|[\s#]*(?:[?.!,]|$))"),
    re.compile(rf"(?:\b(?:can ?not|not allowed to|must not|may not|never)|n't) (?:eat|have|tolerate|take) {_FOOD}"),
    re.compile(rf"\b(?:{_KEEPS_OFF}) {_FOOD}"),
    re.compile(rf"\b(?:have|has) {_FOOD} in (?:it|them)\b"),
    re.compile(rf"\b(?P<food>{_UNKNOWN_DIETS}|sugar|histamine|fructose)\b"),
)
# Dishes that are known well, by their last word.
_OTHER_DISH = re.compile(
    r"\b(?:the|your|that|a|an|any) (?P<dish>(?:[a-z'-]+ ){0,2}?(?:wellington|pies?|burgers?|steaks?|tiramisu|"
    r"cheesecake|brownies?|sandwich(?:es)?|pad thai|kiev|schnitzel|carbonara|bolognese|paella|ramen|sushi|tacos?|"
    r"burritos?|kebabs?|wings|ribs|omelettes?|quiche|crumble|mousse|trifle|pavlova|pancakes?|waffles?|gnocchi|"
    r"ravioli|spaghetti|moussaka|chowder|bisque|calamari|hummus|falafel|korma|masala|biryani|dumplings|"
    r"spring rolls?|satay|brulee|sundae|goulash|casserole))\b"
)
_DISHES = (
    # "the beef wellington you do is that all right": the dish first
    re.compile(
        r"\b(?:the|your|that) (?P<dish>[a-z'-]+(?: [a-z'-]+){0,3}?)"
        r"(?: that| which)?(?: you (?:do|have|serve|make|offer|got)| you've got| on (?:the|your) menu| of yours)?[\s,]+"
        r"(?:(?:is|are|does|do|has|have|would|will) (?:that|it|they|this|those)|"
        r"(?:can|could|may|might|would|should) (?:[a-z'-]+ ){1,7}?(?:eat|have|order|try) (?:it|that|them))\b"
    ),
    re.compile(
        r"\b(?:is|are|does|do|was) (?:the|your) (?P<dish>[a-z'-]+(?: [a-z'-]+){0,3}?) (?:also |all )?"
        r"(?:safe|ok|okay|fine|suitable|all ?right|good|free|contain|have|has|include|made|come|vegan|vegetarian|"
        rf"without|[a-z]+[ -]free|#|{_UNKNOWN_DIETS})\b"
    ),
    re.compile(
        r"\b(?:eat|have|order|try|in|about|with) (?:the|your) (?P<dish>[a-z'-]+(?: [a-z'-]+){0,2}?)"
        r"(?= (?:if|when|as|safe|ok|for|with|without|contain|and|be)\b|[\s#]*(?:[?.!,]|$))"
    ),
)
# Words that name neither a dish nor a food.
_GENERAL = frozenset(
    re.findall(
        r"\S+",
        """
        the a an any some of for in on at to with without and or but if so it that this these those them they is are be
        i me my we us our you your he she his her who what which how there here have has had do does can could
        anything something everything nothing none food foods dish dishes meal meals menu menus kitchen course courses
        starter starters main mains dessert desserts pudding puddings thing things stuff option options choice choices
        allergen allergens allergy allergies allergic intolerance intolerances intolerant ingredients ingredient
        traces other others else more restaurant house place table tables people person someone somebody guest guests
        one two three day days today tonight tomorrow please really actually also too all just only free safe okay ok
        food's problem way chance good lot lots much many kind kinds sort type list special diet diets sure another
        alternative instead
        husband wife son daughter child kid children kids friend mother father sister brother partner girlfriend
        as am been being were will would should may might must not no yes via up out off over into than such left
        about of by from like because due since when while after before very quite rather bit his their its let's
        boyfriend lunch dinner evening time moment terrace car park parking case severe serious bad terrible mild
        nasty proper real huge big life slight strong little seasonal quite able going loads various certain several few
        booking reservation name number bill order phone waiter staff chef girls boys lads family party group birthday
        wedding window avoid eat order touch try keep stay steer serve offer need want
        """,
    )
)


@dataclass(frozen=True)
class FoodQuestion:
    """What somebody wants to know about what they may eat.

    Attributes:
        dishes: the dishes of the menu it is about; none where it is about all.
        others: dishes it is about that the menu does not have.
        allergens: those of the menu's allergens that were named.
        diet: vegan or vegetarian.
        unknown: a food or diet that restaurant.yml says nothing about.
        course: only dishes of this course.
        asks: "safe" for "may I eat it?", "contains" for "is it in there?", None where that is not plain.
        containing: the dishes that contain something are wanted, not those without.
        to_avoid: the dishes that somebody must not eat are wanted.
        everything: it is about each of them ("are the desserts nut free").
        shared: it is about what touches other food in the kitchen ("the same pans").
    """

    dishes: tuple[Dish, ...] = ()
    others: tuple[str, ...] = ()
    allergens: tuple[str, ...] = ()
    diet: str | None = None
    unknown: str | None = None
    course: str | None = None
    asks: Literal["safe", "contains"] | None = None
    containing: bool = False
    to_avoid: bool = False
    everything: bool = False
    shared: bool = False

    @property
    def about_safety(self) -> bool:
        """Say whether an allergen, a diet or an unknown food was named at all."""
        return bool(self.allergens or self.diet or self.unknown)


def read_question(
    text: str,
    menu: Sequence[Dish],
    last: Sequence[Dish] = (),
    noted: Sequence[str] = (),
    said_here: Sequence[str] = (),
) -> FoodQuestion:
    """Understand a question about food.

    Args:
        text: as typed or recognized.
        menu: the dishes there are.
        last: the dishes talked about before, which "it" means.
        noted: what the guest cannot eat ("nut allergy"), for "can I have the cake?".
        said_here: what of it is said beside the question, "what starters are there, she's allergic to milk".
    """
    named = dishes_named(text, menu)
    rest, others = named.rest, list(named.others)
    of_the_day = _OF_THE_DAY.search(text.lower())
    if of_the_day:
        named, others = (
            Named((), (), text.lower().replace(of_the_day[0], "#")),
            [of_the_day["dish"].removeprefix("the ")],
        )
        rest = named.rest
    if not named.dishes and not others:
        others, rest = _other_dishes(rest)
    allergens, diet = allergens_in(rest), diet_in(rest)
    unknown = unknown_food(rest)
    noted = said_here or noted
    to_avoid = _asks_what_to_avoid(rest)
    about_me = (
        said_here or _MAY_I.search(rest) or _FOR_ME.search(rest) or to_avoid or (named.dishes and _ORDERS.search(rest))
    )
    if noted and not (allergens or diet or unknown) and about_me:
        allergens, diet = allergens_in(" ".join(noted)), diet_in(" ".join(noted))
        unknown = unknown_food(" ".join(noted))
    dishes = named.dishes
    course = course_in(rest, menu)
    goes_on = _IT.search(rest) or (_GOES_ON.search(rest) and (allergens or diet or unknown))
    if not dishes and not others and course is None and goes_on:
        dishes = tuple(last)
    return FoodQuestion(
        dishes=dishes,
        others=tuple(others),
        allergens=tuple(allergens),
        diet=diet,
        unknown=unknown,
        course=course,
        asks=_asks(rest),
        containing=to_avoid or bool(_LISTS_CONTAINING.search(rest) and not _wants_without(rest)),
        to_avoid=to_avoid,
        shared=bool(_SHARED.search(rest)),
        everything=bool(_EVERYTHING.search(rest)) and not _WH.search(rest),
    )


def _asks_what_to_avoid(text: str) -> bool:
    """Say whether the dishes are wanted that somebody must not eat, and not those that are left."""
    asked = _WHICH_ONES.search(text)
    for match in _TO_AVOID.finditer(text, asked.start()) if asked else ():
        before = text[: match.start()]
        after = re.split(r"\b(?:if|when|because|since|as|given)\b|[.?!,;]", text[match.end() :])[0]
        near = " ".join(after.split()[:4])
        of_somebody = re.search(r"\b(?:allerg|intoleran|diet)|\bfor (?:a|an|my|our|the)\b", near)
        its_food = _names_food(near) and not of_somebody
        food_first = _FOOD_FIRST.search(before)  # "which can i order, it's celery i have to avoid"
        if not its_food and not (food_first and _names_food(food_first["food"])) and not _NEED_NOT.search(before):
            return True
    return False


def _names_food(text: str) -> bool:
    return bool(_KEPT_OFF.search(text) or allergens_in(text) or diet_in(text))


def _asks(text: str) -> Literal["safe", "contains"] | None:
    if _WH.search(text) or _TURNED.search(text) or not _YES_NO.search(text):
        return None
    safe, contains = bool(_SAFE.search(text)), bool(_CONTAINS.search(text))
    if safe and contains and _ONLY_SAFE.search(text):
        return "safe" if not re.search(r"\bcontain", text) else None
    if safe == contains:
        return None
    return "safe" if safe else "contains"


def _wants_without(text: str) -> bool:
    if re.search(r"\bwhich\b.*\bcontain(?:s|ing)?\b", text):
        return False
    return bool(
        re.search(r"\b(?:without|free|safe|allerg|intoleran|coeliac|celiac|no|not|never|suitable|ill|sick)|n't\b", text)
        or re.search(rf"\b(?:{_KEEPS_OFF}|{_MAKES_ILL})\b", text)
        or re.search(r"\b(?:can|could|may|should)\b.*\b(?:eat|have|order)\b", text)
        or (_PERSON.search(text) and not re.search(r"\bcontain", text))
    )


def _other_dishes(text: str) -> tuple[list[str], str]:
    """Find what stands where a dish would, and is none: "is the pad thai safe"; return also the words without it."""
    beside = _BESIDE.search(text)
    if beside:
        return [beside["dish"]], f"{text[: beside.start()]}{'#' * len(beside[0])}{text[beside.end() :]}"
    other = _OTHER_DISH.search(text)
    if other and not any(word in _GENERAL for word in other["dish"].split()):
        start, end = other.span("dish")
        return [other["dish"]], f"{text[:start]}{'#' * (end - start)}{text[end:]}"
    for pattern in _DISHES:
        for match in pattern.finditer(text):
            words = [word for word in match["dish"].split() if word not in _GENERAL]
            if pattern is _DISHES[0] and len(words) < len(match["dish"].split()):
                continue  # "the table you gave us is that all right"
            if pattern is not _DISHES[1]:
                words = [word for word in words if not allergens_in(word)]  # "what about the nuts" names no dish
            if words and not diet_in(match["dish"]):
                start, end = match.span("dish")
                return [match["dish"]], f"{text[:start]}{'#' * (end - start)}{text[end:]}"
    return [], text


def unknown_food(text: str, *, known: bool = False) -> str | None:
    """Return a food or diet that somebody asks about or cannot have, and that restaurant.yml says nothing about.

    Args:
        text: in lower case.
        known: only a food or diet that people are known to keep off, or what is called an allergy.
    """
    for pattern in _FOODS:
        for match in pattern.finditer(text):
            words: list[str] = []
            for word in match["food"].split():
                general = word in _GENERAL or _CONTRACTION.fullmatch(word)
                if general and words:
                    break
                if not general:
                    words.append(word)
            food = " ".join(words)
            if known and pattern not in _ALLERGY_FOODS and not (_KEPT_OFF.search(food) or is_unknown_diet(food)):
                continue
            if food == "meat" and keeps_off_meat(text):
                continue
            if food and not allergens_in(food) and not diet_in(food) and not re.search(r"n't$|ing$", food):
                return food
    kept_off = _KEPT_OFF.search(text)
    about = re.search(
        rf"\b(?:cook|cooked|fry|fried|made|make|bake|baked) (?:\w+ )?(?:with|in)\b|\byou use\b"
        rf"|\b(?:{_KEEPS_OFF}|{_MAKES_ILL}|ill|sick|swell|rash|any in|in (?:it|that|the|your|them|there))\b",
        text,
    )
    if not kept_off or not about or (kept_off["food"] == "meat" and keeps_off_meat(text)):
        return None
    return None if allergens_in(kept_off["food"]) else kept_off["food"]


def asks_about_food(text: str, menu: Sequence[Dish]) -> bool:
    """Say whether a verdict was asked for: on a dish, or on what somebody can eat."""
    asked = read_question(text, menu)
    asks = bool(asked.dishes or asked.others) or "?" in text or bool(_WH.search(text) or _YES_NO.search(text))
    return asks and bool(asked.about_safety or asked.dishes or asked.others)


def names_dish_of_the_day(text: str) -> bool:
    """Say whether a dish is asked about that changes and that nobody wrote down: "the soup of the day"."""
    return bool(_OF_THE_DAY.search(text.lower()))


def is_unknown_diet(food: str) -> bool:
    """Say whether a food that the menu does not know is a diet: "halal", "keto"."""
    return bool(re.fullmatch(_UNKNOWN_DIETS, food))
