"""What the answers of two pipelines to the same messages come to, and whether the difference is more than chance."""

from __future__ import annotations

import json
import math
import statistics
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Collection, Iterable, Optional, Sequence

from convai_rasa.project.compare.split import Entity, Example, entity_types, is_out_of_scope
from convai_rasa.project.compare.trial import Answer, Outcome

CHANCE = 0.05  # a change for the worse as lopsided as this one, or more, would come by chance this often

Right = Callable[[Example, Answer], bool]


@dataclass(frozen=True)
class Figures:
    """One pipeline in figures; None where the examples do not say.

    Attributes:
        intent_accuracy: share of the messages whose intent is right, before any fallback.
        after_fallback: the same as it comes out, where a fallback is right for messages out of scope only.
        fallback_rate: share of the messages in scope that fall back.
        entity_f1: over the types that are annotated; an entity is right if its type, place, role and group are.
        entity_f1_by_type: the same for each type.
        response_accuracy: share of the messages with a retrieval intent that get its response.
        out_of_scope_caught: share of the messages out of scope that fall back, or go to an intent made for them.
        train_cpu_s: processor seconds of one training, the median.
        parse_cpu_ms: processor milliseconds of one message, the median.
        peak_mb: of the process that answers, at its largest, in millions of bytes.
    """

    intent_accuracy: float
    after_fallback: float
    fallback_rate: float
    entity_f1: Optional[float]
    entity_f1_by_type: dict[str, float]
    response_accuracy: Optional[float]
    out_of_scope_caught: Optional[float]
    train_cpu_s: float
    parse_cpu_ms: float
    peak_mb: float


@dataclass(frozen=True)
class Aspect:
    """One thing that can get better or worse, counted by message.

    Attributes:
        name: such as ``intents``.
        better: messages that only the new pipeline gets right.
        worse: messages that only the old one does.
    """

    name: str
    better: int
    worse: int

    @property
    def is_worse(self) -> bool:
        """Whether it got worse beyond chance (a sign test, which is McNemar's exact one)."""
        return sign_test(self.worse, self.better) < CHANCE

    @property
    def is_better(self) -> bool:
        """Whether it got better beyond chance."""
        return sign_test(self.better, self.worse) < CHANCE


@dataclass(frozen=True)
class Changed:
    """A message that is answered otherwise: its text, what is right, the old answer and the new one."""

    text: str
    expected: str
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """Two pipelines, and what is to be thought of the change.

    Attributes:
        before: the old one.
        after: the new one.
        aspects: what can get better or worse.
        better: messages whose answer became right.
        worse: messages whose answer became wrong.
        asked: number of messages, in all rounds.
        trained_on: number of examples in a round.
        rounds: number of those held.
        left_out: sentences on what did not fit into the time.
    """

    before: Figures
    after: Figures
    aspects: list[Aspect]
    better: list[Changed]
    worse: list[Changed]
    asked: int
    trained_on: int
    rounds: int
    left_out: list[str] = field(default_factory=list)

    @property
    def recommended(self) -> bool:
        """Whether nothing becomes worse beyond chance."""
        return not any(aspect.is_worse for aspect in self.aspects)

    def shares(self) -> list[tuple[str, float, float]]:
        """Return rows of a name and the share of both, the old one's and the new one's, where the examples say it."""
        rows = [(name, getattr(self.before, figure), getattr(self.after, figure)) for figure, name in _SHARES.items()]
        return [(name, old, new) for name, old, new in rows if old is not None and new is not None]

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's types, figures rounded."""
        written = json.dumps({**asdict(self), "recommended": self.recommended})
        content: dict[str, Any] = json.loads(written, parse_float=lambda figure: round(float(figure), 4))
        return content


_SHARES = {
    "intent_accuracy": "intent accuracy",
    "after_fallback": "  after fallback",
    "fallback_rate": "fallback rate",
    "out_of_scope_caught": "out of scope caught",
    "response_accuracy": "responses",
    "entity_f1": "entity F1",
}


