"""What is safe to eat: every question about allergens and diets, in whatever words, and its answer.

An answer may be cut off by an interruption, and a "no" may belong to "is it safe?" as well as to "does it contain
nuts?". So each sentence begins with the dish or with the verdict on what was asked, no beginning of it says the
opposite of the whole, and where the question's sense is not plain it does not begin with yes or no. What
restaurant.yml does not say is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .menu import allergens_in, course_in, diet_in, dishes_named, dishes_without
from .restaurant import Dish
from .spoken import say_list

TELL_US = "Please tell your waiter as well, because everything is made in one kitchen."
ASK_KITCHEN = "Shall I ask the kitchen?"
_ANIMAL = ("milk", "eggs", "fish", "shellfish")
_MEATS = ("meat", "beef", "pork", "chicken", "lamb", "veal", "ham", "bacon", "duck", "turkey", "gelatin", "gelatine")

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
_LISTS_CONTAINING = re.compile(
    r"\b(?:contains?|containing|with|has|have|got|includes?|serve|in (?:it|them|anything|any of|your)|is there|"
    r"are there|about)\b"
)
_EVERYTHING = re.compile(r"\b(?:everything|each|(?:is|are|all|of|do|does) (?:of )?(?:your|the))\b")
_IT = re.compile(r"\b(?:it|that|this|they|them|that one|this one|the dish)\b")
# "And milk?", "what about sesame?" goes on about the dish before.
_GOES_ON = re.compile(r"^\W*(?:(?:and|or|ok|okay|so) )+(?:what about |how about |any |is there )?(?:\w+ ){0,2}\w+\W*$")
_UNKNOWN_DIETS = "halal|kosher|keto|ketogenic|paleo|low carb|low fodmap|pescatarian"
_FOOD = r"(?P<food>[a-z][a-z'-]*(?: [a-z][a-z'-]*){0,2})"
_FOODS = (
    re.compile(rf"\ballerg(?:ic|y|ies) (?:to|against) {_FOOD}"),
    re.compile(r"(?<!['\w])(?P<food>[a-z]+) (?:allerg(?:y|ies)|intoleran(?:t|ce))\b"),
    re.compile(r"(?<!['\w])(?P<food>[a-z]+)[ -]free\b"),
    re.compile(rf"\b(?:without|free (?:of|from)|contain(?:s|ing)?|made (?:with|of|from)|(?:is|are) there) {_FOOD}"),
    re.compile(rf"(?:\b(?:can ?not|not allowed to|must not|may not|never)|n't) (?:eat|have|tolerate|take) {_FOOD}"),
    re.compile(rf"\b(?:have|has) {_FOOD} in (?:it|them)\b"),
    re.compile(rf"\b(?P<food>{_UNKNOWN_DIETS}|sugar|histamine|fructose)\b"),
)
_DISHES = (
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
        food's problem way chance good lot lots much many kind kinds sort type list special diet diets sure
        husband wife son daughter child kid children kids friend mother father sister brother partner girlfriend
        about of by from like because due since when while after before very quite rather bit his their its let's
        boyfriend lunch dinner evening time moment terrace car park parking case severe serious bad terrible mild
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
        everything: it is about each of them ("are the desserts nut free").
    """

    dishes: tuple[Dish, ...] = ()
    others: tuple[str, ...] = ()
    allergens: tuple[str, ...] = ()
    diet: str | None = None
    unknown: str | None = None
    course: str | None = None
    asks: Literal["safe", "contains"] | None = None
    containing: bool = False
    everything: bool = False

    @property
    def about_safety(self) -> bool:
        """Say whether an allergen, a diet or an unknown food was named at all."""
        return bool(self.allergens or self.diet or self.unknown)


@dataclass(frozen=True)
class FoodAnswer:
    """An answer, and what else to do with it.

    Attributes:
        text: what to say.
        heading: of the list where there is a screen.
        dishes: its lines.
        kitchen: the answer ends with the offer to ask the kitchen.
    """

    text: str
    heading: str = ""
    dishes: tuple[Dish, ...] = ()
    kitchen: bool = False


def read_question(
    text: str, menu: Sequence[Dish], last: Sequence[Dish] = (), noted: Sequence[str] = ()
) -> FoodQuestion:
    """Understand a question about food.

    Args:
        text: as typed or recognized.
        menu: the dishes there are.
        last: the dishes talked about before, which "it" means.
        noted: what the guest cannot eat ("nut allergy"), for "can I have the cake?".
    """
    named = dishes_named(text, menu)
    rest, others = named.rest, list(named.others)
    if not named.dishes and not others:
        others, rest = _other_dishes(rest)
    allergens, diet = allergens_in(rest), diet_in(rest)
    unknown = unknown_food(rest)
    if noted and not (allergens or diet or unknown) and _MAY_I.search(rest):
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
        containing=bool(_LISTS_CONTAINING.search(rest)) and not _wants_without(rest),
        everything=bool(_EVERYTHING.search(rest)) and not _WH.search(rest),
    )


