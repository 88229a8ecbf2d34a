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

from ..house.restaurant import ALLERGENS, Dish
from ..spoken import say_list
from . import WORDS
from .foods import is_unknown_diet
from .menu import dishes_without, mentions
from .question import FoodQuestion

TELL_US = "Please tell your waiter as well, because everything is made in one kitchen."
ONE_KITCHEN = "I can't promise anything about traces, because everything is made in one kitchen."
TELL_US_OF_TRACES = f"{ONE_KITCHEN} Please tell your waiter as well."
ASK_KITCHEN = "Shall I ask the kitchen?"
_ANIMAL = ("milk", "eggs", "fish", "shellfish")
_MEATS = ("meat", *WORDS["kinds"]["meat"])


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


def answer(question: FoodQuestion, menu: Sequence[Dish]) -> FoodAnswer:
    """Answer a question in which an allergen, a diet, a food or a dish was named."""
    if question.shared:
        return FoodAnswer(f"{_known_of(question)}{ONE_KITCHEN} {ASK_KITCHEN}", kitchen=True)
    if question.others:
        return _unknown_dish(question)
    if question.dishes and question.left_out:
        return _left_out(question)
    if question.dishes:
        return _about_dishes(question)
    dishes = [
        dish
        for dish in question.among or menu
        if question.course in (None, dish.course) and dish not in question.besides
    ]
    if question.unknown and _is_meat(question) and not question.containing:
        return _without_meat(question, dishes)
    if question.unknown:
        return _unknown_of_all(question, dishes)
    if question.to_avoid and question.diet:
        return FoodAnswer(_unfit(dishes, question))
    if question.containing and question.allergens:
        return FoodAnswer(_containing(dishes, question))
    return _fitting(question, dishes)


def _care(question: FoodQuestion) -> str:
    """Return what to say after every verdict on what somebody must not eat."""
    return TELL_US_OF_TRACES if question.severe else TELL_US


def _known_of(question: FoodQuestion) -> str:
    """Say what the dishes contain before the doubt about what they touch; nothing where that is not asked."""
    if not question.dishes or not question.about_safety:
        return ""
    return "".join(f"{_verdict(dish, question, None)} " for dish in question.dishes if _problem(dish, question))


def _unknown_of_all(question: FoodQuestion, dishes: Sequence[Dish]) -> FoodAnswer:
    """Say that nobody wrote down which dishes fit, and what is known."""
    made_with = {food: [dish for dish in dishes if mentions(dish, food)] for food in question.unknown}
    mentioned = say_list([_mention(found, food) for food, found in made_with.items() if found])
    known = f" I only know that {mentioned}." if mentioned else ""
    if (question.allergens or question.diet) and not question.containing:
        known += f" {_fitting(question, dishes).text}"
    which = "of them" if question.among else f"of our {question.course}" if question.course else "dishes"
    return FoodAnswer(f"I don't know which {which} {_doubt(question, 2)}.{known} {ASK_KITCHEN}", kitchen=True)


def _doubt(question: FoodQuestion, number: int) -> str:
    """Return what is not known of one dish, or of several: "are halal", "contains kiwi or mango"."""
    one = number == 1
    diets = [food for food in question.unknown if is_unknown_diet(food)]
    foods = [food for food in question.unknown if food not in diets]
    said = [f"{'is' if one else 'are'} {say_list(diets, 'or')}"] if diets else []
    said += [f"contain{'s' if one else ''} {say_list(foods, 'or')}"] if foods else []
    return " or ".join(said)


def _is_meat(question: FoodQuestion) -> bool:
    return all(food in _MEATS for food in question.unknown)


def _mention(dishes: Sequence[Dish], food: str) -> str:
    return f"{say_list([the(dish) for dish in dishes])} {'is' if _singular(dishes) else 'are'} made with {food}"


# --- verdicts ---------------------------------------------------------------------------------------------------


def _about_dishes(question: FoodQuestion) -> FoodAnswer:
    dishes = question.dishes
    if not question.about_safety:
        said = " ".join(f"{The(dish)} {_verb(dish, 'contain')} {contents(dish)}." for dish in dishes)
        return FoodAnswer(f"{said} {_care(question)}")
    known = _is_meat(question) and all("vegetarian" in dish.suits for dish in dishes)
    if question.unknown and not known and not any(_problem(dish, question) for dish in dishes):
        return _unknown_part(dishes, question)
    asks = question.asks if len(dishes) == 1 else None
    # what is to be avoided comes first, so that it is heard whatever happens
    sentences = [_verdict(dish, question, asks) for dish in sorted(dishes, key=lambda d: not _problem(d, question))]
    left = [food for food in question.unknown if not any(mentions(dish, food) for dish in dishes)]
    sentences += [f"I don't know about {say_list(left, 'or')}."] if left and not known else []
    care = f" {_care(question)}" if question.allergens or question.unknown else ""
    return FoodAnswer(f"{' '.join(sentences)}{care}")


