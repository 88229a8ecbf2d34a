"""What people say and what a recogniser writes, against what was meant. Today is Tuesday, 24 November 2026."""

from __future__ import annotations

import datetime as dt

import pytest
from actions.booking.rules import resolve_time
from actions.hearing.utterance import hear
from actions.house.restaurant import Restaurant

NOW = dt.datetime(2026, 11, 24, 15)

DAYS = {
    "today": "2026-11-24",
    "tonight": "2026-11-24",
    "this evening please": "2026-11-24",
    "tomorrow": "2026-11-25",
    "Tomorrow.": "2026-11-25",
    "the day after tomorrow": "2026-11-26",
    "friday": "2026-11-27",
    "on Friday, please": "2026-11-27",
    "this friday": "2026-11-27",
    "next friday": "2026-12-04",
    "friday week": "2026-12-04",
    "a week on saturday": "2026-12-05",
    "a week tomorrow": "2026-12-02",
    "thursday next week": "2026-12-03",
    "next week on thursday": "2026-12-03",
    "next tuesday": "2026-12-01",
    "tuesday": "2026-11-24",
    "in three days": "2026-11-27",
    "in two weeks": "2026-12-08",
    "a week from today": "2026-12-01",
    "the twenty third": "2026-12-23",
    "the 26th": "2026-11-26",
    "saturday the 28th": "2026-11-28",
    "december the third": "2026-12-03",
    "3rd of December": "2026-12-03",
    "December 3": "2026-12-03",
    "twenty first of december": "2026-12-21",
    "the fifth of january": "2027-01-05",
    "2026-12-24": "2026-12-24",
    "christmas eve": "2026-12-24",
    "on new year's eve": "2026-12-31",
    "valentines day": "2027-02-14",
    "this weekend": "2026-11-28",
    "not friday, saturday": "2026-11-28",
    "sunday instead of saturday": "2026-11-29",
    "two weeks from tomorrow": "2026-12-09",
    "three weeks on Saturday": "2026-12-19",
    "the last Friday of November": "2026-11-27",
    "Friday, no wait, Saturday": "2026-11-28",
    "next Friday, no wait, Saturday": "2026-12-05",
    "yesterday": "2026-11-23",
    "last friday": "2026-11-20",
    "november 20th": "2026-11-20",
}
TIMES = {
    "half past seven": "19:30",
    "Half past 7.": "19:30",
    "at a quarter to eight": "19:45",
    "quarter past seven pm": "19:15",
    "half seven": "19:30",
    "ten to nine": "20:50",
    "five past eight": "20:05",
    "twenty five to nine": "20:35",
    "seven oh five": "19:05",
    "7.30": "19:30",
    "at 7. 30": "19:30",
    "7:30pm": "19:30",
    "7:30 p.m.": "19:30",
    "19:30": "19:30",
    "at 1930": "19:30",
    "at seven thirty": "19:30",
    "at twenty thirty": "20:30",
    "at eight": "20:00",
    "eight o'clock": "20:00",
    "8 o clock": "20:00",
    "at ate": "20:00",
    "around nine ish": "21:00",
    "at noon": "12:00",
    "half past noon": "12:30",
    "12:30": "12:30",
    "at twelve": "12:00",
    "one pm": "13:00",
    "at one": "13:00",
    "six in the evening": "18:00",
    "at eleven in the morning": "11:00",
    "midnight": "00:00",
    "tonight at eight": "20:00",
    "tomorrow morning at ten": "10:00",
    "not at seven, at eight": "20:00",
}
PARTIES = {
    "four people": 4,
    "for for people": 4,
    "a table for to please": 2,
    "a table for 2": 2,
    "party of six": 6,
    "there will be five of us": 5,
    "we are three": 3,
    "me and my wife": 2,
    "just me": 1,
    "two adults and three kids": 5,
    "me and three friends": 4,
    "half a dozen": 6,
    "a couple of people": 2,
    "five, sorry, six people": 6,
    "a table for two at two": 2,
    "table for twenty people": 20,
    "for eight": 8,
}
NOTHING = ["yes", "no thanks", "what time do you open", "just a second", "the first time we came", "good evening",
           "one of us is allergic to nuts"]  # fmt: skip


@pytest.mark.parametrize(("said", "meant"), DAYS.items())
def test_days(said: str, meant: str) -> None:
    day = hear(said, now=NOW).day
    assert day is not None
    assert day.date == dt.date.fromisoformat(meant)


