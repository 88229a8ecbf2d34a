"""Messages in several parts and in other languages, as pure functions and as components on a message."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message
from understanding.components import MOST_READ, DecideWhatIsMeant, SplitMessage
from understanding.grievances import is_emergency
from understanding.languages import foreign_language
from understanding.parts import MAX_PARTS, split

pytestmark = pytest.mark.rasa

SEVERAL = {
    "do you have parking and what does the risotto cost?": ["do you have parking", "what does the risotto cost?"],
    "Stop. What desserts do you have?": ["Stop", "What desserts do you have?"],
    "Is there parking? How late are you open?": ["Is there parking?", "How late are you open?"],
    "Yes, and is there a bus stop?": ["Yes", "is there a bus stop?"],
    "hello, are you open on Sunday": ["hello", "are you open on Sunday"],
    "a table for two at 7.30. Is there parking?": ["a table for two at 7.30", "Is there parking?"],
    "table for three at eight my wife is allergic to eggs": ["table for three at eight", "my wife is allergic to eggs"],
    "is it far from the station and until what time can we eat": [
        "is it far from the station",
        "until what time can we eat",
    ],
    "my aunt's allergic to shellfish would the tomato soup be fine for her": [
        "my aunt's allergic to shellfish",
        "would the tomato soup be fine for her",
    ],
    "my wife is lactose intolerant what could she have": ["my wife is lactose intolerant", "what could she have"],
    "is the soup vegan because then i'd like a table": ["is the soup vegan", "i'd like a table"],
    "hi two people at 19:15": ["hi", "two people at 19:15"],
    "book a table for two and tell me what the soup costs": ["book a table for two", "tell me what the soup costs"],
}
# A condition before a question, and a question in one breath with a booking.
IN_ONE_BREATH = {
    "are you open of a sunday and if we come by car is there anywhere to leave it": [
        "are you open of a sunday",
        "if we come by car is there anywhere to leave it",
    ],
    "do you have a terrace and if it rains can we sit inside": [
        "do you have a terrace",
        "if it rains can we sit inside",
    ],
    "where are you and if we take the bus how far is the walk": [
        "where are you",
        "if we take the bus how far is the walk",
    ],
    "when do you open and if i bring my dog is that all right": [
        "when do you open",
        "if i bring my dog is that all right",
    ],
    "a table for three at eight and if we drive where can we put the car": [
        "a table for three at eight",
        "if we drive where can we put the car",
    ],
    "if we come by car, is there parking? and do you have a vegan main": [
        "if we come by car is there parking?",
        "and do you have a vegan main",
    ],
    "is the soup vegan and if my son has a nut allergy can he eat the curry": [
        "is the soup vegan",
        "if my son has a nut allergy",
        "can he eat the curry",
    ],
    "do you know if you are open on monday and if there is parking": [
        "do you know if you are open on monday",
        "if there is parking",
    ],
    "how late do you stay open tonight and put me down for a table for two at eight if there's one left": [
        "how late do you stay open tonight",
        "put me down for a table for two at eight if there's one left",
    ],
    "how late is the kitchen open and get us a table for three at seven": [
        "how late is the kitchen open",
        "get us a table for three at seven",
    ],
    "do you have parking and we'd love a table for four": ["do you have parking", "we'd love a table for four"],
    "what time do you close and make me a reservation for two at six": [
        "what time do you close",
        "make me a reservation for two at six",
    ],
    "friday at six thirty for four please and while i think of it do you do anything vegetarian and is there something "
    "for kids": [
        "friday at six thirty for four please",
        "do you do anything vegetarian",
        "is there something for kids",
    ],
    "table for two at eight and before i forget do you do gift vouchers": [
        "table for two at eight",
        "do you do gift vouchers",
    ],
    "a table for six at seven and just wondering do you have live music": [
        "a table for six at seven",
        "do you have live music",
    ],
    "two things do you take cards and do we have to dress up": ["do you take cards", "do we have to dress up"],
}
# Nothing links the clauses: speech has no punctuation.
UNLINKED = {
    "table for two at eight tomorrow do you have parking": ["table for two at eight tomorrow", "do you have parking"],
    "do you take dogs what about cards": ["do you take dogs", "what about cards"],
    "are you the place by the lighthouse do you have a website": [
        "are you the place by the lighthouse",
        "do you have a website",
    ],
    "i need to cancel my reservation is there a fee for that": [
        "i need to cancel my reservation",
        "is there a fee for that",
    ],
    "what's the soup today is it vegetarian and how much": ["what's the soup today", "is it vegetarian", "how much"],
    "do you have high chairs we'd like to book for sunday": ["do you have high chairs", "we'd like to book for sunday"],
    "friday at seven for four what's the parking like": ["friday at seven for four", "what's the parking like"],
    "let's not go into that can i have a table for four": ["let's not go into that", "can i have a table for four"],
    "my brother can't do gluten which mains work for both": ["my brother can't do gluten", "which mains work for both"],
    "my wife's allergic to fish is shellfish ok for her": ["my wife's allergic to fish", "is shellfish ok for her"],
    "are the prawns safe for my mum she's got a fish allergy": [
        "are the prawns safe for my mum",
        "she's got a fish allergy",
    ],
}
SINGLE = [
    "your tiramisu, would that be safe for someone who can't have eggs",
    "the risotto, does that have nuts in it",
    "the table i booked is it still on",
    "what kind of wine do you have",
    "i want to know what time do you open",
    "can you tell me do you have a table",
    "do you think could we sit outside",
    "it's nice isn't it",
    "so you do takeaway do you",
    "can't be friday my in-laws have something on",
    "my dad's in a wheelchair can he get in",
    "do you have something for someone who's vegan",
    "what can she eat if she's vegan and can't have mustard",
    "my wife is the one who booked",
    "it depends what you have on",
    "a table for four and if you can fit us in at eight that would be great",
    "a table for two at seven and if there is a window free that would be nice",
    "i want to change my booking to eight and if that is not possible then cancel it",
    "if it rains, can we sit inside?",
    "put us down for two at eight if there's one left",
    "how much are the risotto and the lasagna",
    "when do you open and close",
    "a table for four tomorrow at 7. 30 p.m. please",
    "me and my wife",
    "Mr. Smith",
    "M. A. R. K.",
    "",
]
FOREIGN = {
    "de": ["Guten Tag, ich möchte einen Tisch reservieren", "Haben Sie etwas ohne Nüsse?", "Wann haben Sie geöffnet"],
    "es": ["Hola, quisiera reservar una mesa para dos", "¿Tienen algo sin gluten?", "cuánto cuesta el risotto"],
    "fr": ["Bonjour, je voudrais réserver une table", "est-ce que vous avez un parking", "Parlez-vous français ?"],
    "it": ["Buongiorno, vorrei prenotare un tavolo", "avete qualcosa senza glutine?", "a che ora aprite la domenica"],
    "pt": ["Bom dia, gostaria de reservar uma mesa", "vocês têm opções vegetarianas?", "onde vocês ficam"],
    "nl": ["Ik wil graag een tafel reserveren", "Hebben jullie iets zonder noten?", "hoe laat gaat u open"],
    "tr": ["Merhaba, iki kişilik masa istiyorum", "Türkçe konuşuyor musunuz?", "bu yemek için ne var"],
    "pl": ["Dzień dobry, chciałbym zarezerwować stolik", "Czy macie dania bez orzechów?", "ile to kosztuje"],
    "": ["Здравствуйте, я хочу столик", "您好，我想订一张桌子"],
}
ENGLISH = [
    "do you have crème brûlée",
    "can I have the spaghetti alla carbonara",
    "is the coq au vin gluten free",
    "table for two under de la Cruz",
    "my name is Vincent van den Berg",
    "Maria dos Santos",
    "what is the soup du jour",
    "penne all'arrabbiata",
    "could we sit al fresco on Cinco de Mayo",
    "the sea bass",
    "M as in Mary A R K",
    "yes",
    "Marta",
]


@pytest.mark.parametrize(("said", "parts"), {**SEVERAL, **IN_ONE_BREATH, **UNLINKED}.items())
def test_a_message_is_split_into_its_sentences_and_questions(said: str, parts: list[str]) -> None:
    assert split(said) == parts


@pytest.mark.parametrize("said", SINGLE)
def test_what_belongs_together_stays_together(said: str) -> None:
    assert split(said) == [said]


def test_a_very_long_message_has_few_parts() -> None:
    assert len(split("Is it far? " * 50)) == MAX_PARTS


@pytest.mark.parametrize(("language", "said"), [(code, text) for code, texts in FOREIGN.items() for text in texts])
def test_other_languages_are_recognized(language: str, said: str) -> None:
    assert foreign_language(said) == language


@pytest.mark.parametrize("said", ENGLISH)
def test_english_with_foreign_names_is_english(said: str) -> None:
    assert foreign_language(said) is None


def decided(text: str, whole: str, *intents: tuple[str, float], **metadata: Any) -> Message:
    """Return a message after both components, its parts classified as given."""
    message = Message(data={"text": text, "intent": {"name": whole, "confidence": 0.9}, "metadata": metadata})
    SplitMessage().process([message])
    for part, (name, confidence) in zip(message.get("parts") or (), intents, strict=True):
        part["intent"] = {"name": name, "confidence": confidence}
    DecideWhatIsMeant().process([message])
    return message


@pytest.mark.parametrize(
    ("first", "second", "meant"),
    [
        (("stop", 0.9), ("ask_menu", 0.9), "ask_menu"),
        (("ask_directions", 0.9), ("ask_menu", 0.9), "several_questions"),
        (("ask_directions", 0.9), ("ask_menu", 0.3), "ask_directions"),
        (("book_table", 0.9), ("ask_menu", 0.9), "book_table"),
        (("complaint", 0.9), ("ask_contact", 0.9), "whole"),
        (("greet", 0.9), ("affirm", 0.9), "whole"),
    ],
)
def test_the_question_is_what_has_to_be_answered(
    first: tuple[str, float], second: tuple[str, float], meant: str
) -> None:
    assert decided("One thing. What else?", "whole", first, second).get("intent")["name"] == meant


def test_another_language_is_an_intent_whatever_the_classifier_says() -> None:
    message = decided("Haben Sie etwas ohne Nüsse?", "ask_menu")
    assert (message.get("intent")["name"], message.get("language")) == ("foreign_language", "de")
    heard = decided("ein Tisch", "book_table", voice={"language": "de"})
    assert (heard.get("intent")["name"], heard.get("language")) == ("foreign_language", "de")
    assert decided("a table", "book_table", voice={"language": "en"}).get("intent")["name"] == "book_table"


def test_a_button_is_left_alone() -> None:
    assert decided("/book_table. und ich", "book_table").get("intent")["name"] == "book_table"


def test_parts_that_nobody_classified_change_nothing() -> None:
    message = Message(data={"text": "One thing. What else?", "intent": {"name": "whole", "confidence": 0.9}})
    SplitMessage().process([message])
    DecideWhatIsMeant().process([message])
    assert message.get("intent")["name"] == "whole"


def test_a_part_without_a_verb_asks_what_was_asked_before_it() -> None:
    message = decided("Are you open at Easter? And on Sunday?", "ask_hours", ("ask_hours", 0.9), ("inform", 0.9))
    assert message.get("intent")["name"] == "several_questions"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("five of us this saturday around half six", "book_table"),
        ("we're running twenty minutes late", "ask_other"),
        ("the chef cooks for five people", "praise"),
    ],
)
def test_what_shows_its_meaning_counts_more_than_the_classifier(said: str, meant: str) -> None:
    assert decided(said, "praise").get("intent")["name"] == meant


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        ("my wife's lips are swelling up and she can't breathe properly", True),
        ("Somebody here is having trouble breathing", True),
        ("my dad has collapsed", True),
        ("he's choking", True),
        ("my throat swells up whenever I eat nuts", False),
        ("my throat closes if I have any", False),
        ("do you keep an epipen", False),
        ("I nearly choked on a bone last week", False),
        ("a table for two, please", False),
    ],
)
def test_somebody_in_danger_is_told_from_talk_about_it(said: str, is_one: bool) -> None:
    assert is_emergency(said) is is_one


SHOWN: dict[str, str | None] = {
    "how far ahead can you take bookings": "ask_other",
    "is there a time limit once we're seated": "ask_other",
    "what's the largest group you can take": "ask_other",
    "i think i left my umbrella at yours last night": "ask_other",
    "we're running about ten minutes late": "ask_other",
    "please don't cancel our table if we're a bit late": "ask_other",
    "just put me through to the manager": "ask_contact",
    "i don't want to talk to a robot": "ask_contact",
    "the waiter was rude and i want to talk to the manager": "complaint",
    "and under which name is that now": "ask_bookings",
    "is that all booked now or do you need something else": "ask_bookings",
    "have you got me down for friday": "ask_bookings",
    "now read me that back love": "ask_bookings",
    "call me back please": None,
    "could we eat at nine tomorrow rather than eight": "change_booking",
    "sorry we have to bail on thursday": "cancel_booking",
    "do you have anything on new year's eve": "book_table",
    "if we come by car is there anywhere to leave it": "ask_directions",
    "if we drive where can we put the car": "ask_directions",
    "where can i leave my van overnight": "ask_directions",
    "is there somewhere to stick the car": "ask_directions",
    "i left my car keys somewhere in your place can you put them aside": "ask_other",
    "can i put the buggy in the car park": None,
    "am i talking to a real person": "ask_robot",
    "hold on before we go on am i talking to a machine": "ask_robot",
    "actually yes cancel it": "cancel_booking",
    "don't cancel it": "deny",
    "that's funny it was fine last time are you certain": "ask_allergens",
    "are you sure": None,
    "my late husband's sister will be with us": None,
    "would we have to pay something if we did cancel on the day": "ask_other",
    "could we make it dinner half seven": "change_booking",
    "could you check if there's a reservation for tomorrow for mulligan": "ask_bookings",
    "sorry when i said seven i was thinking of something else it's eight": None,
    "your waiter dropped a plate on my foot": None,
    "two of us have to bail": None,
    "have you got a high chair": None,
    "do you have anything vegan on friday": None,
    "what's the last table you'd give us on friday": "ask_hours",
    "when are last orders on saturday": "ask_hours",
    "what's the latest we could come tomorrow": "ask_hours",
    "what's the latest you can do on friday for four": None,
    "what's the last table you can do on saturday for two people": None,
    "what starters have you got": "ask_menu",
    "which puddings do you do": "ask_menu",
    "which desserts have nuts in": None,
    "what did you put in the curry": None,
    "say that again please": None,
}


@pytest.mark.parametrize("said", SHOWN)
def test_words_that_hardly_mean_anything_else_decide(said: str) -> None:
    assert DecideWhatIsMeant().shown(said) == SHOWN[said]


GRIEVANCES = (
    "right we sat there an hour and ten minutes last night and when it finally came it was stone cold i "
    "want the manager to ring me about it",
    "i was in on sunday and your waiter was so rude to my mother somebody should phone me about that",
    "we waited ninety minutes for our mains yesterday have the owner call me back tomorrow please",
    "you charged us twice on saturday evening and i would like a call back from whoever is in charge",
    "my steak was raw last night and nobody cared get the manager to ring me at seven",
    "the food was awful on friday and i expect your boss to contact me",
    "they forgot our starters completely last week and the service was dreadful",
    "the soup came cold and the waitress ignored us yesterday i want someone to ring me",
    "there was a hair in it when we came last tuesday please get back to me",
    "we were kept waiting for ages the other night ring me about it any time",
)
NO_GRIEVANCES = (
    "is the soup served cold",
    "a table for four last time we sat outside and it was cold",
    "it was cold last night so could we sit inside on friday",
    "could the manager ring me about a party for thirty",
    "we were ill yesterday so we can't come on saturday",
    "if the food was cold who would i complain to",
    "we sat by the window last night it was lovely could we have it again on friday",
    "my train was late yesterday can you ring me back",
    "we had the curry last week and it was wonderful",
    "was anybody rude to you yesterday",
    "i waited for your call yesterday to book a table for six",
    "ring me if a table gets free",
    "the waiter was a bit slow the last time we came but never mind that",
)
STANDING = (
    "so we're definitely not expected on saturday any more",
    "are we still expected on saturday",
    "so we're off the list then",
    "it's definitely cancelled now is it",
    "you're not expecting us on friday any more",
    "has it been cancelled",
    "so nobody is expecting us on saturday",
    "there's nothing booked for us any more",
    "are we still down for eight",
    "so the table is gone",
)
NOT_STANDING = (
    "i'm expecting a baby",
    "is the beef gone",
    "cancel our table",
    "the curry is off the menu",
    "can you put us down for eight",
    "we're expecting a call from you",
    "the table was lovely",
    "we're on for a table of four on friday",
    "we have cancelled our holiday",
)


@pytest.mark.parametrize(
    ("said", "is_one"), [*((text, True) for text in GRIEVANCES), *((text, False) for text in NO_GRIEVANCES)]
)
def test_what_went_wrong_at_a_visit_is_a_complaint_whatever_day_is_named(said: str, is_one: bool) -> None:
    message = Message({"text": said, "intent": {"name": "inform", "confidence": 0.9}})
    (found,) = DecideWhatIsMeant().process(SplitMessage().process([message]))
    assert (found.get("intent")["name"] == "complaint") is is_one


@pytest.mark.parametrize(
    ("said", "asks"), [*((text, True) for text in STANDING), *((text, False) for text in NOT_STANDING)]
)
def test_whether_a_table_stands_is_a_question_about_bookings(said: str, asks: bool) -> None:
    assert (DecideWhatIsMeant().shown(said) == "ask_bookings") is asks


def test_of_a_message_that_nobody_could_say_the_beginning_is_read() -> None:
    text = "what starters have you got " * 40_000  # a million letters, and one expression takes time by the square
    message = Message({"text": text, "intent": {"name": "ask_menu", "confidence": 0.9}})
    DecideWhatIsMeant().process(SplitMessage().process([message]))
    assert sum(len(part["text"]) for part in message.get("parts") or ()) <= MOST_READ
