from __future__ import annotations

from convai_rasa.asr import build_prompt, choose_phrases

ORDERS = [
    "I want a large latte with oat milk",
    "I want a small latte with oat milk",
    "one espresso please",
    "I want a large latte",
    "hello",
    "   ",
    "one espresso please",
]


def words(sentences: list[str]) -> set[str]:
    return {word for sentence in sentences for word in sentence.lower().split()}


def test_the_choice_covers_the_vocabulary_without_repeating_itself() -> None:
    chosen = choose_phrases(ORDERS)
    assert words(chosen) == words(ORDERS)
    assert len(chosen) == len(set(chosen)) < 5


def test_the_choice_is_the_same_every_time_and_fits() -> None:
    phrases = [f"sentence {number} about {topic}" for number in range(300) for topic in ("tables", "menus")]
    chosen = choose_phrases(phrases, max_words=40)
    assert chosen == choose_phrases(list(phrases), max_words=40)
    assert sum(len(sentence.split()) for sentence in chosen) <= 40
    assert all(sentence in phrases for sentence in chosen)


def test_frequent_words_win_when_there_is_little_room() -> None:
    phrases = [
        "book a table",
        *(f"book a table for {n}" for n in ("two", "three", "four")),
        "zanzibar quixotic fandango",
    ]
    assert choose_phrases(phrases, max_words=4) == ["book a table"]


def test_no_phrases_give_no_prompt() -> None:
    assert choose_phrases([]) == []
    assert choose_phrases(["..."]) == []
    assert build_prompt([]) == ""


def test_the_question_of_the_bot_comes_last() -> None:
    assert build_prompt(["book a table", "Hi!"], "For how many people?") == "Book a table. Hi! For how many people?"
    assert build_prompt([], " What day ") == "What day."
