from __future__ import annotations

import pathlib

import pytest

from convai_rasa.tts import normalise
from convai_rasa.tts.sentences import split_sentences

pytest.importorskip("num2words")

CASES = {
    # plain text stays as it is
    "Hello, how are you?": "Hello, how are you?",
    "It's the café's well-known dish.": "It's the café's well-known dish.",
    # numbers
    "We have 3 rooms and 1,250 chairs.": "We have three rooms and one thousand two hundred and fifty chairs.",
    "A 4.5 star place": "A four point five star place",
    "It is -5 outside": "It is minus five outside",
    "room 007": "room zero zero seven",
    "order 123456789": "order one two three four five six seven eight nine",
    "the 21st and the 3rd": "the twenty-first and the third",
    "50% off, 2.5 % more": "fifty percent off, two point five percent more",
    "for 10-12 people": "for ten to twelve people",
    "2 ½ cups, ¼ litre": "two and a half cups, a quarter litre",
    "table #5": "table number five",
    "seat B12": "seat B twelve",
    "version 1.2.3": "version one point two point three",
    "1000000 users": "one million users",
    "10x faster, 3 x 4": "ten times faster, three times four",
    "5 - 3 = 2": "five minus three equals two",
    "1/2 cup, 2 3/4 miles": "one half cup, two and three quarters miles",
    "split 50/50": "split fifty fifty",
    "in room 12/31": "in room twelve slash thirty-one",
    "2^8": "two to the power of eight",
    # digit by digit, because they are written down or typed in
    "Your PIN is 0042": "Your PIN is zero zero four two",
    "zip code 90210": "zip code nine zero two one zero",
    "a card ending in 1234": "a card ending in one two three four",
    "order #12-345": "order one two, three four five",
    "ISBN 978-3-16-148410-0": "ISBN nine seven eight, three, one six, one four eight four one zero, zero",
    "DE89 3704 0044 0532 0130 00": "D E, eight nine, three seven zero four, zero zero four four, zero five three two, "
    "zero one three zero, zero zero",
    # money
    "$12.50": "twelve dollars and fifty cents",
    "It costs $1.": "It costs one dollar.",
    "$0.99 or €5 or £1.01": "ninety-nine cents or five euros or one pound and one penny",
    "$1,200 and 20 EUR and 5€": "one thousand two hundred dollars and twenty euros and five euros",
    "$3.5 million": "three point five million dollars",
    "¥500": "five hundred yen",
    "$10-$20": "ten dollars to twenty dollars",
    "$5-10": "five dollars to ten dollars",
    "5-10 $": "five dollars to ten dollars",
    "€1.000,50": "one thousand euros and fifty cents",
    "12,50 €": "twelve euros and fifty cents",
    "USD 20 or CHF 30": "twenty dollars or thirty Swiss francs",
    "£3m": "three million pounds",
    "99¢ or $.50": "ninety-nine cents or fifty cents",
    "-$5": "minus five dollars",
    # times
    "at 7:30 pm": "at seven thirty PM",
    "at 7:05": "at seven oh five",
    "at 19:00.": "at seven PM.",
    "at 9:00": "at nine o'clock",
    "at 12:00": "at noon",
    "at 00:30": "at twelve thirty AM",
    "from 5pm to 6 p.m.": "from five PM to six PM.",
    "11:30-22:00": "eleven thirty to ten PM",
    "5pm–6pm": "five PM to six PM",
    "open 24/7": "open twenty-four seven",
    "At 7 pm. Or 8 p.m.! At 9 p.m. tomorrow.": "At seven PM. Or eight PM! At nine PM tomorrow.",
    "Until 10 p.m.": "Until ten PM.",
    "at 8.30pm": "at eight thirty PM",
    "10:30-11": "ten thirty to eleven",
    "noon-2pm": "noon to two PM",
    "1h30": "one hour thirty minutes",
    # dates
    "Mon-Fri 9am-5pm": "Monday to Friday nine AM to five PM",
    "Mon–Fri: 11:30–22:00": "Monday to Friday: eleven thirty to ten PM",
    "Sat & Sun, Tue 5 May": "Saturday and Sunday, Tuesday May fifth",
    "The sun sat on Mon Ami.": "The sun sat on Mon Ami.",
    "on 12/31/2026": "on December thirty-first, twenty twenty-six",
    "31/12/2026 or 31.12.26": "December thirty-first, twenty twenty-six or December thirty-first, twenty twenty-six",
    "2024-2025": "twenty twenty-four to twenty twenty-five",
    "the 1990s, the '80s": "the nineteen nineties, the eighties",
    "summer 2026, Q1 2025": "summer twenty twenty-six, Q one twenty twenty-five",
    "on 2026-11-22": "on November twenty-second, twenty twenty-six",
    "on 2026-11-22.": "on November twenty-second, twenty twenty-six.",
    "November 22, 2026": "November twenty-second, twenty twenty-six",
    "Nov. 5 at 8 pm": "November fifth at eight PM",
    "3rd March": "March third",
    "in 1984": "in nineteen eighty-four",
    "2000 people": "two thousand people",
    # phone numbers
    "Call 555-0199": "Call five five five, zero one nine nine",
    "+1 (555) 123-4567": "plus one, five five five, one two three, four five six seven",
    "020 7946 0958": "zero two zero, seven nine four six, zero nine five eight",
    "call us at 555 0199": "call us at five five five, zero one nine nine",
    "0800 123 4567": "zero eight zero zero, one two three, four five six seven",
    "555.123.4567": "five five five, one two three, four five six seven",
    "dial 911": "dial nine one one",
    "[Call](tel:+15550199) tel:+15550199": "Call plus one five five five zero one nine nine",
    "1-800-FLOWERS": "one, eight zero zero, Flowers",
    # units
    "5 km away, 1 kg": "five kilometers away, one kilogram",
    "20°C": "twenty degrees Celsius",
    "10 min": "ten minutes",
    # addresses
    "Mail info@bistro-roma.com.": "Mail info at bistro dash roma dot com.",
    "See https://www.example.com/menu?x=1#top.": "See example dot com slash menu.",
    "[our menu](https://example.com/m)": "our menu",
    "Visit example.co.uk, or example.com/menu!": "Visit example dot co dot uk, or example dot com slash menu!",
    "Open menu.pdf.It opens at once": "Open menu dot pdf.It opens at once",
    "ftp://files.example.com": "files dot example dot com",
    # marks for the eye
    "**Bold**, *soft*, _under_ and `code`": "Bold, soft, under and code",
    "# Title\n- one\n- two": "Title\none\ntwo",
    "> quoted": "quoted",
    "snake_case stays together": "snake case stays together",
    "<b>Hi</b> there": "Hi there",
    "Great 🍕👍🏽!": "Great!",
    "“Curly” – it’s ‘fine’ — yes": "Curly, it's 'fine', yes",
    "Wait… what?!": "Wait. what?!",
    "fish & chips / soup": "fish and chips soup",
    "fish/meat": "fish or meat",
    # abbreviations
    "Dr. Smith and Mr. Jones": "doctor Smith and mister Jones",
    "soups, e.g. lentil": "soups, for example lentil",
    "No. 5": "number five",
    "I said no. Five times.": "I said no. Five times.",
    "bread, butter, etc.": "bread, butter, and so on.",
    "U.S.A. and a Ph.D": "U S A and a P H D",
    "soup w/ bread, w/o salt": "soup with bread, without salt",
    "12 Main St., St. Patrick": "twelve Main Street, saint Patrick",
    # lists and tables: a line each, so that there is a pause after each
    "1. First\n2) Second": "one, First\ntwo, Second",
    "* one\n• two\n- [ ] three\n- [x] four": "one\ntwo\nthree\nfour",
    "| Dish | Price |\n|---|---|\n| Soup | $5 |": "Dish, Price\nSoup, five dollars",
    "above\n---\nbelow": "above\nbelow",
    # emoji and emoticons
    "Hello :) ❤️ 🇩🇪 1️⃣ ✅ done ;-)": "Hello one done",
    "→ next": "next",
    ":smile: hi <3": "hi",
    # nothing to say
    "": "",
    " \n ": "",
    "🙂": "",
    "...": "",
    "***": "",
    "---": "",
    "👍🏽 :-) ❤️": "",
    "|---|": "",
    "![](menu.png)": "",
    "• ": "",
    "<br/>": "",
    "→ ↑ ™": "",
    "```\nprint(1)\n```": "",
}