@pytest.mark.parametrize(("said", "meant"), TIMES.items())
def test_times(said: str, meant: str, restaurant: Restaurant, now: dt.datetime) -> None:
    heard = hear(said, now=NOW)
    assert resolve_time(heard.times, None, now, restaurant) == dt.time.fromisoformat(meant)
    assert heard.party_size is None


@pytest.mark.parametrize(("said", "meant"), PARTIES.items())
def test_party_sizes(said: str, meant: int) -> None:
    assert hear(said, now=NOW).party_size == meant


@pytest.mark.parametrize("said", ["February 30th", "the thirty first of november", "29 February 2027"])
def test_days_that_no_calendar_has(said: str) -> None:
    day = hear(said, now=NOW).day
    assert day is not None
    assert day.date is None


@pytest.mark.parametrize("said", NOTHING)
def test_words_that_say_nothing_about_a_booking(said: str) -> None:
    assert not hear(said, now=NOW)


@pytest.mark.parametrize(
    ("said", "day", "time", "party_size", "name"),
    [
        ("a table for four tomorrow at eight under the name of Marta", "2026-11-25", "20:00", 4, "Marta"),
        ("Next Friday at a quarter to eight in the evening.", "2026-12-04", "19:45", None, None),
        ("the twenty third at 19:30", "2026-12-23", "19:30", None, None),
        ("two people at two thirty on the second", "2026-12-02", "14:30", 2, None),
        ("christmas eve at seven for six people", "2026-12-24", "19:00", 6, None),
        ("book for seven thirty tomorrow", "2026-11-25", "19:30", None, None),
        ("party of 7 on the 1st of december, half 8", "2026-12-01", "20:30", 7, None),
        ("a table for 2 on Friday, 7.30, my name is John Smith", "2026-11-27", "19:30", 2, "John Smith"),
    ],
)
def test_several_things_in_one_sentence(
    said: str, day: str, time: str, party_size: int | None, name: str | None
) -> None:
    heard = hear(said, now=NOW)
    assert heard.day is not None
    assert heard.day.date == dt.date.fromisoformat(day)
    assert heard.times[0] == dt.time.fromisoformat(time)
    assert (heard.party_size, heard.name) == (party_size, name)


def test_a_naked_number_answers_the_question_that_was_asked() -> None:
    assert hear("eight", now=NOW, asked="party_size").party_size == 8
    assert hear("eight", now=NOW, asked="time").times[0] == dt.time(20)
    day = hear("eight", now=NOW, asked="date").day
    assert day is not None
    assert day.date == dt.date(2026, 12, 8)
    assert hear("make it eight", now=NOW).number == 8


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("marta", "Marta"),
        ("Marta.", "Marta"),
        ("it's marta jones please", "Marta Jones"),
        ("my name is john mcdonald", "John Mcdonald"),
        ("McDonald", "McDonald"),
        ("M-A-R-T-A", "Marta"),
        ("M as in Mary, A, R, K", "Mark"),
        ("vincent van den berg", "Vincent van den Berg"),
        ("under smith", "Smith"),
        ("put it under the name of o'brien", "O'brien"),
        ("yes", None),
        ("what time do you open", None),
        ("tomorrow", None),
        ("eight", None),
    ],
)
def test_names_when_asked(said: str, name: str | None) -> None:
    assert hear(said, now=NOW, asked="name").name == name


def test_a_name_that_only_the_entity_extractor_saw() -> None:
    said = "a table for two at eight for Marta"
    assert hear(said, now=NOW).name is None
    assert hear(said, now=NOW, people=["Marta"]).name == "Marta"


@pytest.mark.parametrize(
    ("said", "people", "time"),
    [
        ("sunday at one thirty five adults and one kid", 6, dt.time(13, 30)),
        ("we'd be three at seven", 3, dt.time(19)),
        ("3 ppl at 20:15", 3, dt.time(20, 15)),
        ("five people instead of four people at eight rather than at nine", 5, dt.time(20)),
    ],
)
def test_guests_beside_a_time(said: str, people: int, time: dt.time) -> None:
    heard = hear(said, now=NOW)
    assert (heard.party_size, heard.times[0]) == (people, time)


@pytest.mark.parametrize(
    "said", ["instead of friday could we come on saturday", "saturday not friday", "move it from friday to saturday"]
)
def test_a_day_that_is_not_wanted_is_left_out(said: str) -> None:
    assert hear(said, now=NOW).days == (dt.date(2026, 11, 28),)