def figures(examples: Sequence[Example], outcomes: Sequence[Outcome]) -> Figures:
    """Sum up one pipeline, with the examples of all rounds and an outcome for each round."""
    answers = [answer for outcome in outcomes for answer in outcome.answers]
    pairs = list(zip(examples, answers, strict=True))

    def share(right: Right, of: Callable[[Example], object]) -> Optional[float]:
        counted = [right(example, answer) for example, answer in pairs if of(example)]
        return sum(counted) / len(counted) if counted else None

    def f1(types: Collection[str]) -> float:
        right = wrong = 0
        for example, answer in pairs:
            truth, found = _of_types(example.entities, types), _of_types(answer.entities, types)
            right += len(truth & found)
            wrong += len(truth ^ found)
        return 2 * right / (2 * right + wrong) if right + wrong else 0.0

    types = entity_types(examples)
    return Figures(
        intent_accuracy=share(lambda example, answer: answer.understood == example.intent, _is_named) or 0.0,
        after_fallback=share(intent_right, _is_named) or 0.0,
        fallback_rate=share(lambda _, answer: answer.fell_back, lambda example: not example.out_of_scope) or 0.0,
        entity_f1=f1(types) if types else None,
        entity_f1_by_type={name: f1([name]) for name in types},
        response_accuracy=share(response_right, lambda example: example.response),
        out_of_scope_caught=share(intent_right, lambda example: example.out_of_scope),
        train_cpu_s=statistics.median(outcome.train_cpu_s for outcome in outcomes),
        parse_cpu_ms=statistics.median(answer.cpu_ms for answer in answers),
        peak_mb=max(outcome.peak_bytes for outcome in outcomes) / 1e6,
    )


def _is_named(example: Example) -> bool:
    return example.intent is not None


def intent_right(example: Example, answer: Answer) -> bool:
    """Whether what comes out is right."""
    if example.out_of_scope:
        return answer.fell_back or is_out_of_scope(answer.intent)
    return answer.intent == example.intent


def response_right(example: Example, answer: Answer) -> bool:
    """Whether a selector chose the response that belongs to the message."""
    return example.response in answer.responses


def aspects(
    examples: Sequence[Example], before: Sequence[Answer], after: Sequence[Answer], listed: Collection[str]
) -> list[Aspect]:
    """Count what became better and worse in the answers to some examples.

    Of the entity types that the domain lists, those are counted as well that no example annotates: what an extractor
    finds there, a number for a form, must still be found.
    """
    types = entity_types(examples)
    others = set(listed) - set(types)
    triples = list(zip(examples, before, after, strict=True))

    def aspect(name: str, right: Right, of: Callable[[Example], object]) -> Aspect:
        flips = [(right(example, old), right(example, new)) for example, old, new in triples if of(example)]
        return Aspect(name, better=flips.count((False, True)), worse=flips.count((True, False)))

    def found_all(example: Example, answer: Answer) -> bool:
        return not _errors(example, answer, types)

    lost = [_of_types(old.entities, others) - _of_types(new.entities, others) for _, old, new in triples]
    counted = [
        aspect("intents", intent_right, lambda example: not example.out_of_scope),
        aspect("out of scope", intent_right, lambda example: example.out_of_scope),
        aspect("entities", found_all, lambda example: types and _is_named(example)),
        aspect("responses", response_right, lambda example: example.response),
        # Finding more of what nobody asked for is no gain.
        Aspect("entities that no example annotates", better=0, worse=sum(map(bool, lost))),
    ]
    return [one for one in counted if one.better or one.worse]


def changes(
    examples: Sequence[Example], before: Sequence[Answer], after: Sequence[Answer]
) -> tuple[list[Changed], list[Changed]]:
    """Return the messages whose intent or annotated entities became right, and those where they became wrong."""
    types = entity_types(examples)
    better: list[Changed] = []
    worse: list[Changed] = []
    for example, old, new in zip(examples, before, after, strict=True):
        was, now = intent_right(example, old), intent_right(example, new)
        more_errors = _errors(example, new, types) - _errors(example, old, types)
        if was == now and not more_errors:
            continue
        truth, *said = [
            _said(intent, example, _of_types(entities, types))
            for intent, entities in (
                (example.intent or "out of scope", example.entities),
                (_intent(old), old.entities),
                (_intent(new), new.entities),
            )
        ]
        improved = now if was != now else more_errors < 0
        (better if improved else worse).append(Changed(example.text, truth, *said))
    return better, worse


def sign_test(more: int, fewer: int) -> float:
    """Return how often chance alone would make it ``more`` or above, of so many that changed."""
    changed = more + fewer
    return sum(math.comb(changed, count) for count in range(more, changed + 1)) / 2**changed


def _errors(example: Example, answer: Answer, types: Collection[str]) -> int:
    return len(_of_types(example.entities, types) ^ _of_types(answer.entities, types))


def _of_types(entities: Iterable[Entity], types: Collection[str]) -> frozenset[Entity]:
    return frozenset(entity for entity in entities if entity.entity in types)


def _intent(answer: Answer) -> str:
    if answer.fell_back:
        return f"fallback ({answer.understood} {answer.confidence:.2f})"
    return f"{answer.intent} {answer.confidence:.2f}"


def _said(intent: str, example: Example, entities: Iterable[Entity]) -> str:
    ordered = sorted(entities, key=lambda entity: entity.start)
    return ", ".join([intent, *(f"{one.entity} '{example.text[one.start : one.end]}'" for one in ordered)])
