"""Answers to closed questions: the bot has asked for one of a few values, and what was heard only sounds like one."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from convai_rasa.languages import lexicon_of
from convai_rasa.nlu.vocabulary.mapper import Mapped, ValueMapper
from convai_rasa.nlu.vocabulary.pronunciation import spoken_words
from convai_rasa.nlu.vocabulary.sentence_model import Sentences

SHORT_ANSWER = 3  # words: "yes", "not at all"; longer ones are sentences, which the intent classifier knows
MARGIN = 0.1  # by which any other answer has to be farther away: a wrong one costs more than asking once more
# The share of sounds that may differ: of "large" one in four, as in "lark"; of longer answers two in five.
_OF_FEW, _FEW = 0.3, 4
_OF_MANY = 0.4
_ALONE = "answers"  # the entity under which words are kept that are no entity's values


@dataclass(frozen=True)
class Asked:
    """What a closed question may be answered with.

    Attributes:
        entities: whose values answer it.
        intents: whose short examples answer it, such as those for yes and no.
        values: texts that answer it by themselves.
    """

    entities: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class ClosedAnswers:
    """Finds the answer that some words sound like: values of entities, or ``short`` examples of intents."""

    def __init__(
        self, mapper: ValueMapper, short: Mapping[str, Sequence[str]], sentences: Sentences, language: str
    ) -> None:
        self._mapper = mapper
        self._short = short
        self._sentences = sentences
        self._language = language
        self._words_alone = functools.lru_cache(64)(
            lambda texts: ValueMapper({_ALONE: {text: text for text in texts}}, language)
        )

    def nearest(self, text: str, asked: Asked, *, only_alike: bool) -> Mapped | None:
        """Return the answer that the whole text sounds like; None where that is none, or may be two.

        Words that only lead up to an answer, and one behind it that the bot's sentences have, are no part of it.
        ``only_alike`` takes only what sounds the same, since the words make sense as they are.
        """
        for form in self._cores(text):
            few = len(self._mapper.sounds_of(form)) <= _FEW
            found = self._of_set(form, asked, 0.0 if only_alike else _OF_FEW if few else _OF_MANY)
            if found is not None:
                return found
        return None

    def _cores(self, text: str) -> Iterable[str]:
        """Yield the whole text, and what is left without the words that lead up to it and a last "please"."""
        words, lexicon = spoken_words(text, self._language), lexicon_of(self._language)
        forms = [word.text for word in words]
        yield " ".join(forms)
        if lexicon.turns is None or lexicon.questions.match(text.lower()):
            return
        first = 0
        while first < len(words) - 1 and lexicon.turns.leave_open(text[: words[first + 1].start]):
            first += 1
        if first:
            yield " ".join(forms[first:])
        if len(forms) - first > 1 and forms[-1] in self._sentences:
            yield " ".join(forms[first:-1])

    def _of_set(self, form: str, asked: Asked, threshold: float) -> Mapped | None:
        near: dict[str, float] = {}  # each answer, with how much agrees
        for entity in asked.entities:
            for value, agreement in self._near(self._mapper, entity, form, threshold).items():
                near[value] = max(agreement, near.get(value, 0.0))
        means = self._means(asked)
        for text, agreement in self._near(self._words_alone(tuple(means)), _ALONE, form, threshold).items():
            near[means[text]] = max(agreement, near.get(means[text], 0.0))
        ranked = sorted(near, key=lambda answer: -near[answer])
        if not ranked or any(near[ranked[0]] - near[other] < MARGIN for other in ranked[1:]):
            return None
        return Mapped(ranked[0], near[ranked[0]])

    @staticmethod
    def _near(mapper: ValueMapper, entity: str, form: str, threshold: float) -> dict[str, float]:
        """Return the values that a text may stand for, each with how much of it agrees."""
        mapped = mapper.map(entity, form, heard=True, threshold=threshold, margin=MARGIN)
        if mapped is None or (threshold == 0 and mapped.confidence < 1):
            return {}  # a value that was only begun, too
        found = mapped.alternatives if mapped.value is None else (mapped.value,)
        # Who says "thanks" has not said "no thanks": what is missing in front may be what turns it round.
        return {value: mapped.confidence for value in found if not value.lower().endswith(f" {form}")}

    def _means(self, asked: Asked) -> dict[str, str]:
        """Return the texts that answer by themselves, each with what is understood: of an intent the first example."""
        means = {value: value for value in asked.values}
        for intent in asked.intents:
            examples = self._short.get(intent, ())
            means.update((example, examples[0]) for example in examples)
        return means


def short_examples(examples: Iterable[tuple[str, str]], language: str) -> dict[str, list[str]]:
    """Return of each intent the examples, pairs of intent and text, that may be an answer by themselves."""
    found: dict[str, list[str]] = {}
    for intent, text in examples:
        if 0 < len(spoken_words(text, language)) <= SHORT_ANSWER:
            found.setdefault(intent, []).append(text.strip())
    return {intent: list(dict.fromkeys(texts)) for intent, texts in found.items()}
