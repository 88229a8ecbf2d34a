"""The actions through rasa_sdk's own executor, as the action server runs them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import actions
import pytest
from actions.house import settings
from actions.house.callbacks import CallbackList
from rasa_sdk.executor import ActionExecutor


@pytest.fixture(scope="module")
def executor() -> ActionExecutor:
    executor = ActionExecutor()
    executor.register_package(actions)
    return executor


class Conversation:
    """A tracker kept as Rasa keeps it, for one sender on one channel."""

    def __init__(self, executor: ActionExecutor, channel: str = "voice") -> None:
        self.executor = executor
        self.channel = channel
        self.slots: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.loop: str | None = None
        self.message: dict[str, Any] = {}

    def hears(
        self, text: str, intent: str, sentiment: tuple[str, float] | None = None, entities: dict[str, str] | None = None
    ) -> None:
        found = [{"entity": name, "value": value} for name, value in (entities or {}).items()]
        self.message = {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": found}
        if sentiment:
            self.message["sentiment"] = {"label": sentiment[0], "score": sentiment[1]}
        self.events.append({"event": "action", "name": "action_listen"})
        self.events.append({"event": "user", "text": text, "parse_data": self.message, "input_channel": self.channel})

    def runs(self, action: str, loop: str | None = None) -> list[str]:
        """Run an action and return what it said; its slots and events are kept."""
        self.loop = loop
        call = {
            "next_action": action,
            "tracker": {
                "sender_id": "caller",
                "slots": {"requested_slot": None, **self.slots},
                "latest_message": self.message,
                "latest_event_time": 0,
                "latest_action_name": "action_listen",
                "latest_input_channel": self.channel,
                "events": list(self.events),
                "active_loop": {"name": loop} if loop else {},
                "paused": False,
                "followup_action": None,
            },
            "domain": {},
        }
        answer = asyncio.run(self.executor.run(call))  # type: ignore[arg-type]  # a plain dict is what arrives as JSON
        assert answer is not None
        self.answer = answer
        self.events.append({"event": "action", "name": action.replace("validate_", "")})
        for event in answer["events"]:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
        texts = [response["text"] for response in answer["responses"]]
        self.events += [{"event": "bot", "text": text} for text in texts]
        return texts

    def goes_on_with(self) -> str | None:
        """Return the action that the last one asked Rasa to run next."""
        return next((event["name"] for event in self.answer["events"] if event["event"] == "followup"), None)

    def said(self, action: str, text: str, intent: str, loop: str | None = None) -> str:
        self.hears(text, intent)
        return " ".join(self.runs(action, loop))


@pytest.fixture
def conversation(executor: ActionExecutor, action_server: Path) -> Conversation:
    return Conversation(executor)


def test_a_booking_is_written_down_and_forgotten(conversation: Conversation) -> None:
    form = "validate_booking_form"
    summary = conversation.said(form, "a table for four tomorrow at eight in the name of Marta", "book_table")
    assert "Shall I book it?" in summary
    assert conversation.slots["requested_slot"] == "confirmed"
    conversation.said(form, "yes", "affirm", "booking_form")
    assert conversation.slots["requested_slot"] is None
    answer = " ".join(conversation.runs("action_finish_booking"))
    assert "It's booked: a table for 4 people, tomorrow" in answer
    assert conversation.slots["date"] is None
    found = settings.database()
    with found.engine.connect() as connection:
        rows = connection.exec_driver_sql("select name, day, time, party_size from bookings").fetchall()
    assert [tuple(row) for row in rows] == [("Marta", "2026-11-25", "20:00:00.000000", 4)]


def test_a_question_rejects_the_form_which_then_asks_again(conversation: Conversation) -> None:
    form = "validate_booking_form"
    assert conversation.said(form, "a table for two", "book_table").endswith("Which day would you like to come?")
    assert conversation.said(form, "when are you open", "ask_hours", "booking_form") == ""
    assert conversation.answer["events"][0]["event"] == "action_execution_rejected"
    conversation.runs("action_answer_hours", "booking_form")
    assert conversation.runs(form, "booking_form") == ["Which day would you like to come?"]


def test_a_stopped_form_books_nothing(conversation: Conversation) -> None:
    conversation.said("validate_booking_form", "a table for two", "book_table")
    conversation.said("validate_booking_form", "forget it", "stop", "booking_form")
    assert conversation.runs("action_finish_booking") == ["All right, I haven't booked anything."]


GIVEN_UP = [
    "actually forget the table",
    "never mind the table i'll just come in",
    "scrap the booking",
    "we don't need a table any more",
    "i don't want the booking anymore thanks",
    "no need for a table after all",
]
KEPT = [
    "i don't want a table by the door",
    "forget the booking for friday make it saturday",
    "leave the table as it is",
    "never mind the window",
    "don't forget the booking",
    "forget the table name",
]


@pytest.mark.parametrize("said", [*GIVEN_UP, *KEPT])
def test_a_table_that_is_given_up_is_asked_about_no_further(conversation: Conversation, said: str) -> None:
    conversation.said("validate_booking_form", "a table for two on friday", "book_table")
    conversation.said("validate_booking_form", said, "inform", "booking_form")
    assert (conversation.slots["requested_slot"] is None) == (said in GIVEN_UP)
    if said in GIVEN_UP:
        assert conversation.runs("action_finish_booking") == ["All right, I haven't booked anything."]


def test_a_table_is_given_up_for_a_question(conversation: Conversation) -> None:
    conversation.said("validate_booking_form", "a table for two on friday", "book_table")
    conversation.hears("actually forget the table i only wanted to know how much the risotto is", "ask_menu")
    assert "16 dollars 50" in " ".join(conversation.runs("validate_booking_form", "booking_form"))
    assert conversation.slots["requested_slot"] is None


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("oh no really what's the nearest you could do", "ask_directions"),
        ("what's the closest you've got", "ask_directions"),
        ("what else have you got", "ask_menu"),
        ("anything near that", "nlu_fallback"),
        ("what can you do then", "ask_help"),
        ("what times have you got", "ask_hours"),
    ],
)
def test_who_asks_for_room_hears_the_times_again(conversation: Conversation, said: str, intent: str) -> None:
    with settings.database().engine.begin() as connection:
        for _ in range(5):
            connection.exec_driver_sql(
                "insert into bookings (conversation, name, day, time, party_size, created_at) "
                "values ('other', 'Group', '2026-11-28', '19:00:00.000000', 8, '2026-11-24 15:00:00')"
            )
    full = conversation.said(
        "validate_booking_form", "four of us on saturday, we'd be with you for seven", "book_table"
    )
    assert "we are full at 7" in full
    again = conversation.said("validate_booking_form", said, intent, "booking_form")
    assert "I still have" in again
    assert "Harbour" not in again


def test_the_last_seats_may_go_while_the_guest_thinks(conversation: Conversation) -> None:
    conversation.said("validate_booking_form", "a table for four tomorrow at eight, my name is Marta", "book_table")
    conversation.said("validate_booking_form", "yes", "affirm", "booking_form")
    with settings.database().engine.begin() as connection:
        for _ in range(5):
            connection.exec_driver_sql(
                "insert into bookings (conversation, name, day, time, party_size, created_at) "
                "values ('other', 'Group', '2026-11-25', '20:00:00.000000', 8, '2026-11-24 15:00:00')"
            )
    answer = " ".join(conversation.runs("action_finish_booking"))
    assert "we are full at 8" in answer
    assert conversation.goes_on_with() == "booking_form"
    assert conversation.runs("validate_booking_form") == ["And at what time?"]
    assert conversation.slots["party_size"] == 4


@pytest.mark.parametrize(
    ("asked", "facts"),
    [
        ("what are your opening hours", ["Tuesday to Thursday from noon", "10:30 in the evening", "closed on Mondays"]),
        ("are you open on sunday at eight", ["Yes", "8 in the evening", "from noon to 9"]),
        ("are you open on monday", ["closed on Monday", "Tuesday the 1st of December"]),
        ("are you open right now", ["Not right now", "6 in the evening"]),
        ("do you open on christmas day", ["closed on Friday the 25th of December"]),
    ],
)
def test_opening_hours(conversation: Conversation, asked: str, facts: list[str]) -> None:
    answer = conversation.said("action_answer_hours", asked, "ask_hours")
    for fact in facts:
        assert fact in answer


@pytest.mark.parametrize(
    ("action", "asked", "facts"),
    [
        ("menu", "what's on the menu", ["For starters, tomato soup", "For mains, grilled sea bass", "lemon sorbet"]),
        ("menu", "what desserts do you have", ["chocolate cake, apple tart and lemon sorbet"]),
        ("menu", "how much is the risotto", ["mushroom risotto", "16 dollars 50"]),
        ("menu", "anything vegan", ["beet salad, chickpea curry and lemon sorbet"]),
        ("allergens", "does the lasagne contain gluten", ["Yes, the lasagna contains gluten"]),
        ("allergens", "are there nuts in the beef stew", ["No, the beef stew is made without nuts"]),
        ("allergens", "what is in the sea bass", ["fish and milk"]),
        ("allergens", "I can't have milk or gluten", ["Without gluten or milk", "beet salad"]),
        ("allergens", "my son has a peanut allergy", ["Without peanuts", "chocolate cake"]),
        ("allergens", "what about allergies", ["Which food can't you eat"]),
        ("directions", "how do i come by train", ["Central Station"]),
        ("directions", "where can i park", ["car park"]),
        ("directions", "where are you", ["12 Harbour Street"]),
        ("directions", "is there a step at the door", ["entrance is level"]),
        ("contact", "can i talk to a human", ["5 5 5, 0 1 4 2"]),
        ("other", "how far ahead can i book", ["90 days"]),
        ("other", "how long can we keep the table", ["2 hours"]),
        ("other", "what's the biggest group you take", ["up to 8 people", "40 seats"]),
        ("other", "when is the terrace open", ["don't know about the terrace"]),
        ("hours", "when can we sit outside", ["don't know about the terrace"]),
        ("hours", "i'm stood outside your place when do you start", ["We are open"]),
        ("allergens", "do you fry the prawns in the same oil as the rest", ["can't promise", "ask the kitchen"]),
        ("menu", "is the soup of the day vegetarian", ["don't know", "ask the kitchen"]),
    ],
)
def test_answers(conversation: Conversation, action: str, asked: str, facts: list[str]) -> None:
    answer = conversation.said(f"action_answer_{action}", asked, f"ask_{action}")
    for fact in facts:
        assert fact in answer


def test_the_eye_gets_a_list_where_the_ear_gets_a_sentence(executor: ActionExecutor, action_server: Path) -> None:
    shown = Conversation(executor, "rest").said("action_answer_menu", "the menu please", "ask_menu")
    spoken = Conversation(executor, "voice").said("action_answer_menu", "the menu please", "ask_menu")
    assert "- Tomato soup (6.50)" in shown
    assert "\n" not in spoken
    assert "-" not in spoken


def test_a_complaint_is_handed_over_with_how_to_reach_the_guest(conversation: Conversation) -> None:
    conversation.hears("the soup was cold, I want to complain", "complaint", ("negative", -0.7))
    assert "so sorry" in " ".join(conversation.runs("validate_complaint_form"))
    conversation.said("validate_complaint_form", "my name is Peter Brown", "inform", "complaint_form")
    conversation.said("validate_complaint_form", "five five five, double one two four", "inform", "complaint_form")
    assert conversation.slots["requested_slot"] is None
    assert "5 5 5 1 1 2 4" in " ".join(conversation.runs("action_finish_complaint"))
    (callback,) = CallbackList(settings.database()).open()
    assert (callback.message, callback.name, callback.phone) == (
        "the soup was cold, I want to complain",
        "Peter Brown",
        "5551124",
    )
    assert (callback.sentiment, callback.sentiment_score) == ("negative", -0.7)


@pytest.mark.parametrize(
    "said",
    [
        "whom do I tell if the food was cold",
        "nothing was wrong, I was just asking",
        "what terrible weather",
        "it was lovely although the fish was a touch cold but whatever",
        "the waiter was a bit rude",
    ],
)
def test_what_did_not_happen_here_is_passed_on_to_nobody(conversation: Conversation, said: str) -> None:
    conversation.hears(said, "complaint", ("negative", -0.7))
    assert "pass a complaint on" in conversation.runs("validate_complaint_form")[-1]


@pytest.mark.parametrize(
    "said",
    [
        "the music was that loud last night i couldn't hear my own husband",
        "we sat there fifty minutes on saturday and not one person came over to say sorry",
        "your waiter spilled wine on someone at our table and just shrugged",
        "the manager was rude to my mum",
        "we complained and nobody cared",
        "we had to call the waiter over three times for a cold soup",
        "just letting you know the toilets were filthy",
        "we like your place but the soup was stone cold",
        "i just want you to know the fish was burnt",
        "they forgot our starters and the bill was wrong",
    ],
)
def test_who_only_tells_what_went_wrong_is_asked_before_it_is_passed_on(conversation: Conversation, said: str) -> None:
    conversation.hears(said, "complaint", ("negative", -0.7))
    answer = conversation.runs("validate_complaint_form")
    assert answer[0].startswith("I'm so sorry")
    assert answer[-1] == "Would you like me to pass a complaint on to our manager?"
    assert CallbackList(settings.database()).open() == []


@pytest.mark.parametrize(
    "said",
    [
        "no no don't go bothering anybody with it i only wanted to say",
        "oh no it's fine",
        "there's no need to tell anyone",
        "don't trouble the manager",
        "please don't make a thing of it",
        "i'd rather you didn't say anything",
        "i was just letting off steam",
        "it's not worth it",
        "i don't want anybody to ring me",
        "not to worry",
    ],
)
def test_a_complaint_is_let_go(conversation: Conversation, said: str) -> None:
    for told in ("the soup was cold", "the soup was cold, I want to complain"):
        conversation.hears(told, "complaint", ("negative", -0.7))
        conversation.runs("validate_complaint_form")
        conversation.said("validate_complaint_form", said, "deny", "complaint_form")
        assert conversation.slots["requested_slot"] is None
        assert CallbackList(settings.database()).open() == []
        conversation.slots["contact"] = None


@pytest.mark.parametrize(
    "said",
    [
        "yes please",
        "yes i want someone to ring me about it please",
        "i'd like the manager to call me",
        "please pass it on",
    ],
)
def test_a_complaint_is_passed_on_once_it_is_wanted(conversation: Conversation, said: str) -> None:
    conversation.hears("the soup was cold", "complaint", ("negative", -0.7))
    conversation.runs("validate_complaint_form")
    conversation.said("validate_complaint_form", said, "affirm" if "yes" in said else "complaint", "complaint_form")
    (callback,) = CallbackList(settings.database()).open()
    assert callback.message.startswith("the soup was cold")


@pytest.mark.parametrize(
    "said",
    [
        "the soup was cold and i want my money back",
        "i don't want an apology i want a refund the fish was raw",
        "your waiter was rude i'd like somebody to get back to me",
        "the owner should know about this it was disgusting",
        "what are you going to do about it the soup was cold",
    ],
)
def test_what_shall_have_consequences_is_passed_on_at_once(conversation: Conversation, said: str) -> None:
    conversation.hears(said, "complaint", ("negative", -0.7))
    conversation.runs("validate_complaint_form")
    assert len(CallbackList(settings.database()).open()) == 1


def test_a_complaint_is_left_for_a_booking(conversation: Conversation) -> None:
    conversation.hears("the soup was cold, I want to complain", "complaint", ("negative", -0.7))
    conversation.runs("validate_complaint_form")
    conversation.said("validate_complaint_form", "table for two tomorrow at seven", "book_table", "complaint_form")
    assert "passed it on" in conversation.runs("action_finish_complaint")[0]
    assert conversation.goes_on_with() == "booking_form"


def test_a_number_beside_a_name_is_read(conversation: Conversation) -> None:
    conversation.hears("the soup was cold, I want to complain", "complaint", ("negative", -0.7))
    conversation.runs("validate_complaint_form")
    said = "dr stone oh seven seven double oh nine hundred one two three"
    conversation.said("validate_complaint_form", said, "inform", "complaint_form")
    (callback,) = CallbackList(settings.database()).open()
    assert (callback.name, callback.phone) == ("Dr Stone", "07700900123")


def test_a_name_is_one_whatever_it_was_taken_for(conversation: Conversation) -> None:
    conversation.said("validate_booking_form", "table for two tomorrow at seven", "book_table")
    conversation.hears("hargreaves", "ask_allergens")
    assert "under the name of Hargreaves" in " ".join(conversation.runs("validate_booking_form", "booking_form"))


def test_a_value_that_is_settled_is_an_answer_whatever_is_asked_beside_it(conversation: Conversation) -> None:
    conversation.said("validate_booking_form", "the two of us on thursday", "book_table")
    conversation.hears("what do people usually do let's say quarter to eight", "ask_hours")
    assert "7:45" in " ".join(conversation.runs("validate_booking_form", "booking_form"))


def test_details_that_the_classifier_missed_begin_a_booking(conversation: Conversation) -> None:
    conversation.hears("me and two friends, thursday at one", "nlu_fallback")
    assert conversation.runs("action_help_out") == []
    assert conversation.goes_on_with() == "booking_form"


def test_a_course_is_what_them_means(conversation: Conversation) -> None:
    conversation.hears("what desserts do you have", "ask_menu")
    conversation.runs("action_answer_menu")
    conversation.hears("which of them is without gluten", "ask_allergens")
    said = " ".join(conversation.runs("action_answer_allergens"))
    assert "lemon sorbet" in said
    assert "soup" not in said


def test_an_unfinished_question_goes_on_about_the_dish(conversation: Conversation) -> None:
    conversation.hears("is there celery in the beef stew", "ask_allergens")
    conversation.runs("action_answer_allergens")
    conversation.hears("and eggs", "ask_allergens")
    assert "beef stew" in " ".join(conversation.runs("action_answer_allergens"))


def test_a_number_that_was_heard_is_read_back_and_repaired(conversation: Conversation) -> None:
    def heard(text: str, intent: str) -> str:
        conversation.hears(text, intent)
        conversation.message["metadata"] = {"voice": {"confidence": 0.9}}
        return " ".join(conversation.runs("validate_complaint_form", "complaint_form"))

    conversation.hears("the soup was cold, I want to complain", "complaint", ("negative", -0.7))
    conversation.runs("validate_complaint_form")
    assert "is that right" in heard("five five five, zero one two, three four nine five", "inform")
    assert "5 5 5, 0 1 2, 3 4 9 8" in heard("no, the last digit is an eight", "deny")
    assert heard("yes please do that", "affirm") == ""
    assert "5 5 5 0 1 2 3 4 9 8" in " ".join(conversation.runs("action_finish_complaint"))
    (callback,) = CallbackList(settings.database()).open()
    assert callback.phone == "5550123498"


def test_a_complaint_may_be_taken_back(conversation: Conversation) -> None:
    conversation.hears("the soup was cold, I want to complain", "complaint")
    conversation.runs("validate_complaint_form")
    conversation.said("validate_complaint_form", "no leave it, I don't want any fuss", "deny", "complaint_form")
    assert "anything else" in " ".join(conversation.runs("action_finish_complaint"))
    assert CallbackList(settings.database()).open() == []


def test_a_complaint_without_a_number_is_handed_over_too(conversation: Conversation) -> None:
    conversation.hears("the soup was cold, I want to complain", "complaint")
    conversation.runs("validate_complaint_form")
    conversation.said("validate_complaint_form", "no", "deny", "complaint_form")
    assert "passed it on" in " ".join(conversation.runs("action_finish_complaint"))
    assert len(CallbackList(settings.database()).open()) == 1


@pytest.mark.parametrize("action", ["action_react_to_praise", "action_help_out"])
def test_an_upset_guest_is_heard_whatever_the_intent(conversation: Conversation, action: str) -> None:
    conversation.hears("oh great, an hour of waiting", "praise", ("negative", -0.95))
    assert conversation.runs(action) == []
    assert conversation.goes_on_with() == "complaint_form"


def test_praise_is_thanked(conversation: Conversation) -> None:
    conversation.hears("it was lovely", "praise", ("positive", 0.9))
    assert "Thank you" in " ".join(conversation.runs("action_react_to_praise"))


def test_repeat_says_the_last_answer_again(conversation: Conversation) -> None:
    answer = conversation.said("action_answer_directions", "where are you", "ask_directions")
    assert conversation.said("action_repeat", "pardon", "repeat") == answer


def test_the_second_misunderstanding_names_a_person(conversation: Conversation) -> None:
    assert "didn't catch" in conversation.said("action_help_out", "mumble", "nlu_fallback")
    assert "5 5 5, 0 1 4 2" in conversation.said("action_help_out", "mumble", "nlu_fallback")


def test_a_session_greets_only_when_the_channel_asks(conversation: Conversation) -> None:
    assert conversation.runs("action_session_start") == []
    greeting = conversation.said("action_session_start", "/session_start", "session_start")
    assert "Welcome to The Copper Kettle" in greeting


def test_a_caller_who_does_not_wait_to_be_spoken_to_is_not_greeted(conversation: Conversation) -> None:
    conversation.hears("/session_start", "session_start")
    conversation.message["metadata"] = {"voice": {"greet": False}}
    assert conversation.runs("action_session_start") == []


def test_silence_is_answered_more_urgently_each_time_and_ends_the_call(conversation: Conversation) -> None:
    question = conversation.said("action_help_out", "mumble", "nlu_fallback")
    said = []
    for count in ("1", "2", "3"):
        conversation.hears("/silence", "silence", entities={"count": count})
        said.append(" ".join(conversation.runs("action_on_silence")))
    assert said[0] == "Are you still there?"
    assert said[1].endswith(question)
    assert "hang up" in said[2]
    assert conversation.answer["responses"][-1]["custom"] == {"voice": {"hangup": True}}


@pytest.mark.parametrize(("key", "put_through"), [("0", True), ("7", False)])
def test_one_key_leads_to_a_person(conversation: Conversation, key: str, put_through: bool) -> None:
    conversation.hears("/dtmf", "dtmf", entities={"digits": key})
    conversation.runs("action_on_keys")
    voice = (conversation.answer["responses"][-1].get("custom") or {}).get("voice", {})
    assert voice.get("transfer") == ("tel:5550142" if put_through else None)


def test_bare_details_begin_a_booking_and_noise_does_not(conversation: Conversation) -> None:
    assert conversation.said("action_take_details", "tomorrow at eight for two", "inform") == ""
    assert conversation.goes_on_with() == "booking_form"
    understood, question = conversation.runs("validate_booking_form")
    assert understood.startswith("A table for 2 people, tomorrow, Wednesday")
    assert question == "And what name may I put it under?"
    assert "didn't catch" in conversation.said("action_take_details", "hm", "inform")


def test_an_angry_guest_is_offered_a_person_while_booking_and_only_once(conversation: Conversation) -> None:
    form = "validate_booking_form"
    conversation.said(form, "a table for two", "book_table")
    conversation.slots["mood_label"] = "angry"
    answer = conversation.said(form, "I said tomorrow, you useless machine", "inform", "booking_form")
    assert answer.startswith("I'm sorry, I know this is frustrating.")
    assert "5 5 5, 0 1 4 2" in answer
    assert "time" in answer
    assert conversation.slots["date"] is not None
    assert "frustrating" not in conversation.said(form, "at eight", "inform", "booking_form")


def test_the_offer_is_remembered(conversation: Conversation) -> None:
    assert "frustrating" in conversation.said("action_offer_person", "oh no", "nlu_fallback")
    assert conversation.slots["person_offered"] is True


def test_the_bots_mood_ignores_answers(conversation: Conversation) -> None:
    for intent in ("deny", "stop"):
        conversation.hears("no", intent, ("negative", -0.9))
    conversation.runs("action_track_mood")
    assert (conversation.slots["mood"], conversation.slots["mood_label"]) == (0.0, None)
    for _ in range(2):
        conversation.hears("you are useless", "nlu_fallback", ("negative", -0.8))
    conversation.runs("action_track_mood")
    assert conversation.slots["mood_label"] == "angry"


def test_more_anger_is_no_name(conversation: Conversation) -> None:
    conversation.hears("the soup was cold, I want to complain", "complaint")
    conversation.runs("validate_complaint_form")
    answer = conversation.said("validate_complaint_form", "you fool, this is awful", "complaint", "complaint_form")
    assert answer.startswith("May I have your name")
    (callback,) = CallbackList(settings.database()).open()
    assert callback.name is None


def parts(*found: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"text": text, "intent": {"name": intent, "confidence": 0.9}} for text, intent in found]


def test_two_questions_get_two_answers(conversation: Conversation) -> None:
    conversation.hears("do you have parking and what does the risotto cost", "several_questions")
    conversation.message["parts"] = parts(
        ("do you have parking", "ask_directions"), ("what does the risotto cost", "ask_menu")
    )
    parking, price = conversation.runs("action_answer_several")
    assert "car park" in parking
    assert "16 dollars 50" in price


def test_several_questions_that_are_all_doubtful_are_answered_as_they_are_most_likely_meant(
    conversation: Conversation,
) -> None:
    conversation.hears("is there a car park and till when on sunday erm", "several_questions")
    found = parts(("is there a car park", "ask_directions"), ("till when on sunday", "ask_hours"), ("erm", "affirm"))
    for part in found:
        part["intent"]["confidence"] = 0.3
    conversation.message["parts"] = found
    parking, hours = conversation.runs("action_answer_several")
    assert "car park" in parking
    assert "until 9" in hours or "to 9" in hours


@pytest.mark.parametrize("found", [[], parts(("erm", "affirm"), ("what I booked", "ask_bookings"))])
def test_several_questions_with_no_part_to_answer_get_one_honest_answer(
    conversation: Conversation, found: list[dict[str, Any]]
) -> None:
    for part in found:
        part["intent"]["confidence"] = 0.3
    conversation.hears("the whatsit and the other one", "several_questions")
    conversation.message["parts"] = found
    [answer] = conversation.runs("action_answer_several")
    assert answer == "I'm afraid I don't know that. Our staff will gladly tell you on 5 5 5, 0 1 4 2."


UNKNOWN: dict[tuple[str, ...], str] = {
    (
        "two things do you take cards",
        "do we have to dress up",
    ): "about paying by card or in cash, nor about a dress code.",
    ("do you accept visa", "are dogs allowed"): "about paying by card or in cash, nor about dogs.",
    ("is there live music on fridays", "do you do gift vouchers"): "about music, nor about vouchers.",
    ("could you do something for a birthday", "do you deliver"): "about birthdays, nor about delivery.",
    ("did anyone hand in a scarf i left behind", "can we split the bill"): "about lost property, nor about payment.",
    ("can we pay by card", "is it cash only"): "about paying by card or in cash.",
    ("is there wifi", "is it noisy"): "about internet for guests, nor about how loud it is.",
    ("is there wifi", "is it romantic"): "about internet for guests, nor the answer to your other question.",
    ("is it stylish", "is it romantic"): "that.",
    ("do you take amex", "is contactless okay"): "about paying by card or in cash.",
    ("do you have high chairs", "is there a kids menu", "may i smoke outside"): (
        "about high chairs, about offers for children, nor about smoking."
    ),
}


@pytest.mark.parametrize("asked", UNKNOWN)
def test_what_is_not_known_is_named_and_said_once(conversation: Conversation, asked: tuple[str, ...]) -> None:
    conversation.hears(" and ".join(asked), "several_questions")
    conversation.message["parts"] = parts(*((question, "ask_other") for question in asked))
    [answer] = conversation.runs("action_answer_several")
    assert answer.startswith(f"I'm afraid I don't know {UNKNOWN[asked]} Our staff will gladly tell you on ")


def test_what_is_doubtful_beside_what_is_sure_is_answered_too(conversation: Conversation) -> None:
    conversation.hears("are you open on sunday and where do i leave my horse", "ask_hours")
    conversation.message["parts"] = [
        {"text": "are you open on sunday", "intent": {"name": "ask_hours", "confidence": 0.9}},
        {"text": "where do i leave my horse", "intent": {"name": "deny", "confidence": 0.3}},
        {"text": "would that be ok", "intent": {"name": "deny", "confidence": 0.3}},  # asks nothing of its own
    ]
    hours, unknown = conversation.runs("action_answer_hours")
    assert hours.startswith("We are open on Sunday")
    assert unknown.startswith("I'm afraid I don't know that.")


def test_what_she_cannot_eat_counts_for_her_and_what_i_cannot_for_me(conversation: Conversation) -> None:
    conversation.hears("my wife is allergic to nuts and i can't have milk what could she have for dessert", "ask_menu")
    conversation.message["parts"] = parts(
        ("my wife is allergic to nuts and i can't have milk", "ask_allergens"),
        ("what could she have for dessert", "ask_menu"),
    )
    assert conversation.runs("action_answer_menu")[0].startswith("Without nuts, we have apple tart and lemon sorbet.")
    assert conversation.said("action_answer_menu", "what could i have for dessert", "ask_menu").startswith(
        "Without milk, we have lemon sorbet."
    )


def test_what_is_told_beside_a_question_counts_for_it(conversation: Conversation) -> None:
    conversation.hears("kiwi's a big no for our youngest is there any in your puddings", "ask_menu")
    conversation.message["parts"] = parts(
        ("kiwi's a big no for our youngest", "inform"), ("is there any in your puddings", "ask_menu")
    )
    assert conversation.runs("action_answer_menu")[0].startswith("I don't know which of our desserts contain kiwi.")
    conversation.hears("she only eats fish what have you got", "ask_menu")
    conversation.message["parts"] = parts(
        ("she only eats fish", "ask_allergens"), ("what have you got", "ask_bookings")
    )
    [answer] = conversation.runs("action_answer_menu")
    assert answer.startswith("The grilled sea bass contains fish.")


@pytest.mark.parametrize(
    ("asked", "intent", "told"),
    [
        ("is there parking", "ask_directions", "There is a car park behind the house, free for our guests."),
        ("can i bring my dog", "ask_other", "I'm afraid I don't know that."),
    ],
)
def test_how_much_it_is_means_what_was_asked_about(
    conversation: Conversation, asked: str, intent: str, told: str
) -> None:
    conversation.said(f"action_answer_{intent.removeprefix('ask_')}", asked, intent)
    assert conversation.said("action_answer_menu", "and how much is it", "ask_menu").startswith(told)


def test_a_verdict_is_given_whatever_the_question_was_taken_for(conversation: Conversation) -> None:
    conversation.hears("i was diagnosed coeliac may i still eat your lasagne", "ask_hours")
    conversation.message["parts"] = parts(
        ("i was diagnosed coeliac", "ask_allergens"), ("may i still eat your lasagne", "ask_hours")
    )
    assert conversation.runs("action_answer_hours")[0].startswith("No, the lasagna contains gluten")


def test_it_is_the_dish_of_the_answer_and_no_price_of_the_car_park(conversation: Conversation) -> None:
    conversation.said("action_answer_menu", "what's the cheapest thing you do", "ask_menu")
    assert (
        conversation.said("action_answer_allergens", "is that vegan", "ask_allergens")
        == "Yes, the lemon sorbet is vegan."
    )
    conversation.said("action_answer_other", "can i bring my dog", "ask_other")
    conversation.hears("how much is it", "ask_menu")
    assert conversation.runs("action_answer_menu")[0].startswith("I'm afraid I don't know that.")


def test_who_asks_three_times_is_given_the_telephone(conversation: Conversation) -> None:
    conversation.said("action_answer_hours", "are you open on sunday", "ask_hours")
    for _ in range(2):
        assert "call our staff" not in conversation.said("action_repeat", "what", "repeat")
    assert "you can also call our staff on 5 5 5, 0 1 4 2" in conversation.said("action_repeat", "what", "repeat")


def test_what_is_known_is_said_beside_what_is_not(conversation: Conversation) -> None:
    conversation.hears("do you take cards, is it step free and are dogs allowed", "several_questions")
    conversation.message["parts"] = parts(
        ("do you take cards", "ask_other"), ("is it step free", "ask_other"), ("are dogs allowed", "ask_other")
    )
    unknown, known = conversation.runs("action_answer_several")
    assert "about paying by card or in cash, nor about dogs" in unknown
    assert "entrance is level" in known


def test_a_question_before_a_booking_is_answered_and_the_booking_begins(conversation: Conversation) -> None:
    conversation.hears("how late do you stay open tonight and put me down for a table for two at eight", "book_table")
    conversation.message["parts"] = parts(
        ("how late do you stay open tonight", "ask_hours"), ("put me down for a table for two at eight", "book_table")
    )
    said = " ".join(conversation.runs("validate_booking_form"))
    assert "10:30" in said
    assert conversation.slots["party_size"] == 2
    assert conversation.slots["requested_slot"] == "name"


def test_questions_after_a_booking_are_answered_and_the_booking_begins(conversation: Conversation) -> None:
    conversation.hears(
        "friday at six thirty for four do you do anything vegetarian is there something for kids", "inform"
    )
    conversation.message["parts"] = parts(
        ("friday at six thirty for four please", "inform"),
        ("do you do anything vegetarian", "ask_menu"),
        ("is there something for kids", "ask_other"),
    )
    said = " ".join(conversation.runs("validate_booking_form"))
    assert "risotto" in said
    assert "about offers for children" in said
    assert conversation.slots["requested_slot"] == "name"


def test_a_question_beside_an_answer_is_answered_and_the_form_goes_on(conversation: Conversation) -> None:
    form = "validate_booking_form"
    conversation.said(form, "a table for four tomorrow at eight, my name is Marta", "book_table")
    conversation.hears("Yes. And do you have parking?", "ask_directions")
    conversation.message["parts"] = parts(("Yes", "affirm"), ("And do you have parking?", "ask_directions"))
    assert "car park" in " ".join(conversation.runs(form, "booking_form"))
    assert conversation.slots["confirmed"] is True
    assert conversation.slots["requested_slot"] is None


def test_stop_before_a_question_takes_the_floor_only(conversation: Conversation) -> None:
    form = "validate_booking_form"
    conversation.said(form, "a table for four tomorrow", "book_table")
    conversation.hears("Stop. What desserts do you have?", "ask_menu")
    conversation.message["parts"] = parts(("Stop", "stop"), ("What desserts do you have?", "ask_menu"))
    answer = conversation.runs(form, "booking_form")
    assert "chocolate cake" in answer[0]
    assert answer[-1] == "And at what time?"


def test_an_allergy_is_noted_before_the_booking_and_kept_in_it(conversation: Conversation) -> None:
    answer = conversation.said("action_answer_allergens", "my son has a nut allergy", "ask_allergens")
    assert answer.startswith("I've noted the nut allergy. Without nuts, we have")
    form = "validate_booking_form"
    summary = conversation.said(form, "a table for four tomorrow at eight, my name is Marta", "book_table")
    assert "with a note about the nut allergy" in summary
    conversation.said(form, "yes", "affirm", "booking_form")
    assert "nut allergy" in " ".join(conversation.runs("action_finish_booking"))
    with settings.database().engine.connect() as connection:
        assert connection.exec_driver_sql("select note from bookings").fetchall() == [("nut allergy",)]
    assert "nut allergy" in conversation.said("action_tell_bookings", "what did i book", "ask_bookings")


def test_the_kitchen_is_asked_after_a_yes(conversation: Conversation) -> None:
    answer = conversation.said("action_answer_allergens", "does the curry contain kiwi", "ask_allergens")
    assert answer.startswith("I don't know whether the chickpea curry contains kiwi.")
    conversation.hears("yes please", "affirm")
    conversation.runs("action_track_doubt")
    assert conversation.slots["doubt"] == "kitchen"
    assert "the kitchen can call you back" in " ".join(conversation.runs("validate_complaint_form"))
    conversation.said("validate_complaint_form", "555 0199", "inform", "complaint_form")
    assert "The kitchen will call you back" in " ".join(conversation.runs("action_finish_complaint"))
    (callback,) = CallbackList(settings.database()).open()
    assert callback.message == "does the curry contain kiwi"


def test_in_a_booking_the_question_for_the_kitchen_is_noted(conversation: Conversation) -> None:
    conversation.said("validate_booking_form", "a table for two", "book_table")
    conversation.hears("does the curry contain kiwi?", "ask_allergens")
    answer = " ".join(conversation.runs("action_answer_allergens", "booking_form"))
    assert answer.endswith("I've noted the question for the kitchen.")
    assert conversation.slots["notes"] == ["question for the kitchen: does the curry contain kiwi"]


def test_a_doubtful_complaint_is_passed_on_only_after_a_yes(conversation: Conversation) -> None:
    conversation.hears("what about that thing last time", "complaint", ("neutral", 0.0))
    assert conversation.runs("validate_complaint_form")[-1:] == [
        "Would you like me to pass a complaint on to our manager?"
    ]
    assert CallbackList(settings.database()).open() == []
    conversation.said("validate_complaint_form", "yes", "affirm", "complaint_form")
    (callback,) = CallbackList(settings.database()).open()
    assert callback.message == "what about that thing last time"


def test_a_doubtful_complaint_is_dropped_after_a_no(conversation: Conversation) -> None:
    conversation.hears("what about that thing last time", "complaint", ("neutral", 0.0))
    conversation.runs("validate_complaint_form")
    conversation.said("validate_complaint_form", "no", "deny", "complaint_form")
    assert conversation.slots["requested_slot"] is None
    assert conversation.runs("action_finish_complaint") == ["All right. Just tell me if there is anything else."]
    assert CallbackList(settings.database()).open() == []


def test_food_taken_for_a_complaint_in_a_booking_is_answered(conversation: Conversation) -> None:
    conversation.said("validate_booking_form", "a table for two tomorrow", "book_table")
    conversation.hears("what about the nuts?", "complaint", ("neutral", 0.0))
    answer = conversation.runs("validate_booking_form", "booking_form")
    assert "contain nuts" in answer[0]
    assert answer[-1] == "And at what time?"


def test_another_language_is_told_which_one_is_spoken(executor: ActionExecutor, action_server: Path) -> None:
    for channel, said in (("voice", "I'm sorry, I only speak English."), ("rest", "Ich spreche leider nur Englisch.")):
        conversation = Conversation(executor, channel)
        conversation.hears("Haben Sie etwas ohne Nüsse?", "foreign_language")
        conversation.message["language"] = "de"
        assert conversation.runs("action_tell_language")[0].startswith(said)


GRIEVANCE = (
    "we sat there an hour and ten minutes last night and when it came it was stone cold, i want the manager to ring me"
)


@pytest.mark.parametrize(
    "then",
    [
        "it was last night and ring me any time tomorrow",
        "ring me any time in the afternoon",
        "call me back tomorrow at four",
        "any time in the afternoon",
        "you can reach me after six",
        "phone me about it on friday",
    ],
)
def test_when_to_be_called_back_is_no_question_no_name_and_no_booking(conversation: Conversation, then: str) -> None:
    conversation.hears(GRIEVANCE, "complaint", ("negative", -0.9))
    assert "passing it on" in " ".join(conversation.runs("validate_complaint_form"))
    conversation.hears(then, "ask_contact" if " me " in then else "inform")
    assert "name and phone number" in " ".join(conversation.runs("validate_complaint_form", "complaint_form"))
    conversation.said(
        "validate_complaint_form", "Bannister, five five five oh one three four", "inform", "complaint_form"
    )
    assert "will call you back on" in " ".join(conversation.runs("action_finish_complaint"))
    (callback,) = CallbackList(settings.database()).open()
    assert (callback.message, callback.phone) == (GRIEVANCE, "5550134")
    assert callback.name in (None, "Bannister")


@pytest.mark.parametrize(("said", "name"), [("call me Marta", "Marta"), ("Anna Bell, ring me tomorrow", "Anna Bell")])
def test_a_name_beside_a_call_is_taken(conversation: Conversation, said: str, name: str) -> None:
    conversation.hears(GRIEVANCE, "complaint", ("negative", -0.9))
    conversation.runs("validate_complaint_form")
    conversation.said("validate_complaint_form", said, "inform", "complaint_form")
    (callback,) = CallbackList(settings.database()).open()
    assert callback.name == name


def test_after_a_cancellation_it_says_that_nobody_is_expected(conversation: Conversation) -> None:
    conversation.events.append(
        {
            "event": "bot",
            "text": "I've canceled your table, Saturday the 28th of November, at 8 in the evening. "
            "Thank you for telling us.",
        }
    )
    conversation.hears("so we're definitely not expected on saturday any more", "ask_bookings")
    said = " ".join(conversation.runs("action_tell_bookings"))
    assert "Saturday the 28th of November, at 8 in the evening, is canceled" in said
    assert "Nothing else is booked" in said
    conversation.hears("and is friday still there for weber", "ask_bookings")
    assert not any("canceled" in text for text in conversation.runs("action_tell_bookings"))


def test_a_verdict_that_is_doubted_is_said_once_more(conversation: Conversation) -> None:
    conversation.hears("is the chocolate cake all right for a nut allergy", "ask_allergens")
    (verdict,) = conversation.runs("action_answer_allergens")[:1]
    conversation.hears("are you certain, it was fine last time", "ask_other")
    assert conversation.runs("action_answer_other")[0] == verdict
    assert "contains nuts" in verdict