@pytest.mark.parametrize(
    "said",
    [
        "I've got a sesame allergy, quite a serious one",
        "that's a really lovely one",
        "which one do you mean",
        "oh, one more thing before I forget",
        "one last question",
        "my old one is fine",
        "we had a good one last year",
        "no one told me that",
        "that one please",
    ],
)
def test_one_that_stands_for_something_is_no_number(said: str) -> None:
    heard = hear(said, now=NOW, asked="confirmed", name="Rahman", guests=2)
    assert (heard.number, heard.party_size, heard.times) == (None, None, ())


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("a table for one", 1),
        ("just one person", 1),
        ("one", 1),
        ("a quiet table for one on Friday", 1),
        ("just the one please", 1),
        ("only one of us", 1),
    ],
)
def test_one_that_counts_is_a_number(said: str, people: int) -> None:
    assert hear(said, now=NOW, asked="party_size").party_size == people


def test_digits_said_one_by_one_are_no_pronoun() -> None:
    noted = dt.datetime(2026, 11, 28, 19, 50)
    heard = hear("no sorry fifteen one five seven fifteen", now=NOW, asked="name", noted=noted, guests=2)
    assert (heard.times[0], heard.party_size) == (dt.time(19, 15), None)


@pytest.mark.parametrize("said", ["at one", "at the latest one o'clock", "one thirty", "at one on Friday"])
def test_one_that_is_an_hour_is_a_time(said: str) -> None:
    assert hear(said, now=NOW, asked="time").times[0].hour == 13


@pytest.mark.parametrize(
    "said",
    [
        "make it five my brother might come",
        "my sister may join us",
        "my husband wants to come too",
        "our son must be home early",
        "my cousin has decided to come along",
        "Dave might come",
        "his girlfriend would like to come",
        "my boss said she's in",
    ],
)
def test_who_comes_is_no_name(said: str) -> None:
    assert hear(said, now=NOW, asked="name", guests=4).name is None


@pytest.mark.parametrize(
    ("said", "noted", "name"),
    [
        ("with a c please not a k catherine", "Katherine", "Catherine"),
        ("with a c, not a k", "Katherine", "Catherine"),
        ("no, it's with a C please", "Katherine", "Catherine"),
        ("sorry, Catherine with a c", "Katherine", "Catherine"),
        ("a y instead of an i", "Smith", "Smyth"),
        ("it's spelled with a z not an s", "Lisa", "Liza"),
        ("with a k please, Erik", "Eric", "Erik"),
        ("actually no book it in my husband's name would you lindqvist", "Anna Miller", "Lindqvist"),
        ("put it in my wife's name if you would, okonkwo", "Anna Miller", "Okonkwo"),
        ("could it be under my boss's name instead please tomlinson", "Anna Miller", "Tomlinson"),
        ("make it my mother's maiden name will you, dubois", "Anna Miller", "Dubois"),
        ("in my partner's name could you put it under Marlowe", "Anna Miller", "Marlowe"),
    ],
)
def test_a_name_is_put_right_in_one_sentence(said: str, noted: str, name: str) -> None:
    assert hear(said, now=NOW, asked="confirmed", name=noted, guests=2).name == name


@pytest.mark.parametrize(
    "said",
    [
        "with a window please",
        "with a baby",
        "I'd like it with a view",
        "could we have a table with a high chair",
        "put it in my husband's name would you",
        "a quiet table, not a loud one",
    ],
)
def test_what_puts_no_name_right(said: str) -> None:
    assert hear(said, now=NOW, asked="confirmed", name="Katherine", guests=2).name is None


@pytest.mark.parametrize(
    ("said", "last", "lunch"),
    [
        ("as late as you can do", True, None),
        ("the earliest you have for lunch", False, True),
        ("your last table of the evening", True, False),
        ("the sooner the better", False, None),
    ],
)
def test_as_early_or_as_late_as_possible(said: str, last: bool, lunch: bool | None) -> None:
    edge = hear(said, now=NOW).edge
    assert edge is not None
    assert (edge.last, edge.lunch) == (last, lunch)


@pytest.mark.parametrize("said", ["some time next week", "in december", "any evening this week"])
def test_several_days_are_no_day(said: str) -> None:
    heard = hear(said, now=NOW)
    assert heard.day is None
    assert heard.span is not None


