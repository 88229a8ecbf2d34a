"""What there is to eat, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from phrases import Phrases

from ..conversation import Answer
from ..house import settings
from ..house.restaurant import Dish
from ..spoken import say_list
from .foods import content_words
from .menu import allergens_in, course_in, courses_in, diet_in, dish_in, dishes_named, mentions
from .prices import asks_a_price, extremes_asked, say_price, say_prices
from .question import FoodQuestion, asks_about_food, names_dish_of_the_day, read_question
from .safety import TELL_US, FoodAnswer, answer, contents, is_plural
from .sense import wants_containing

FEW = 3  # dishes of an answer whose prices are said, or that "them" may mean
SAID = Phrases(__file__)


def answer_menu(
    asked: str, last: Sequence[Dish] = (), noted: Sequence[str] = (), said_here: Sequence[str] = ()
) -> Answer:
    """Read the menu: a course, a dish, what suits a diet, or the whole of it.

    Args:
        asked: the question.
        last: the dishes talked about before.
        noted: what the guest cannot eat.
        said_here: what of it is said beside the question.
    """
    house = settings.restaurant()
    menu = house.menu
    if both := _listed_and_asked(asked, noted, said_here):
        return both
    if extremes := extremes_asked(asked):
        return Answer(" ".join(answer_menu(each, last).spoken for each in extremes))
    question = read_question(asked, menu, last, noted, said_here)
    course = course_in(asked, menu)
    if asks_a_price(asked) and not question.others and not (question.about_safety and not question.dishes):
        return _priced(asked, question, [dish for dish in menu if course in (None, dish.course)])
    if asks_a_price(asked) and question.about_safety and not question.containing:  # "how much is the vegan main"
        fitting = answer(question, menu)
        prices = say_prices("", fitting.dishes, menu, house.currency) if 1 <= len(fitting.dishes) <= FEW else ""
        return _shown(replace(fitting, text=f"{fitting.text} {prices}".strip()), asked)
    if question.shared or question.left_out or question.about_safety or names_dish_of_the_day(asked):
        return _shown(answer(question, menu), asked)
    dishes = list(question.dishes)
    if not dishes and not question.others:
        dishes = [dish for dish in [dish_in(asked, menu)] if dish and course in (None, dish.course)]
    if dishes:
        said = " ".join(describe(dish, house.currency) for dish in dishes)
        return Answer(said, "\n".join(f"{_line(dish)}\nAllergens: {contents(dish)}" for dish in dishes))
    if question.others:
        return Answer(f"I don't see {say_list(list(question.others), 'or')} on our menu. {_whole_menu(menu)}")
    if course:
        courses = courses_in(asked, menu)
        found = {each: [dish for dish in menu if dish.course == each] for each in courses}
        said = " ".join(f"For {each} we have {_names(dishes)}." for each, dishes in found.items())
        return Answer(said, _listing([dish for dishes in found.values() for dish in dishes]))
    if made := _made_with(asked, menu):
        return made
    missing = "I don't see that on our menu. " if SAID.wish.search(asked.lower()) else ""
    missing = (
        "I have no favorite to name, but this is what we have. " if SAID.favorite.search(asked.lower()) else missing
    )
    return Answer(f"{missing}{_whole_menu(menu)}", f"{missing}\n{_listing(menu)}".strip())


def _listed_and_asked(asked: str, noted: Sequence[str], said_here: Sequence[str]) -> Answer | None:
    """Say what there is of a course and what was asked about it in the same breath; None where it is one question."""
    menu = settings.restaurant().menu
    both = SAID.listed.match(asked.lower().replace("\u2019", "'"))
    course = course_in(both["list"], menu) if both else None
    if not both or not course or course_in(both["asks"], menu):
        return None
    first, second = read_question(both["list"], menu), read_question(both["asks"], menu)
    if first.about_safety or first.dishes or second.dishes or second.others or not second.about_safety:
        return None
    of_it = tuple(dish for dish in menu if dish.course == course)
    found = answer(replace(read_question(both["asks"], menu, of_it, noted, said_here), dishes=(), among=of_it), menu)
    return Answer(f"For {course} we have {_names(of_it)}. {found.text}", kitchen=asked if found.kitchen else None)


def _made_with(asked: str, menu: Sequence[Dish]) -> Answer | None:
    """Say which dishes are made with what the menu mentions, "anything with chocolate"; None where none is."""
    if not wants_containing(asked.lower()):
        return None
    for word in content_words(asked):
        found = [dish for dish in menu if mentions(dish, word)]
        if found and len(found) < len(menu):
            return Answer(f"With {word}, we have {_names(found)}.", _listing(found))
    return None


def _priced(asked: str, question: FoodQuestion, menu: Sequence[Dish]) -> Answer:
    """Say prices, and what else was asked about the dishes."""
    dishes = list(question.dishes)
    if not dishes:
        dishes = [dish for dish in [dish_in(asked, menu)] if dish]
    said = say_prices(asked, dishes, menu, settings.restaurant().currency)
    if not (question.about_safety and dishes):
        return Answer(said, _listing(dishes or menu))
    found = answer(question, menu)
    return Answer(f"{said} {found.text}", kitchen=asked if found.kitchen else None)


def answer_allergens(
    asked: str, last: Sequence[Dish] = (), noted: Sequence[str] = (), said_here: Sequence[str] = ()
) -> Answer:
    """Say what a dish contains, whether it is safe, or which dishes are, and never guess."""
    menu = settings.restaurant().menu
    if both := _listed_and_asked(asked, noted, said_here):
        return both
    question = read_question(asked, menu, last, noted, said_here)
    if question.others and not (question.dishes or question.about_safety) and SAID.to_have.search(asked.lower()):
        return answer_menu(asked, last, noted, said_here)
    if question.dishes or question.others or question.about_safety or question.shared or question.left_out:
        return _shown(answer(question, menu), asked)
    if SAID.passes_on.search(asked.lower()):
        known = f"I have noted the {say_list(list(noted))}." if noted else "Tell me which food it is, and I'll note it."
        return Answer(f"{known} {TELL_US}")
    if made := _made_with(asked, menu):
        return made
    return Answer("I know the allergens of every dish. Which food can't you eat, or which dish are you asking about?")


def doubted(text: str, before: Sequence[str]) -> str | None:
    """Return the question whose verdict somebody doubts: "are you certain? It was fine last time".

    Args:
        text: the latest message.
        before: what the guest said before it, the latest last.
    """
    if not SAID.doubts.search(text.lower().replace("\u2019", "'")) or names_food(text):
        return None
    earlier = next((said for said in reversed(before) if not SAID.doubts.search(said.lower()) or names_food(said)), "")
    return earlier if asks_about_food(earlier, settings.restaurant().menu) else None


def names_food(text: str) -> bool:
    """Say whether words name a dish, an allergen or a diet."""
    menu = settings.restaurant().menu
    return bool(dishes_named(text, menu).dishes or allergens_in(text) or diet_in(text) or course_in(text, menu))


def describe(dish: Dish, currency: str) -> str:
    """Say a dish, its price and its allergens."""
    about = f", {dish.about}," if dish.about else ""
    verb, contain = ("are", "They contain") if is_plural(dish) else ("is", "It contains")
    return f"The {dish.name}{about} {verb} {say_price(dish.price, currency)}. {contain} {contents(dish)}."


def _shown(found: FoodAnswer, asked: str) -> Answer:
    """Give the answer a list for the eye, and what the kitchen would be asked."""
    shown = None
    if found.dishes:
        care = TELL_US if found.text.endswith(TELL_US) else ""
        shown = f"{found.heading}:\n{_listing(found.dishes)}\n{care}".strip()
    return Answer(found.text, shown, kitchen=asked if found.kitchen else None)


def _names(dishes: Sequence[Dish]) -> str:
    return say_list([dish.name for dish in dishes])


def _whole_menu(menu: Sequence[Dish]) -> str:
    courses = list(dict.fromkeys(dish.course for dish in menu))
    parts = [f"for {course}, {_names([dish for dish in menu if dish.course == course])}" for course in courses]
    return f"{'. '.join(part[:1].upper() + part[1:] for part in parts)}. Ask me about any dish."


def _listing(dishes: Sequence[Dish]) -> str:
    return "\n".join(_line(dish) for dish in dishes)


def _line(dish: Dish) -> str:
    return f"- {dish.name.capitalize()} ({dish.price:.2f}): {dish.about}"