@pytest.mark.parametrize("written", CASES)
def test_written_text_becomes_spoken_text(written: str) -> None:
    assert normalise(written) == CASES[written]


@pytest.mark.parametrize("written", CASES)
def test_spoken_text_stays_as_it_is(written: str) -> None:
    assert normalise(CASES[written]) == CASES[written]


def test_no_digit_is_left() -> None:
    wild = "a1b2 1.2.3.4 99:99 31/12 1e9 $ 5 %5 12-34-56 0.0.1 1,2,3 7½% 3×4=12 £ 2026-13-45 " + "9" * 40
    assert not any(character.isdigit() for character in normalise(wild))


def test_sentences_are_cut_at_their_ends_only() -> None:
    text = "The price is nine dollars. Is that fine? Yes!\nNext line"
    assert split_sentences(text) == ["The price is nine dollars.", "Is that fine?", "Yes!", "Next line"]
    assert split_sentences("") == []


def test_endless_sentences_are_cut_without_losing_a_word() -> None:
    text = "one two three, four five six seven eight nine ten eleven twelve " * 40 + "x" * 600
    parts = split_sentences(text)
    assert max(map(len, parts)) <= 240
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_the_documentation_says_what_is_said() -> None:
    page = (pathlib.Path(__file__).parents[2] / "docs" / "components" / "voices.md").read_text(encoding="utf-8")
    table = page.partition("| written | said |\n|---|---|\n")[2].partition("\n\n")[0]
    rows = [row.strip("| ").split(" | ") for row in table.splitlines()]
    assert len(rows) > 5
    for written, said in rows:
        spoken = [normalise(one) for one in written.strip("`").split("`, `")]
        assert ", ".join(spoken).rstrip(".") == said