def _left_out(question: FoodQuestion) -> FoodAnswer:
    """Say what is in a dish that somebody wants without it; whether the kitchen can do that nobody wrote down."""
    known = " ".join(f"{The(dish)} {_verb(dish, 'contain')} {say_list(found)}." for dish, found in _found(question))
    if not known and question.about_safety:
        return _about_dishes(question)
    doubt = (
        "I don't know whether the kitchen can leave that out." if known else "I don't know whether that is possible."
    )
    return FoodAnswer(f"{known} {doubt} {ASK_KITCHEN}".strip(), kitchen=True)


def _found(question: FoodQuestion) -> list[tuple[Dish, list[str]]]:
    """Return the dishes with the foods in them that were named, those without any left out."""
    found = [
        (dish, [each for each in _problem(dish, question) if not each.startswith("not ")]) for dish in question.dishes
    ]
    return [one for one in found if one[1]]


def _problem(dish: Dish, question: FoodQuestion) -> list[str]:
    """Return what speaks against a dish: allergens it contains, a diet it does not suit, a food it is made with."""
    wanted = set(question.allergens) | ({"peanuts"} if "nuts" in question.allergens else set())
    found = [allergen for allergen in dish.allergens if allergen in wanted]
    found += [word for food in question.unknown for word in mentions(dish, food)]
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
    without = [*question.allergens, *(f for f in question.unknown if f in _MEATS and "vegetarian" in dish.suits)]
    facts += [f"made without {say_list(without, 'or')}"] if without else []
    if not facts:
        return f"About {the(dish)} I don't know."
    said = " and ".join(facts).removeprefix("is ")
    begin = {"safe": "Yes", "contains": "No" if without else ""}.get(asks or "", "")
    return _sentence(f"{the(dish)} {_verb(dish, 'is')} {said}", begin)


def _unknown_part(dishes: Sequence[Dish], question: FoodQuestion) -> FoodAnswer:
    doubt = _doubt(question, 1 if _singular(dishes) else 2)
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


def _containing(dishes: Sequence[Dish], question: FoodQuestion) -> str:
    sentences = [f"I don't see {question.absent} on our menu."] if question.absent else []
    for allergen in question.allergens:
        found = [dish for dish in dishes if allergen in dish.allergens]
        if not found:
            sentences.append(f"{_none_of(question)} contains {allergen}.")
            continue
        verb = "contains" if _singular(found) else "contain"
        named = say_list([the(dish) for dish in found])
        sentences.append(f"{named[:1].upper()}{named[1:]} {verb} {allergen}.")
    return f"{' '.join(sentences)} {_care(question)}"


def _none_of(question: FoodQuestion) -> str:
    if question.besides:
        return "None of the others"
    return "None of them" if question.among else f"None of our {question.course or 'dishes'}"


def _unfit(dishes: Sequence[Dish], question: FoodQuestion) -> str:
    """Say which dishes do not suit a diet, and which contain what must be avoided besides."""
    found = [dish for dish in dishes if question.diet not in dish.suits]
    if not found:
        return f"All of them are {question.diet}."
    named = say_list([the(dish) for dish in found])
    verb = "is" if _singular(found) else "are"
    fact = f"{named[:1].upper()}{named[1:]} {verb} not {question.diet}."
    return f"{fact} {_containing(dishes, question)}" if question.allergens else fact


def _without_meat(question: FoodQuestion, dishes: Sequence[Dish]) -> FoodAnswer:
    """Say which dishes are surely without a meat: those without any."""
    fits = dishes_without(dishes, question.allergens, question.diet or "vegetarian")
    made_with = {meat: [dish for dish in dishes if mentions(dish, meat)] for meat in question.unknown}
    known = "".join(f"{_sentence(_mention(found, meat), '')} " for meat, found in made_with.items() if found)
    also = f" and without {say_list(list(question.allergens), 'or')}" if question.allergens else ""
    sure = f"Without any meat{also}, we have {say_list([dish.name for dish in fits])}. " if fits else ""
    return FoodAnswer(f"{known}{sure}About the others I don't know. {ASK_KITCHEN}", kitchen=True)


def _fitting(question: FoodQuestion, dishes: Sequence[Dish]) -> FoodAnswer:
    fits = dishes_without(dishes, question.allergens, question.diet)
    allergens = say_list(list(question.allergens), "or")
    if len(question.allergens) == len(ALLERGENS):
        allergens = "any of the common allergens"
    without = f"without {allergens}" if allergens else ""
    wanted = " and ".join(part for part in (question.diet, without) if part)
    if not fits and (question.course or question.among or question.besides):
        return FoodAnswer(f"I'm sorry. {_none_of(question)} is {wanted}.")
    if not fits:
        return FoodAnswer(f"I'm sorry, we have nothing {wanted} on the menu. Our kitchen can often help if you call.")
    care = f" {_care(question)}" if question.allergens else ""
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
