"""What people say of a value that was read back to them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from convai_rasa.capture import KINDS, Captured, repair


@pytest.mark.parametrize(
    ("kind", "before", "text", "after"),
    [
        ("name", "Fmith", "no, not F, S", "Smith"),
        ("name", "Fmith", "Not F-S.", "Smith"),
        ("name", "Fmith", "it's S like Sam, not F", "Smith"),
        ("name", "Fmith", "S instead of F", "Smith"),
        ("name", "Fmith", "not F but S", "Smith"),
        ("name", "Fmith", "no, the first letter is S as in Sam", "Smith"),
        ("name", "Smith", "with a y", "Smyth"),
        ("name", "Philip", "two Ls", "Phillip"),
        ("name", "Philip", "double L", "Phillip"),
        ("name", "Phillip", "only one L", "Philip"),
        ("name", "Lina", "M as in Mike not N", "Lima"),
        ("name", "Kowalcik", "K-O-W-A-L-C-Z-Y-K", "Kowalczyk"),
        ("name", "Dwadudohs", "No, Delta, Uniform, Bravo, Oscar, India, Sierra.", "Dubois"),
        ("phone", "5550123495", "the last digit is a nine", "5550123499"),
        ("phone", "5550123495", "The last digit is a 9.", "5550123499"),
        ("phone", "5550123495", "the second digit is 6", "5650123495"),
        ("phone", "5550123498", "no, the last four are 3 4 9 9", "5550123499"),
        ("phone", "5550123498", "it ends in 99", "5550123499"),
        ("phone", "5550123498", "it starts with 44", "4450123498"),
        ("phone", "5550123498", "no, 012 4498", "5550124498"),
        ("phone", "5550123498", "no, three four nine nine", "5550123499"),
        ("phone", "5550123498", "no 555 012 3499", "5550123499"),
        ("phone", "5273550525", "0 5 2 7 3 5 5 0 9 2 5", "5273550925"),
        ("email", "john.fmith@gmail.com", "not F, S as in Sam", "john.smith@gmail.com"),
        ("email", "john.smith@gmail.com", "yahoo, not gmail", "john.smith@yahoo.com"),
        ("email", "john.smith@gmail.com", "without the dot", "johnsmith@gmail.com"),
        ("email", "john.smith@gmail.com", "no, it's john dot smith at yahoo dot com", "john.smith@yahoo.com"),
        ("email", "bet.nov@yahoo.com", "Papa, Echo, Tango, N O V, at the anju.com", "pet.nov@yahoo.com"),
        ("email", "ped.v@yahoo.com", "No, Papa, Echo, Tango, Victor, at the anju.com", "pet.v@yahoo.com"),
        ("email", "ped.v@yahoo.com", "No, Papa, Echo, Delta, Victor, at yahoo.com", "pedv@yahoo.com"),
        ("email", "jon@gmail.com", "J-O-H-N", "john@gmail.com"),
        ("email", "jon.smith@gmail.com", "K-A-T-E", None),
        ("number", "BR34X7", "the third letter is a D", "BRD4X7"),
        ("number", "BR34X7", "no, P R 3 4 X 7", "PR34X7"),
        ("postcode", "SW1A 1AA", "not 1A, 2A", None),
        ("name", "Klwalczyk", "not L, O", None),  # which of them?
        ("name", "Kowalchyk", "no, with a Z", None),  # where?
        ("name", "Smith", "what?", None),
        ("name", "Smith", "no", None),
        ("phone", "5550123498", "that is my sister's", None),
    ],
)
def test_a_repair_changes_the_part_it_names(kind: str, before: str, text: str, after: str | None) -> None:
    found = repair(Captured(before, kind, True), text)
    assert (found.value if found else None) == after


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.from_regex(r"[A-Za-z0-9@.]{1,20}", fullmatch=True), st.text(max_size=60))
def test_whatever_is_said_there_is_no_error(kind: str, value: str, text: str) -> None:
    found = repair(Captured(value, kind, True), text)
    assert found is None or found.value


@settings(max_examples=100, deadline=None)
@given(st.from_regex(r"[0-9]{10}", fullmatch=True), st.integers(0, 9), st.integers(0, 9))
def test_any_digit_can_be_repaired_by_its_place(number: str, place: int, digit: int) -> None:
    places = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "last"]
    found = repair(Captured(number, "phone", True), f"no, the {places[place]} digit is {digit}")
    assert found is not None
    assert found.value == number[:place] + str(digit) + number[place + 1 :]