def answer(question: FoodQuestion, menu: Sequence[Dish]) -> FoodAnswer:
    """Answer a question in which an allergen, a diet, a food or a dish was named."""
    if question.others:
        return _unknown_dish(question)
    if question.dishes:
        return _about_dishes(question)
    dishes = [dish for dish in menu if question.course in (None, dish.course)]
    if question.unknown:
        made_with = [dish for dish in dishes if _mentions(dish, question.unknown)]
        known = f" I only know that {_mention(made_with, question.unknown)}." if made_with else ""
        doubt = f"are {question.unknown}" if _is_diet(question.unknown) else f"contain {question.unknown}"
        return FoodAnswer(f"I don't know which dishes {doubt}.{known} {ASK_KITCHEN}", kitchen=True)
    if question.containing and question.allergens:
        return FoodAnswer(_containing(dishes, question.allergens))
    return _fitting(question, dishes)


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
    return bool(
        re.search(r"\b(?:without|free|safe|allerg|intoleran|coeliac|celiac|avoid|no|not|never|suitable)|n't\b", text)
        or re.search(r"\b(?:can|could|may|should)\b.*\b(?:eat|have|order)\b|\bfor (?:someone|somebody|people)\b", text)
    )


def _other_dishes(text: str) -> tuple[list[str], str]:
    """Find what stands where a dish would, and is none: "is the pad thai safe"; return also the words without it."""
    for pattern in _DISHES:
        for match in pattern.finditer(text):
            words = [word for word in match["dish"].split() if word not in _GENERAL]
            if pattern is not _DISHES[0]:
                words = [word for word in words if not allergens_in(word)]  # "what about the nuts" names no dish
            if words and not diet_in(match["dish"]):
                start, end = match.span("dish")
                return [match["dish"]], f"{text[:start]}{'#' * (end - start)}{text[end:]}"
    return [], text


def unknown_food(text: str) -> str | None:
    """Return a food or diet that somebody asks about or cannot have, and that restaurant.yml says nothing about."""
    for pattern in _FOODS:
        for match in pattern.finditer(text):
            words: list[str] = []
            for word in match["food"].split():
                if word in _GENERAL and words:
                    break
                if word not in _GENERAL:
                    words.append(word)
            food = " ".join(words)
            if food and not allergens_in(food) and not diet_in(food) and not re.search(r"n't$|ing$", food):
                return food
    return None


def _mentions(dish: Dish, food: str) -> bool:
    if food == "meat":
        return any(_mentions(dish, meat) for meat in _MEATS[1:])
    stem = re.sub(r"(?:es|s)$", "", food)
    return bool(re.search(rf"\b{re.escape(stem)}(?:es|s)?\b", f"{dish.name} {dish.about}".lower()))


def _mention(dishes: Sequence[Dish], food: str) -> str:
    return f"{say_list([the(dish) for dish in dishes])} {'is' if _singular(dishes) else 'are'} made with {food}"


# --- verdicts ---------------------------------------------------------------------------------------------------


def _about_dishes(question: FoodQuestion) -> FoodAnswer:
    dishes = question.dishes
    if not question.about_safety:
        said = " ".join(f"{The(dish)} {_verb(dish, 'contain')} {contents(dish)}." for dish in dishes)
        return FoodAnswer(f"{said} {TELL_US}")
    known = question.unknown in _MEATS and all("vegetarian" in dish.suits for dish in dishes)
    if question.unknown and not known and not any(_problem(dish, question) for dish in dishes):
        return _unknown_part(dishes, question)
    asks = question.asks if len(dishes) == 1 else None
    # what is to be avoided comes first, so that it is heard whatever happens
    sentences = [_verdict(dish, question, asks) for dish in sorted(dishes, key=lambda d: not _problem(d, question))]
    care = f" {TELL_US}" if question.allergens or question.unknown else ""
    return FoodAnswer(f"{' '.join(sentences)}{care}")


def _problem(dish: Dish, question: FoodQuestion) -> list[str]:
    """Return what speaks against a dish: allergens it contains, a diet it does not suit, a food it is made with."""
    wanted = set(question.allergens) | ({"peanuts"} if "nuts" in question.allergens else set())
    found = [allergen for allergen in dish.allergens if allergen in wanted]
    if question.unknown and _mentions(dish, question.unknown):
        found.append(question.unknown)
    if question.diet and question.diet not in dish.suits:
        found.append(f"not {question.diet}")
    return found