@pytest.mark.parametrize(
    ("said", "day", "guests"),
    [
        ("tomorrow no not tomorrow the day after", "2026-11-26", None),
        ("friday no the day after", "2026-11-28", None),
        ("on the ninth if that's possible", "2026-12-09", None),
        ("table for sat please", "2026-11-28", None),
        ("four of us would like to come on friday", "2026-11-27", 4),
        ("could two of those be kids' chairs", None, None),
        ("book one then for seven for two", None, 2),
        ("five or six of us", None, 6),
        ("there'll just be the one of me on thursday", "2026-11-26", 1),
        ("table 4 tonite there's 5 of us", "2026-11-24", 5),
        ("excuse me my wife she say friday we are four", "2026-11-27", 4),
        ("six of us but one's a baby", None, 6),
        ("saturday at seven two adults and two wee ones", "2026-11-28", 4),
        ("tomorrow at eight for three oh i'm a fool i've choir tomorrow thursday then", "2026-11-26", 3),
        ("three on friday at seven no hang on four now that dave's coming", "2026-11-27", 4),
        ("a table for saterday we are two adult and two child", "2026-11-28", 4),
        (
            "hiya how're ye would ye have anything at all saturday night about half seven it's four big ones and a wee "
            "one so five of us all in",
            "2026-11-28",
            5,
        ),
    ],
)
def test_days_and_guests_in_context(said: str, day: str | None, guests: int | None) -> None:
    heard = hear(said, now=NOW)
    assert (heard.day.date.isoformat() if heard.day and heard.day.date else None, heard.party_size) == (day, guests)


@pytest.mark.parametrize(
    ("said", "noted", "name"),
    [
        ("s for sugar, i, m, s", None, "Sims"),
        ("that's dee ay vee eye ess", None, "Davis"),
        ("oh it's jones j o n e s", None, "Jones"),
        ("it's under my name obviously", None, None),
        ("erm just put jones", None, "Jones"),
        ("jones will do", None, "Jones"),
        ("mr and mrs patel", None, "Patel"),
        ("we usually go by the hendersons", None, "Hendersons"),
        ("o apostrophe brien", None, "O'brien"),
        ("no cooper with a k", "Cooper", "Kooper"),
        ("double n at the end", "Hofman", "Hofmann"),
        ("two ts not one", "Garret", "Garrett"),
        ("mrs mackintosh", None, "Mrs Mackintosh"),
        ("duffy and could we have a high chair", None, "Duffy"),
        ("duffy do you have parking", None, "Duffy"),
        ("first name brian last name duffy", None, "Brian Duffy"),
        ("and tell the kitchen my dad's diabetic", None, None),
        ("hang on and i'll ask my wife", None, None),
        ("lovely and is there parking", None, None),
        ("swap those round", None, None),
        ("actually the babysitter can't do that", None, None),
        ("without the e", "Browne", "Brown"),
    ],
)
def test_names_as_they_are_given(said: str, noted: str | None, name: str | None) -> None:
    assert hear(said, now=NOW, asked="confirmed" if noted else "name", name=noted).name == name


