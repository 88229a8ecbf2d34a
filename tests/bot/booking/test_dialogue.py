"""Conversations about a booking, turn by turn, without Rasa."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from actions.booking.dialogue import COMPLAINT_QUESTION, STOP_QUESTION, WHAT_TO_CHANGE, BookingDialogue
from actions.booking.state import CANCEL, CHANGE, BookingState, Reply, Turn
from actions.booking.wishes import gives_up_table, keeps_table
from actions.house.bookings import BookingBook, Request
from actions.house.restaurant import Restaurant


class Caller:
    """A guest on the phone: says things, and remembers what the form knows and asked last."""

    def __init__(self, dialogue: BookingDialogue) -> None:
        self.dialogue = dialogue
        self.reply = Reply(BookingState())
        self.before: list[str] = []
        self.replies: list[str] = []

    def says(self, text: str, intent: str = "inform") -> Reply:
        last = self.reply.say[-1] if self.reply.say else ""
        answered = " ".join(self.reply.say)
        turn = Turn(
            text, intent, self.reply.ask, (), last, answered=answered, before=tuple(self.before), replies=self.replies
        )
        self.reply = self.dialogue.take(self.reply.state, turn)
        self.before.append(text)
        self.replies.append(" ".join(self.reply.say))
        return self.reply


@pytest.fixture
def caller(restaurant: Restaurant, book: BookingBook, now: dt.datetime) -> Caller:
    return Caller(BookingDialogue(restaurant, book, now, "this caller", restaurant.phone))


def test_one_sentence_is_enough(caller: Caller) -> None:
    reply = caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    state = reply.state
    assert (state.date, state.time, state.party_size, state.name) == ("2026-11-25", "20:00", 4, "Marta")
    assert reply.ask == "confirmed"
    for fact in ("4 people", "tomorrow, Wednesday the 25th of November", "8 in the evening", "Marta"):
        assert fact in reply.say[-1]
    assert caller.says("yes", "affirm").state.confirmed is True


def test_step_by_step_with_naked_answers(caller: Caller) -> None:
    assert caller.says("a table please", "book_table").ask == "date"
    assert caller.says("the twenty sixth").ask == "time"
    assert caller.says("eight").ask == "party_size"
    assert caller.says("two", "affirm").ask == "name"
    reply = caller.says("marta", "greet")  # the classifier missed; the form does not
    assert reply.ask == "confirmed"
    assert reply.state.as_slots() == {
        "task": "book",
        "date": "2026-11-26",
        "time": "20:00",
        "party_size": 2,
        "name": "Marta",
        "booking_id": None,
        "confirmed": None,
        "notes": None,
    }


@pytest.mark.parametrize(
    ("said", "asked", "facts"),
    [
        ("monday at eight for two", "date", ["closed on Monday", "Tuesday the 1st of December"]),
        ("yesterday for two", "date", ["already passed"]),
        ("february 30th", "date", ["isn't in the calendar"]),
        ("in six months", "date", ["too far ahead", "90 days"]),
        ("christmas day", "date", ["closed"]),
        ("tomorrow at four in the afternoon", "time", ["no tables at 4", "from noon to 1:30", "from 6 to 9:30"]),
        ("today at noon", "time", ["already passed"]),
        ("tomorrow for twelve people", "party_size", ["call us on 555 0142", "up to 8"]),
    ],
)
def test_what_is_impossible_is_explained(caller: Caller, said: str, asked: str, facts: list[str]) -> None:
    reply = caller.says(said, "book_table")
    assert reply.ask == asked
    for fact in facts:
        assert fact in " ".join(reply.say)


def test_a_full_house_proposes_other_times(
    caller: Caller, book: BookingBook, restaurant: Restaurant, now: dt.datetime
) -> None:
    for number in range(restaurant.booking.seats // 8):
        book.book(Request("Group", dt.date(2026, 11, 28), dt.time(20), 8), conversation=str(number), now=now)
    reply = caller.says("a table for two on saturday at eight under the name of Marta", "book_table")
    assert reply.ask == "time"
    assert "full at 8 in the evening" in reply.say[0]
    assert "6 in the evening or 10 in the evening" in reply.say[0]
    assert caller.says("at ten then").ask == "confirmed"


def test_no_to_the_summary_changes_one_part(caller: Caller) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    assert caller.says("no", "deny").say == (WHAT_TO_CHANGE,)
    assert caller.says("the time").ask == "time"
    assert caller.says("half past seven").state.time == "19:30"
    reply = caller.says("yes but make it five people", "affirm")
    assert (reply.state.party_size, reply.state.confirmed) == (5, None)
    assert caller.says("yes", "affirm").state.confirmed is True


def test_a_number_that_may_be_guests_or_a_time_is_asked_about(caller: Caller) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    assert "7 people, or 7 o'clock" in caller.says("make it seven").say[-1]
    assert caller.says("five people").state.party_size == 5


def test_no_twice_gives_up(caller: Caller) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    caller.says("no", "deny")
    assert caller.says("no", "deny").stopped


@pytest.mark.parametrize("intent", ["stop", "goodbye", "cancel_booking"])
def test_the_guest_may_stop_at_any_time(caller: Caller, intent: str) -> None:
    caller.says("a table please", "book_table")
    assert caller.says("leave it", intent).stopped


@pytest.mark.parametrize("intent", ["ask_hours", "ask_menu", "complaint", "repeat", "out_of_scope", "nlu_fallback"])
def test_a_question_is_left_to_others_and_then_asked_again(caller: Caller, intent: str) -> None:
    state = caller.says("a table for two", "book_table").state
    assert caller.says("something else entirely", intent).rejected
    assert caller.dialogue.ask_again(state).ask == "date"


def test_hours_of_a_day_are_not_taken_for_the_booking(caller: Caller) -> None:
    caller.says("a table for two", "book_table")
    assert caller.says("are you open on sunday at eight", "ask_hours").rejected


def test_change_a_booking_of_this_conversation(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    booking = book.book(Request("Marta", dt.date(2026, 11, 27), dt.time(20), 4), conversation="this caller", now=now)
    reply = caller.says("i'd like to change my booking", "change_booking")
    assert "What would you like to change" in reply.say[-1]
    assert caller.says("yes", "affirm").say == (WHAT_TO_CHANGE,)
    reply = caller.says("half past eight")
    assert (reply.state.task, reply.state.booking_id, reply.state.time) == (CHANGE, booking, "20:30")
    assert "Shall I change it" in reply.say[-1]
    assert caller.says("yes", "affirm").state.confirmed is True


def test_make_it_five_after_booking_is_a_change(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    book.book(Request("Marta", dt.date(2026, 11, 27), dt.time(20), 4), conversation="this caller", now=now)
    reply = caller.says("make it five people")
    assert (reply.state.task, reply.state.party_size) == (CHANGE, 5)


def test_a_strangers_booking_needs_name_and_day(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    booking = book.book(Request("Anna Bell", dt.date(2026, 11, 27), dt.time(20), 4), conversation="other", now=now)
    assert caller.says("cancel my booking", "cancel_booking").ask == "name"
    reply = caller.says("bell")
    assert reply.ask == "date"
    assert "8" not in " ".join(reply.say)
    reply = caller.says("saturday")
    assert "can't find" in reply.say[0]
    assert caller.says("anna").ask == "date"
    reply = caller.says("friday")
    assert (reply.state.task, reply.state.booking_id, reply.ask) == (CANCEL, booking, "confirmed")
    assert caller.says("yes cancel it", "cancel_booking").state.confirmed is True


def test_two_bookings_of_a_name_on_one_day(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    lunch = book.book(Request("Anna", dt.date(2026, 11, 27), dt.time(13), 2), conversation="other", now=now)
    book.book(Request("Anna", dt.date(2026, 11, 27), dt.time(20), 2), conversation="other", now=now)
    reply = caller.says("cancel the booking under the name of anna on friday", "cancel_booking")
    assert "1 in the afternoon and 8 in the evening" in reply.say[0]
    assert caller.says("the one at one").state.booking_id == lunch


@pytest.mark.parametrize(
    ("said", "acknowledged", "state"),
    [
        ("actually make that five people", "Five people, then.", {"party_size": 5}),
        ("no wait, Saturday instead", "Saturday the 5th of December, then.", {"date": "2026-12-05"}),
        ("Thursday, sorry", "Thursday the 3rd of December, then.", {"date": "2026-12-03"}),
        ("the 11th instead", "Friday the 11th of December, then.", {"date": "2026-12-11"}),
        ("an hour later", "8 in the evening, then.", {"time": "20:00"}),
        ("not 7, 8", "8 in the evening, then.", {"time": "20:00"}),
        ("not four, six", "Six people, then.", {"party_size": 6}),
        ("sorry, I meant Anna", "Anna, then.", {"name": "Anna"}),
        ("make that six people at eight", "Six people and 8 in the evening, then.", {"party_size": 6, "time": "20:00"}),
    ],
)
def test_a_correction_is_acknowledged_and_understood_in_context(
    caller: Caller, said: str, acknowledged: str, state: dict[str, object]
) -> None:
    caller.says("a table for four next Friday at seven under the name of Hannah", "book_table")
    reply = caller.says(said)
    assert reply.say[0] == acknowledged
    slots = reply.state.as_slots()
    assert {slot: slots[slot] for slot in state} == state
    assert slots["confirmed"] is None
    assert reply.ask == "confirmed"


def test_a_correction_in_the_same_breath_counts_from_what_it_takes_back(caller: Caller) -> None:
    reply = caller.says("a table for two next Friday, no wait, Saturday instead", "book_table")
    assert reply.state.date == "2026-12-05"


def test_the_answer_to_people_or_time_is_understood(caller: Caller) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    caller.says("make it seven")
    assert caller.says("people").state.party_size == 7


def test_the_other_answer_is_understood_too(caller: Caller) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    caller.says("make it seven")
    assert caller.says("o'clock").state.time == "19:00"


@pytest.mark.parametrize(
    ("said", "people", "time"), [("make that six", 6, "20:00"), ("actually make that five", 5, "20:00")]
)
def test_a_number_nearer_to_the_guests_is_the_guests(caller: Caller, said: str, people: int, time: str) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    state = caller.says(said).state
    assert (state.party_size, state.time) == (people, time)


def test_a_number_that_can_be_no_time_is_the_guests(caller: Caller) -> None:
    caller.says("a table for four tomorrow at eight", "book_table")
    assert caller.says("no sorry, three").state.party_size == 3
    assert caller.says("one more").state.party_size == 4
    assert caller.says("four was wrong, make it five instead of four").state.party_size == 5
    assert caller.says("please change it from five to six").state.party_size == 6


def test_a_naked_number_corrects_the_number_that_was_said_last(caller: Caller) -> None:
    caller.says("Sunday at noon for eight", "book_table")
    assert caller.says("oh no, seven").state.party_size == 7


def test_a_value_that_was_right_before_comes_back(caller: Caller) -> None:
    caller.says("a table for two on Friday", "book_table")
    caller.says("actually five people")
    assert caller.says("no sorry two was right").state.party_size == 2


def test_a_weekday_after_a_refused_one_is_near_the_day_that_was_proposed(caller: Caller) -> None:
    assert caller.says("next Monday at eight for two", "book_table").ask == "date"
    assert caller.says("then the Wednesday").state.date == "2026-12-02"


@pytest.mark.parametrize(
    ("correction", "name"),
    [
        ("sorry, Thomsen with an E", "Thomsen"),
        ("no, Thompson", "Thompson"),
        ("put it under my wife's name instead, it's Olga Berg", "Olga Berg"),
    ],
)
def test_a_name_is_corrected_in_many_ways(caller: Caller, correction: str, name: str) -> None:
    caller.says("a table for two on Friday at eight under the name of Thomson", "book_table")
    assert caller.says(correction, "deny").state.name == name


def test_a_family_is_a_name(caller: Caller) -> None:
    caller.says("a table for two on Friday at eight", "book_table")
    assert caller.says("it's for the Andersons").state.name == "Andersons"


def test_not_canceling_but_moving_is_a_change(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    book.book(Request("Marta", dt.date(2026, 11, 26), dt.time(19), 2), conversation="this caller", now=now)
    assert caller.says("I want to cancel", "cancel_booking").say[-1].endswith("Shall I cancel it?")
    reply = caller.says("no, don't cancel it, move it to Saturday", "cancel_booking")
    assert (reply.state.task, reply.state.date) == (CHANGE, "2026-11-28")
    reply = caller.says("oh just cancel it then", "cancel_booking")
    assert (reply.state.task, reply.state.date) == (CANCEL, "2026-11-26")


def test_an_allergy_said_in_passing_is_noted_and_read_back(caller: Caller) -> None:
    caller.says("a table tomorrow at eight", "book_table")
    reply = caller.says("four people, one of us is allergic to nuts", "ask_allergens")
    assert (reply.say[0], reply.ask, reply.state.notes) == ("I've noted the nut allergy.", "name", ["nut allergy"])
    assert "with a note about the nut allergy" in caller.says("marta").say[-1]
    assert caller.says("and a high chair please").say[0] == "I've noted the high chair."
    assert caller.reply.state.notes == ["nut allergy", "high chair"]


def test_it_says_what_it_has_noted(caller: Caller) -> None:
    caller.says("a table please", "book_table")
    assert caller.says("what did you note", "ask_bookings").say[0] == "I haven't noted anything yet."
    caller.says("four people at eight")
    reply = caller.says("what do you have so far", "ask_bookings")
    assert reply.say[0] == "So far I have noted a table for 4 people and at 8 in the evening."
    assert reply.ask == "date"


def test_it_asks_back_before_a_doubtful_complaint(caller: Caller) -> None:
    caller.says("a table for two", "book_table")
    unsure = Turn("and the other thing", "complaint", "date", (), "", sure=False)
    reply = caller.dialogue.take(caller.reply.state, unsure)
    assert (reply.say, reply.ask, reply.rejected) == ((COMPLAINT_QUESTION,), "date", False)
    no = caller.dialogue.take(reply.state, Turn("no", "deny", "date", (), COMPLAINT_QUESTION))
    assert (no.say[0], no.ask) == ("All right.", "date")
    assert caller.dialogue.take(reply.state, Turn("yes", "affirm", "date", (), COMPLAINT_QUESTION)).rejected


def test_it_asks_back_before_it_stops_or_acts_in_doubt(caller: Caller, book: BookingBook, now: dt.datetime) -> None:
    caller.says("a table for two", "book_table")
    reply = caller.dialogue.take(caller.reply.state, Turn("mumble", "stop", "date", (), "", sure=False))
    assert reply.say == (STOP_QUESTION,)
    assert caller.dialogue.take(reply.state, Turn("yes", "affirm", "date", (), STOP_QUESTION)).stopped
    book.book(Request("Marta", dt.date(2026, 11, 27), dt.time(20), 4), conversation="this caller", now=now)
    found = caller.dialogue.take(BookingState(), Turn("cancel my booking", "cancel_booking"))
    doubtful = caller.dialogue.take(found.state, Turn("mumble", "affirm", "confirmed", (), found.say[-1], sure=False))
    assert doubtful.state.confirmed is None
    assert "Shall I cancel it?" in doubtful.say[-1]


def test_a_booking_of_another_conversation_is_told_to_who_knows_name_and_day(
    caller: Caller, book: BookingBook, now: dt.datetime
) -> None:
    request = Request("Anna Bell", dt.date(2026, 11, 27), dt.time(20), 4, "nut allergy")
    book.book(request, conversation="other", now=now)
    assert caller.says("do i have a booking", "ask_bookings").ask == "name"
    assert caller.says("bell").ask == "date"
    reply = caller.says("friday")
    assert reply.stopped
    assert "4 people, Friday the 27th of November, at 8 in the evening" in reply.say[0]
    assert "nut allergy" in reply.say[0]


# One utterance after "a table for four on Friday at seven under the name of Baker".
REVISIONS: dict[str, dict[str, object]] = {
    "actually my husband can't do seven so eight": {"time": "20:00"},
    "we've got the theatre at eight so six would be better": {"time": "18:00"},
    "could we make that half past": {"time": "19:30"},
    "the time should be eight": {"time": "20:00"},
    "could you move it to eight": {"time": "20:00"},
    "seven's a bit tight let's go for eight": {"time": "20:00"},
    "could it be a bit earlier": {"time": None},
    "seven doesn't work for us": {"time": None},
    "i have to work on friday so saturday please": {"date": "2026-11-28"},
    "not this friday the one after": {"date": "2026-12-04"},
    "could we push it back a week": {"date": "2026-12-04"},
    "same time next week": {"date": "2026-12-04"},
    "i can't do friday": {"date": None},
    "four was wrong it's five": {"party_size": 5},
    "two of them have just cancelled on me": {"party_size": 2},
    "my cousin would like to come along": {"party_size": 5},
    "there's a fifth person coming": {"party_size": 5},
    "change the number to five": {"party_size": 5},
    "not baker barker with an r": {"name": "Barker"},
    "use sophie instead of baker": {"name": "Sophie"},
    "my wife's name is better, it's laura": {"name": "Laura"},
    "five people on saturday at eight": {"party_size": 5, "date": "2026-11-28", "time": "20:00"},
}


@pytest.mark.parametrize("said", REVISIONS)
def test_a_revision_changes_what_is_meant_and_nothing_else(caller: Caller, said: str) -> None:
    before = caller.says("a table for four on friday at seven under the name of Baker", "book_table").state.as_slots()
    after = caller.says(said).state.as_slots()
    assert {slot: value for slot, value in after.items() if value != before[slot]} == REVISIONS[said]


def test_what_was_understood_is_repeated(caller: Caller) -> None:
    assert caller.says("a table for two on thursday", "book_table").say[0].startswith("A table for 2 people, Thursday")
    assert caller.says("eight").say[0] == "At 8 in the evening."
    assert caller.says("did you get eight").say[0] == "At 8 in the evening."


@pytest.mark.parametrize("intent", ["thank", "praise", "inform", "nlu_fallback"])
def test_a_plain_yes_to_the_summary_is_one_whatever_it_was_taken_for(caller: Caller, intent: str) -> None:
    caller.says("a table for four on friday at seven under the name of Baker", "book_table")
    assert caller.says("yes, lovely, thanks", intent).state.confirmed is True


def test_a_table_that_is_asked_for_with_its_details_is_a_booking(caller: Caller) -> None:
    reply = caller.says("have you got a table on the third at seven for five people", "ask_bookings")
    assert (reply.state.task, reply.state.party_size, reply.ask) == ("book", 5, "name")


def test_a_booking_to_change_is_found_and_changed_in_one_sentence(
    caller: Caller, book: BookingBook, now: dt.datetime
) -> None:
    book.book(Request("Moss", dt.date(2026, 12, 1), dt.time(19), 2), conversation="other", now=now)
    reply = caller.says("we have a table under moss on december first at seven and need to make it eight", "book_table")
    assert (reply.state.task, reply.state.time, reply.ask) == (CHANGE, "20:00", "confirmed")


def test_a_question_about_the_calendar_is_answered(caller: Caller) -> None:
    caller.says("a table for two on the fifth of december at noon", "book_table")
    assert caller.says("wait is the fifth a saturday").say[0] == "Yes, the 5th of December is a Saturday."


ASIDE = "Do you mean"


def booked(caller: Caller) -> None:
    caller.says("two for dinner on saturday at seven name of rahman", "book_table")


@pytest.mark.parametrize("said", ["five", "two", "seven", "eight", "the blue one", "mm", "whatever you like"])
def test_a_question_about_a_number_is_asked_once(caller: Caller, said: str) -> None:
    caller.says("a table for four tomorrow at eight under the name of Marta", "book_table")
    assert ASIDE in caller.says("make it seven").say[-1]
    for _ in range(3):
        reply = caller.says(said)
        assert not any(ASIDE in sentence for sentence in reply.say)
        if reply.ask is None:
            return


@pytest.mark.parametrize(("said", "people", "time"), [("people", 1, "20:00"), ("o clock", 4, "13:00")])
def test_one_person_or_one_o_clock(caller: Caller, said: str, people: int, time: str) -> None:
    caller.says("a table for four on sunday at eight under the name of Marta", "book_table")
    caller.reply = Reply(caller.reply.state, ("Do you mean 1 person, or 1 o'clock?",), ask="confirmed")
    state = caller.says(said).state
    assert (state.party_size, state.time) == (people, time)


def test_an_aside_with_a_pronoun_goes_back_to_the_summary(caller: Caller) -> None:
    booked(caller)
    reply = caller.says("oh before i forget i've got a sesame allergy quite a serious one")
    assert reply.say[-1].endswith("Shall I book it?")
    assert reply.say[-1].count("sesame allergy") == 1
    assert caller.says("yes please", "affirm").state.confirmed is True


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("a table for two on friday", "some of that stuff"),
        ("a table for two on friday", "any time in the afternoon"),
        ("a table please", "purple elephants everywhere tonight's the"),
        ("a table on friday at seven", "not so many really honestly"),
        ("a table for two on friday at seven", "the one that it is and was"),
        ("two for dinner on saturday at seven name of rahman", "purple elephants"),
    ],
)
def test_the_same_words_a_third_time_lead_to_a_person_and_then_to_an_end(caller: Caller, first: str, said: str) -> None:
    caller.says(first, "book_table")
    turns = []
    while caller.reply.ask and len(turns) < 5:
        turns.append(" ".join(caller.says(said).say))
    assert "555 0142" not in turns[0]
    assert any("555 0142" in turn for turn in turns[:3])
    assert caller.reply.stopped


def test_a_time_left_open_is_answered_with_the_times(caller: Caller) -> None:
    caller.says("a table for two on friday", "book_table")
    reply = caller.says("any time in the afternoon")
    assert "We seat guests" in reply.say[0]
    assert reply.ask == "time"
    assert caller.says("seven then").state.time == "19:00"


def test_another_number_while_the_name_is_asked(caller: Caller) -> None:
    assert caller.says("can we have a table for four on friday at seven", "book_table").ask == "name"
    reply = caller.says("make it five my brother might come")
    assert (reply.state.party_size, reply.state.name, reply.ask) == (5, None, "name")
    reply = caller.says("no forget it he can't get away four was right")
    assert (reply.state.party_size, reply.state.name, reply.ask) == (4, None, "name")
    assert caller.says("jankowski").state.name == "Jankowski"


@pytest.mark.parametrize("said", ["yes please change it", "change it please", "yes, move it", "please do change that"])
def test_yes_to_a_change_in_its_own_words(caller: Caller, book: BookingBook, now: dt.datetime, said: str) -> None:
    book.book(Request("Rossi", dt.date(2026, 11, 28), dt.time(19), 4), conversation="this caller", now=now)
    assert caller.says("could we come half an hour later than that", "change_booking").ask == "confirmed"
    assert caller.says(said, "change_booking").state.confirmed is True


@pytest.mark.parametrize("said", ["yes but change the time", "change it to eight", "no don't change it"])
def test_no_yes_to_a_change(caller: Caller, book: BookingBook, now: dt.datetime, said: str) -> None:
    book.book(Request("Rossi", dt.date(2026, 11, 28), dt.time(19), 4), conversation="this caller", now=now)
    caller.says("could we come half an hour later than that", "change_booking")
    assert caller.says(said, "change_booking").state.confirmed is None


@pytest.mark.parametrize(
    ("said", "asked", "state"),
    [
        ("it's lunch i wanted", "time", {"time": None}),
        ("i got the day wrong", "date", {"date": None}),
        ("hmm before you do that can we make it three", "confirmed", {"party_size": 3}),
        ("okay eight then", "confirmed", {"time": "20:00"}),
        ("never mind the window", "confirmed", {"time": "19:00"}),
        ("let me think for a second", "confirmed", {"confirmed": None}),
        ("that's the twenty sixth isn't it", "confirmed", {"date": "2026-11-26"}),
    ],
)
def test_what_is_said_to_a_whole_booking(caller: Caller, said: str, asked: str, state: dict[str, object]) -> None:
    caller.says("a table for two on thursday at seven under maddox", "book_table")
    reply = caller.says(said, "stop" if "mind" in said or "think" in said else "inform")
    assert not reply.stopped
    assert reply.ask == asked
    assert {slot: getattr(reply.state, slot) for slot in state} == state


def test_a_time_may_be_left_to_the_house_or_to_what_was_said_before(caller: Caller) -> None:
    caller.says("a table for two on thursday", "book_table")
    assert "We seat guests" in caller.says("what times have you got", "ask_bookings").say[0]
    assert caller.says("as late as you can").state.time == "21:30"
    assert caller.says("she can't do half past nine").ask == "time"
    assert caller.says("quarter past would work").state.time == "21:15"


def test_a_weekday_of_next_week_is_of_next_week(caller: Caller) -> None:
    assert caller.says("could we come some time next week", "book_table").ask == "date"
    assert caller.says("let's say wednesday").state.date == "2026-12-02"


def test_what_is_not_understood_again_and_again_has_a_way_out(caller: Caller) -> None:
    asked = caller.says("a table for two on thursday at seven under maddox", "book_table")
    replies = [f"Sorry, I didn't get that. {asked.say[-1]}"]
    turn = Turn("flibble", "nlu_fallback", "confirmed", replies=replies)
    assert caller.dialogue.ask_again(asked.state, turn).say == asked.say[-1:]
    assert (
        "our staff will gladly help"
        in caller.dialogue.ask_again(asked.state, replace(turn, replies=replies * 2)).say[0]
    )


def test_an_offered_day_is_taken_by_a_yes(caller: Caller) -> None:
    assert "open again" in caller.says("monday at seven for two please", "book_table").say[0]
    assert caller.says("ok then", "affirm").state.date == "2026-12-01"


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("fine i'll take the first of those", "17:00"),
        ("the earlier one then", "17:00"),
        ("go with the second", "21:00"),
        ("the later of the two please", "21:00"),
        ("the other one", "21:00"),
        ("let's say half past nine", "21:30"),
    ],
)
def test_one_of_the_times_that_were_offered_is_taken(caller: Caller, book: BookingBook, said: str, time: str) -> None:
    day = dt.date(2026, 11, 28)
    for name in "ABCDE":
        book.book(Request(name, day, dt.time(19), 8), conversation="other", now=dt.datetime(2026, 11, 24))
    assert "I still have 5 in the evening or 9 in the evening" in " ".join(
        caller.says("three of us on saturday at seven").say
    )
    assert caller.says(said).state.time == time


@pytest.mark.parametrize(
    ("kept", "sentences"),
    [
        (
            True,
            [
                "no wait he's saying we can still make it",
                "we're coming after all",
                "leave it as it is",
                "she's still coming",
                "actually keep it",
            ],
        ),
        (False, ["we can't make it", "nobody's coming", "we won't be there", "is it still on"]),
    ],
)
def test_a_table_is_kept_after_all(kept: bool, sentences: list[str]) -> None:
    assert [said for said in sentences if keeps_table(said) is not kept] == []


@pytest.mark.parametrize(
    ("said", "beside"),
    [
        ("forget the table just tell me where you are", "just tell me where you are"),
        ("no don't bother with that just wondering if you've got parking", "just wondering if you've got parking"),
        ("never mind i only wanted to know if you do takeaway", "i only wanted to know if you do takeaway"),
        ("scrap that just five of us", None),
        ("never mind that what i'm after is a table", None),
        ("don't worry about it just put smith", None),
    ],
)
def test_what_is_said_beside_giving_the_table_up(said: str, beside: str | None) -> None:
    assert gives_up_table(said) == beside


@pytest.mark.parametrize(
    "said", ["no wait he's saying we can still make it", "hang on no we're still coming so keep it"]
)
def test_a_table_that_is_kept_is_not_changed(caller: Caller, book: BookingBook, said: str) -> None:
    request = Request("Prior", dt.date(2026, 11, 27), dt.time(19, 30), 3)
    book.book(request, conversation="this caller", now=dt.datetime(2026, 11, 24))
    assert "Shall I cancel it?" in caller.says("can you cancel friday for me", "cancel_booking").say[-1]
    reply = caller.says(said, "change_booking")
    assert (reply.stopped, reply.state.task) == (True, CANCEL)
