"""What a guest says in passing and the staff should know: allergies, diets, a high chair, a birthday."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from phrases import Phrases, read_tables

from ..food.foods import kept_off, unknown_foods
from ..food.menu import allergens_in, diet_in, dishes_named, eats_no_meat
from ..house import settings
from ..house.restaurant import Dish
from ..spoken import say_list

SAID = Phrases(__file__)
_ALLERGY_NAMES = {"nuts": "nut", "peanuts": "peanut", "eggs": "egg", "sulphites": "sulphite"}
# A wish or an allergy that is taken back: "forget the high chair", "no window needed", "it's not nuts, it's sesame".
_TAKEN_BACK = (
    r"\b(?:not|no|forget|forget about|don't need|doesn't need|won't need|needn't bother with|without|skip|scrap|"
    r"cancel|"
    r"leave out|leave off|drop|never ?mind|instead of|rather than|take off|remove|delete|isn't|wasn't|aren't|no "
    r"longer|"
    r"don't want|don't bother with|ignore)(?: (?:about|the|a|an|any|that|our|my|her|his|for|need|bit|thing|with|"
    r"is|it)){0,4} "
)
_NOT_AFTER_ALL = (
    r"(?: \w+){0,3} (?:isn't|is not|not|won't be|aren't|no longer) (?:needed|necessary|required|coming|allergic)"
    r"|(?: \w+){0,2} after all\b"
)
_TABLES = read_tables(Path(__file__).with_name("notes.yml"))
_WISHES, _CONDITIONS = _TABLES["wishes"], _TABLES["conditions"]
# "Allergic to fish is shellfish OK": what is asked about is none of it.
_ASKED_AFTER = r"(?= (?:is|are) (?:the |any )?\w+ (?:ok|okay|safe|fine|alright|all right)\b)"


def find_notes(text: str, *, wishes: bool = False) -> list[str]:
    """Return what to note down of an utterance, for example "nut allergy".

    Args:
        text: as typed or recognized.
        wishes: also note what is no allergy or diet; only where a booking is talked about.
    """
    notes: list[str] = []
    lowered = SAID.just.sub(r"\1 to ", text.lower().replace("\u2019", "'"))
    for clause in re.split(rf"[.?!;]|\b(?:but|so)\b|{_ASKED_AFTER}", lowered):
        if not SAID.none.search(clause) and SAID.party.search(clause):
            notes += _allergies(clause)
            notes += [note for note, words in _CONDITIONS.items() if re.search(rf"\b(?:{words})\b", clause)]
        if wishes:
            notes += [f"no {food}" for food in _kept_off(clause)]
            notes += [wish for wish, words in _WISHES.items() if _wished(words, clause)]
    return list(dict.fromkeys(notes))


def revised_notes(text: str, noted: Sequence[str]) -> list[str] | None:
    """Return the notes as they are after "forget the high chair" or "it's not nuts, it's sesame".

    Args:
        text: as typed or recognized.
        noted: what has been noted.

    Returns:
        All the notes that are left, with those that take another's place; None where nothing is taken back.
    """
    lowered = text.lower().replace("\u2019", "'")
    if is_question(lowered):
        return None
    kept = [note for note in noted if not _takes_back(note, lowered)]
    if len(kept) == len(noted):
        return None
    gone = [note for note in noted if note not in kept]
    told = re.sub(rf"{_TAKEN_BACK}\w+", " ", lowered)
    return merged(kept, [other for note in gone for other in _in_its_place(note, told)])


def drops_a_wish(text: str) -> bool:
    """Say whether a wish is taken back, whether or not it was noted: "cancel the high chair"."""
    lowered = text.lower().replace("\u2019", "'")
    return any(re.search(rf"{_TAKEN_BACK}(?:{words})\b", lowered) for words in _WISHES.values())


def asks_for_a_wish(text: str) -> bool:
    """Say whether words ask for what can be noted down: "can it be by the window", "could you put a high chair"."""
    asked = {"table outside", "dog"}  # whether that can be had is a question first
    return bool(SAID.request.search(text.lower())) and bool(set(find_notes(text, wishes=True)) - asked)


def say_revised(before: Sequence[str], after: Sequence[str]) -> str:
    """Acknowledge: "I've taken the nut allergy off and noted the sesame allergy"."""
    gone, new = [note for note in before if note not in after], [note for note in after if note not in before]
    said = f"I've taken the {say_list(gone)} off"
    return f"{said} and noted the {say_list(new)}." if new else f"{said}."


def _kept_off(clause: str) -> list[str]:
    """Return the foods of "no nuts, please", which says of nobody that they are allergic."""
    found = re.search(
        r"\b(?:no|without|avoid) (?:any )?(\w+)(?: and (\w+))?(?: please| for (?:me|us|him|her|(?:my|"
        r"our) \w+)\b| in any)",
        clause,
    )
    return [food for word in found.groups() if word for food in allergens_in(word)] if found else []


def _wished(words: str, clause: str) -> bool:
    found = re.search(rf"\b(?:{words})\b", clause)
    if found is None:
        return False
    return not (
        re.search(rf"{_TAKEN_BACK}$", clause[: found.start()]) or re.match(_NOT_AFTER_ALL, clause[found.end() :])
    )


def _takes_back(note: str, text: str) -> bool:
    subject, _, kind = note.rpartition(" ")
    if kind in ("allergy", "intolerance", "diet"):
        named = _food_words(subject)
        denied = re.search(rf"{_TAKEN_BACK}(?:allergic to |an? )?(?:{named})\b(?! free)", text)
        replaced = bool(denied) and bool(_in_its_place(note, re.sub(rf"{_TAKEN_BACK}\w+", " ", text)))
        return replaced or (kind != "diet" and bool(SAID.no_allergy.search(text)) and not _others_named(subject, text))
    words = _WISHES.get(note, re.escape(note))
    short = "|".join([words, *[re.escape(word) for word in note.split() if word not in ("table", "high")]])
    return re.search(rf"\b(?:{short})\b", text) is not None and not _wished(short, text)


def _food_words(subject: str) -> str:
    return "|".join(
        {
            re.escape(subject),
            re.escape(subject.rstrip("s")) + "s?",
            *(["milk|dairy|lactose"] if subject == "milk" else []),
        }
    )


def _others_named(subject: str, text: str) -> bool:
    """Say whether an allergy is taken back by another name: "the shellfish allergy" is not the nut allergy."""
    return bool(allergens_in(text)) and re.search(rf"\b(?:{_food_words(subject)})\b", text) is None


def _in_its_place(note: str, told: str) -> list[str]:
    """Return the allergies or diets that are told in the place of one that is taken back."""
    subject, _, kind = note.rpartition(" ")
    if kind == "diet":
        diet = diet_in(told)
        return [f"{diet} diet"] if diet and diet != subject else []
    if kind not in ("allergy", "intolerance"):
        return []
    foods = [_ALLERGY_NAMES.get(allergen, allergen) for allergen in allergens_in(told)]
    return [f"{food} {kind}" for food in foods if food != subject]


def _allergies(clause: str) -> list[str]:
    notes = []
    condition = SAID.condition.search(clause)
    reaction = not condition and SAID.reaction.search(clause) and not SAID.complains.search(clause)
    menu = settings.restaurant().menu
    if condition or reaction:
        told = kept_off(_without_ordered(clause, menu))
        rest = dishes_named(told, menu).rest  # a dish is no food kept off
        by_time = condition and condition[0].endswith(" do")  # "he can't do seven"
        unknown = () if by_time else unknown_foods(rest, known=True)
        foods = [_ALLERGY_NAMES.get(allergen, allergen) for allergen in allergens_in(told)]
        kind = "intolerance" if re.search(r"intoleran|co?eliac|lactose", clause) else "allergy"
        keeps_to = condition and SAID.keeps_to.fullmatch(condition[0]) and kind == "allergy"
        pattern = "{}-free diet" if keeps_to and not SAID.allergy_word.search(clause) else f"{{}} {kind}"
        notes += [pattern.format(food) for food in [*foods, *unknown]]
    clause = SAID.dish_asked.sub("#", clause)
    diet = diet_in(clause)
    if diet and (SAID.diet.search(clause) or eats_no_meat(clause)):
        notes.append(f"{diet} diet")
    return notes


def _without_ordered(clause: str, menu: Sequence[Dish]) -> str:
    """Return a clause without the dishes asked for in it: "she can't have nuts, may she have the garlic prawns"."""
    names = "|".join(re.escape(dish.name.lower()) for dish in menu)
    return re.sub(rf"\b(?:the|your) (?:{names})\b", "#", clause)


def standard(text: str) -> str:
    """Return a text in lower case with the regional forms of "you" in the standard one: "would ye", "d'yous"."""
    return SAID.you.sub("you", text.lower().replace("\u2019", "'").replace("d'you", "do you").replace("d'ye", "do you"))


def is_question(text: str) -> bool:
    """Say whether words ask something: "can I have the cake?" does, "one of us is allergic to nuts" does not."""
    return bool(SAID.question.search(standard(text)))


def asks_something(text: str) -> bool:
    """Say whether words ask something at all, "I'd like to send a parcel, how does that work" included."""
    return is_question(text) or bool(SAID.inverted.search(standard(text)))


def say_noted(notes: Sequence[str]) -> str:
    """Acknowledge: "I've noted the nut allergy"."""
    return f"I've noted the {say_list(list(notes))}."


def merged(earlier: Sequence[str], notes: Sequence[str]) -> list[str]:
    """Return both without saying anything twice."""
    return list(dict.fromkeys([*earlier, *notes]))