@pytest.mark.parametrize(
    "said",
    [
        "Fri 11 Dec at 19:30 please, 2 people, name Petrov. If Friday's gone we'd come on the Saturday.",
        "friday the 11th of december at 19:30 for two if you can't do friday then saturday",
        "friday the 11th of december at 19:30 for two or if that's full saturday",
        "friday the 11th of december at 19:30 for two and if there's nothing saturday would do",
        "two people friday the 11th of december at 19:30 but in case you're full we could come on thursday at eight",
        "could we do friday the 11th of december at 19:30 two people if it's booked up we could do monday",
        "11 december 19:30 for two, if we can't get that the twelfth at nine",
        "for two at 19:30 on the 11th of december unless you're full then sunday for three",
        "two of us on 11 december at 19:30 should that not be possible we'd take nine",
        "two people friday the 11th of december at 19:30 otherwise saturday",
        "11 dec at 19:30 for 2, second choice the 12th",
    ],
)
def test_the_first_choice_is_tried(said: str) -> None:
    heard = hear(said, now=NOW)
    assert heard.day is not None
    assert (heard.day.date, heard.times[0], heard.party_size) == (dt.date(2026, 12, 11), dt.time(19, 30), 2)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("we can't do friday could you do saturday", "2026-11-28"),
        ("if friday's no good for you could we do saturday at seven", "2026-11-28"),
        ("if possible saturday at eight", "2026-11-28"),
        ("if you're open on sunday a table for two at one", "2026-11-29"),
        ("if it's not too late could we have friday at eight", "2026-11-27"),
        ("the kids are busy on friday so saturday at seven", "2026-11-28"),
    ],
)
def test_a_condition_may_be_the_first_choice(said: str, day: str) -> None:
    heard = hear(said, now=NOW)
    assert heard.day is not None
    assert heard.day.date == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    "said",
    [
        "that's the one yes",
        "that'll be the one yep",
        "that one's fine",
        "one sec",
        "give me two minutes",
        "ten out of ten yes",
        "on second thoughts yes",
        "no one's with me",
        "one of those days sorry yes",
        "one way or another yes",
        "back to square one",
        "i'm in two minds",
    ],
)
def test_a_number_in_an_idiom_counts_nobody(said: str) -> None:
    noted = dt.datetime(2026, 11, 27, 20)
    heard = hear(said, now=NOW, asked="confirmed", name="Bianchi", guests=2, noted=noted)
    assert not heard
    assert heard.number is None


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("oh wait it's seven i forgot to count myself", 7),
        ("that's five i left my brother out", 5),
        ("i forgot to include the baby so it's five", 5),
        ("i miscounted it's eight", 8),
        ("we're seven i didn't count the kids", 7),
        ("make it eight i forgot about the twins", 8),
        ("just the one of us", 1),
        ("make it just one", 1),
    ],
)
def test_who_was_forgotten_is_counted(said: str, people: int) -> None:
    heard = hear(said, now=NOW, asked="name", guests=6, noted=dt.datetime(2026, 11, 27, 20))
    assert (heard.party_size, heard.name) == (people, None)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("i forgot to say it's okafor", "Okafor"),
        ("i forgot to tell you it's under petrov", "Petrov"),
        ("change it to klein", "Klein"),
        ("mine's tough to spell it's nguyen", "Nguyen"),
        ("toby count", "Toby Count"),
        ("the name is nguyen that's n g u y e n and i'm after a table", "Nguyen"),
        ("that'd be o'shea", "O'shea"),
        ("it's going to be klein", "Klein"),
        ("that would be my husband's name, dunne", "Dunne"),
        ("'tis murphy", "Murphy"),
        ("erm it'll be under mine that's o'hara", "O'hara"),
        ("mine's abbott", "Abbott"),
        ("double barrelled smith hyphen jones", "Smith-Jones"),
        ("mcdonald capital d", "Mcdonald"),
        ("that'd be lovely thanks", None),
        ("that'd be tricky", None),
        ("that'll be all", None),
        ("i failed to count the kids", None),
        ("i didn't mean to rush you", None),
        ("it's to celebrate", None),
        ("going to have to ring you back", None),
        ("i just remembered to add grandad", None),
        ("sorry i forgot to mention it's six", None),
    ],
)
def test_what_somebody_forgets_to_do_is_no_name(said: str, name: str | None) -> None:
    assert hear(said, now=NOW, asked="name").name == name


@pytest.mark.parametrize(
    ("said", "people", "time"),
    [
        ("four of us this saturday we'd be with you for seven", 4, 19),
        ("we'd get there for eight friday, three of us", 3, 20),
        ("we'd be four for seven on friday", 4, 19),
        ("friday we'd be there for six of us", 6, None),
        ("a table for seven on friday", 7, None),
    ],
)
def test_for_an_hour_is_when_they_come(said: str, people: int, time: int | None) -> None:
    heard = hear(said, now=NOW)
    assert (heard.party_size, heard.times[0].hour if heard.times else None) == (people, time)


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("eight sharp", 20),
        ("eight on the dot", 20),
        ("eight or half past", 20),
        ("knock it back an hour", 21),
        ("nudge it forward an hour", 19),
    ],
)
def test_a_time_as_it_is_said(said: str, time: int) -> None:
    heard = hear(said, now=NOW, asked="time", noted=dt.datetime(2026, 11, 27, 20))
    assert heard.times[0].hour == time


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("not gallacher gallagher", "Gallagher"),
        ("no not gallacher gallagher with two g's", "Gallagher"),
        ("not gallagher gallacher", "Gallacher"),
        ("it's gallacher not gallagher", "Gallacher"),
    ],
)
def test_the_name_that_is_denied_is_not_taken(said: str, name: str) -> None:
    assert hear(said, now=NOW, asked="confirmed", name="Gallagher").name == name