def _verdict(dish: Dish, question: FoodQuestion, asks: str | None) -> str:
    problems = _problem(dish, question)
    found = [problem for problem in problems if not problem.startswith("not ")]
    if len(found) < len(problems):
        animal = [allergen for allergen in _ANIMAL if allergen in dish.allergens] if question.diet == "vegan" else []
        because = f", because {_it(dish)} {_verb(dish, 'contain')} {say_list(animal)}" if animal else ""
        also = [problem for problem in found if problem not in animal]
        more = f"; {_it(dish)} {_verb(dish, 'contain')} {say_list(also)}" if also else ""
        fact = f"{the(dish)} {_verb(dish, 'is')} not {question.diet}{because}{more}"
        return _sentence(fact, "No" if asks == "safe" else "")
    if found:
        fact = f"{the(dish)} {_verb(dish, 'contain')} {say_list(found)}"
        if asks == "contains":
            return _sentence(fact, "Yes")
        whom = f"for anyone who can't have {say_list(found, 'or')}"
        return _sentence(f"{fact}, so {_it(dish)} {_verb(dish, 'is')} not safe {whom}", "No" if asks == "safe" else "")
    facts = [f"is {question.diet}"] if question.diet else []
    without = [*question.allergens, *([question.unknown] if question.unknown else [])]
    facts += [f"made without {say_list(without, 'or')}"] if without else []
    said = " and ".join(facts).removeprefix("is ")
    begin = {"safe": "Yes", "contains": "No"}.get(asks or "", "")
    return _sentence(f"{the(dish)} {_verb(dish, 'is')} {said}", begin)


def _is_diet(food: str) -> bool:
    return bool(re.fullmatch(_UNKNOWN_DIETS, food))


def _unknown_part(dishes: Sequence[Dish], question: FoodQuestion) -> FoodAnswer:
    unknown, one = question.unknown or "", _singular(dishes)
    doubt = f"{'is' if one else 'are'} {unknown}" if _is_diet(unknown) else f"contain{'s' if one else ''} {unknown}"
    known = [f"{The(dish)} {_verb(dish, 'contain')} {contents(dish)}." for dish in dishes]
    named = say_list([the(dish) for dish in dishes])
    return FoodAnswer(f"I don't know whether {named} {doubt}. {' '.join(known)} {ASK_KITCHEN}", kitchen=True)


def _unknown_dish(question: FoodQuestion) -> FoodAnswer:
    named = say_list([f"{other}" for other in question.others], "or")
    known = ""
    if question.dishes and question.about_safety:
        known = " " + " ".join(_verdict(dish, question, None) for dish in question.dishes)
    return FoodAnswer(
        f"I don't know what is in the {named}, because I don't see it on our menu.{known} {ASK_KITCHEN}", kitchen=True
    )


def _containing(dishes: Sequence[Dish], allergens: Sequence[str]) -> str:
    sentences = []
    for allergen in allergens:
        found = [dish for dish in dishes if allergen in dish.allergens]
        if not found:
            sentences.append(f"None of our dishes contains {allergen}.")
            continue
        verb = "contains" if _singular(found) else "contain"
        named = say_list([the(dish) for dish in found])
        sentences.append(f"{named[:1].upper()}{named[1:]} {verb} {allergen}.")
    return f"{' '.join(sentences)} {TELL_US}"


def _fitting(question: FoodQuestion, dishes: Sequence[Dish]) -> FoodAnswer:
    fits = dishes_without(dishes, question.allergens, question.diet)
    without = f"without {say_list(list(question.allergens), 'or')}" if question.allergens else ""
    wanted = " and ".join(part for part in (question.diet, without) if part)
    if not fits:
        return FoodAnswer(f"I'm sorry, we have nothing {wanted} on the menu. Our kitchen can often help if you call.")
    care = f" {TELL_US}" if question.allergens else ""
    all_of_it = "Not all of them. " if question.everything and len(fits) < len(dishes) else ""
    heading = f"{wanted[:1].upper()}{wanted[1:]}"
    names = say_list([dish.name for dish in fits])
    return FoodAnswer(f"{all_of_it}{heading}, we have {names}.{care}", f"{all_of_it}{heading}", tuple(fits))


# --- grammar ----------------------------------------------------------------------------------------------------


def is_plural(dish: Dish) -> bool:
    """Say whether a dish's name is a plural: "garlic prawns", not "sea bass" or "asparagus"."""
    return bool(re.search(r"[^sui]s$", dish.name.lower()))


def the(dish: Dish) -> str:
    """Return a dish with its article."""
    return f"the {dish.name}"


def The(dish: Dish) -> str:
    """Return a dish with its article, at the beginning of a sentence."""
    return f"The {dish.name}"


def contents(dish: Dish) -> str:
    """Say what a dish contains."""
    return say_list(dish.allergens) if dish.allergens else "none of the common allergens"


def _singular(dishes: Sequence[Dish]) -> bool:
    return len(dishes) == 1 and not is_plural(dishes[0])


def _it(dish: Dish) -> str:
    return "they" if is_plural(dish) else "it"


def _verb(dish: Dish, verb: str) -> str:
    if verb == "is":
        return "are" if is_plural(dish) else "is"
    return verb if is_plural(dish) else f"{verb}s"


def _sentence(fact: str, begin: str) -> str:
    return f"{begin}, {fact}." if begin else f"{fact[:1].upper()}{fact[1:]}."
