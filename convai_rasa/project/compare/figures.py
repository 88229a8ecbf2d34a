"""What the answers of two pipelines to the same messages come to, and whether the difference is more than chance."""

from __future__ import annotations

import math
import statistics
from dataclasses import asdict, dataclass, field
from typing import Any, Callable, Collection, Iterable, Optional, Sequence

from convai_rasa.project.compare.split import Entity, Example, entity_types, is_out_of_scope
from convai_rasa.project.compare.trial import Answer, Outcome

CHANCE = 0.05  # a change for the worse as lopsided as this one, or more, would come by chance this often

Pair = tuple[Example, Answer]


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
    """A message that is answered otherwise.

    Attributes:
        text: of the message.
        expected: what is right.
        before: the old answer.
        after: the new one.
    """

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
        asked: messages, in all rounds.
        trained_on: examples in a round.
        rounds: that were held.
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

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON's types, figures rounded."""
        return _rounded({**asdict(self), "recommended": self.recommended})


def figures(examples: Sequence[Example], outcomes: Sequence[Outcome]) -> Figures:
    """Sum up one pipeline.

    Args:
        examples: of all rounds, one after another.
        outcomes: one for each round.
    """
    answers = [answer for outcome in outcomes for answer in outcome.answers]
    pairs = list(zip(examples, answers, strict=True))
    named = [(example, answer) for example, answer in pairs if example.intent is not None]
    inside = [(example, answer) for example, answer in pairs if not example.out_of_scope]
    types = entity_types(examples)
    return Figures(
        intent_accuracy=_share(named, lambda example, answer: answer.understood == example.intent) or 0.0,
        after_fallback=_share(named, intent_right) or 0.0,
        fallback_rate=_share(inside, lambda example, answer: answer.fell_back) or 0.0,
        entity_f1=_f1(pairs, types) if types else None,
        entity_f1_by_type={name: _f1(pairs, [name]) for name in types},
        response_accuracy=_share(_of_response(pairs), response_right),
        out_of_scope_caught=_share([pair for pair in pairs if pair[0].out_of_scope], intent_right),
        train_cpu_s=statistics.median(outcome.train_cpu_s for outcome in outcomes),
        parse_cpu_ms=statistics.median(answer.cpu_ms for answer in answers),
        peak_mb=max(outcome.peak_bytes for outcome in outcomes) / 1e6,
    )


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
    """Count what became better and worse.

    Args:
        examples: what was asked.
        before: the old answers.
        after: the new ones.
        listed: entity types that the domain knows, of which those are counted that no example annotates: what an
            extractor finds there, a number for a form, must still be found.
    """
    types = entity_types(examples)
    others = sorted(set(listed) - set(types))
    triples = list(zip(examples, before, after, strict=True))
    inside = [triple for triple in triples if not triple[0].out_of_scope]
    outside = [triple for triple in triples if triple[0].out_of_scope]
    annotated = [triple for triple in triples if triple[0].intent is not None] if types else []

    def found_all(example: Example, answer: Answer) -> bool:
        return _of_types(answer.entities, types) == _of_types(example.entities, types)

    counted = [
        _aspect("intents", inside, intent_right),
        _aspect("out of scope", outside, intent_right),
        _aspect("entities", annotated, found_all),
        _aspect("responses", [triple for triple in triples if triple[0].response], response_right),
        Aspect(
            "entities that no example annotates",
            better=0,  # finding more of what nobody asked for is no gain
            worse=sum(
                bool(_of_types(old.entities, others) - _of_types(new.entities, others)) for _, old, new in triples
            ),
        ),
    ]
    return [aspect for aspect in counted if aspect.better or aspect.worse]


def changes(
    examples: Sequence[Example], before: Sequence[Answer], after: Sequence[Answer]
) -> tuple[list[Changed], list[Changed]]:
    """Return the messages whose intent or annotated entities became right, and those where they became wrong."""
    types = entity_types(examples)
    better: list[Changed] = []
    worse: list[Changed] = []
    for example, old, new in zip(examples, before, after, strict=True):
        was = intent_right(example, old), *_errors(example, old, types)
        now = intent_right(example, new), *_errors(example, new, types)
        if was == now:
            continue
        changed = Changed(
            example.text,
            _said(example.intent or "out of scope", example, _of_types(example.entities, types)),
            _said(_intent(old), example, _of_types(old.entities, types)),
            _said(_intent(new), example, _of_types(new.entities, types)),
        )
        improved = now[0] if was[0] != now[0] else now[1] < was[1]
        (better if improved else worse).append(changed)
    return better, worse


def sign_test(more: int, fewer: int) -> float:
    """Return how often chance alone would make it ``more`` or above, of so many that changed."""
    changed = more + fewer
    return sum(math.comb(changed, count) for count in range(more, changed + 1)) / 2**changed


def _aspect(
    name: str, triples: Iterable[tuple[Example, Answer, Answer]], right: Callable[[Example, Answer], bool]
) -> Aspect:
    flips = [(right(example, old), right(example, new)) for example, old, new in triples]
    return Aspect(name, better=flips.count((False, True)), worse=flips.count((True, False)))


def _share(pairs: Sequence[Pair], right: Callable[[Example, Answer], bool]) -> Optional[float]:
    return sum(right(*pair) for pair in pairs) / len(pairs) if pairs else None


def _of_response(pairs: Sequence[Pair]) -> list[Pair]:
    return [pair for pair in pairs if pair[0].response]


def _f1(pairs: Sequence[Pair], types: Collection[str]) -> float:
    right = wrong = 0
    for example, answer in pairs:
        truth, found = _of_types(example.entities, types), _of_types(answer.entities, types)
        right += len(truth & found)
        wrong += len(truth ^ found)
    return 2 * right / (2 * right + wrong) if right + wrong else 0.0


def _errors(example: Example, answer: Answer, types: Collection[str]) -> tuple[int]:
    return (len(_of_types(example.entities, types) ^ _of_types(answer.entities, types)),)


def _of_types(entities: Iterable[Entity], types: Collection[str]) -> frozenset[Entity]:
    return frozenset(entity for entity in entities if entity.entity in types)


def _intent(answer: Answer) -> str:
    if answer.fell_back:
        return f"fallback ({answer.understood} {answer.confidence:.2f})"
    return f"{answer.intent} {answer.confidence:.2f}"


def _said(intent: str, example: Example, entities: Iterable[Entity]) -> str:
    ordered = sorted(entities, key=lambda entity: entity.start)
    return ", ".join([intent, *(f"{one.entity} '{example.text[one.start : one.end]}'" for one in ordered)])


def _rounded(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _rounded(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_rounded(value) for value in content]
    return round(content, 4) if isinstance(content, float) else content
