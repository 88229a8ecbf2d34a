"""Hold as many rounds of two pipelines against each other as the time allows."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Collection, Optional, Sequence

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.compare.figures import Comparison, aspects, changes, figures
from convai_rasa.project.compare.split import Example, Round, rounds
from convai_rasa.project.compare.trial import Bench, Candidate, Outcome, OutOfTime
from convai_rasa.store import clock

MOST_ASKED = 500  # messages in a round: half a percent of them is two or three
THINNED_TO = 4  # one example in so many, where all of them take too long
_PATIENCE = 0.45  # of the time, for the first training on all examples
_LONGER = 1.15  # how much longer than the longest so far another round may take


@dataclass(frozen=True)
class Plan:
    """What to hold against each other, and how.

    Attributes:
        before: the old pipeline.
        after: the new one.
        nlu: the project's examples, Rasa's ``TrainingData``.
        listed: entity types of the domain.
        out_of_scope: messages that should fall back, besides the project's own.
        share: of the examples, asked in a round.
        seed: of the split.
        minutes: wall-clock, for all of it.
    """

    before: Candidate
    after: Candidate
    nlu: Any
    listed: Collection[str] = ()
    out_of_scope: Sequence[str] = ()
    share: float = 0.2
    seed: int = 0
    minutes: float = 10.0


Held = tuple[Round, Outcome, Outcome]


def compare(plan: Plan) -> Comparison:
    """Do it, in as many rounds as fit.

    Raises:
        ConfigurationError: too little data, a pipeline that does not train, or not even one round fits into the time.
    """
    began = time.monotonic()
    deadline = began + 60 * plan.minutes
    planned = rounds(plan.nlu, share=plan.share, seed=plan.seed)
    planned = [replace(one, asked=one.asked[:MOST_ASKED]) for one in planned]
    planned[0].asked.extend(Example(text, None) for text in plan.out_of_scope[:MOST_ASKED])
    left_out = []
    if len(plan.nlu.intent_examples) > MOST_ASKED * len(planned):
        left_out.append(f"Each round tests {MOST_ASKED} messages.")
    held: list[Held] = []
    factor, longest = 1, 0.0
    with Bench(deadline) as bench:
        for number, one in enumerate(planned):
            started = time.monotonic()
            if held and started + _LONGER * longest > deadline:
                break
            what = f"Round {number + 1} of up to {len(planned)}"
            if not held:
                one, old, factor = _first(bench, one, plan, what, began + 60 * plan.minutes * _PATIENCE)
            else:
                one = thinned(one, factor)
                old = _tried(bench, plan.before, one, what)
            if old is None:
                break
            new = _tried(bench, plan.after, one, what)
            if new is None:
                break
            held.append((one, old, new))
            longest = max(longest, time.monotonic() - started)
    if not held:
        raise ConfigurationError(
            f"Training both pipelines once takes longer than {plan.minutes:g} minutes; allow more with --minutes, or "
            "give the slower one fewer epochs."
        )
    if factor > 1:
        left_out.append(
            f"Training on all examples takes too long, so one in {factor} was used; for all, raise --minutes."
        )
    if len(held) < len(planned):
        left_out.append(
            f"{len(held)} of {len(planned)} rounds fit into {plan.minutes:g} minutes; for more, raise --minutes."
        )
    return _summed_up(held, plan, left_out)


def _first(bench: Bench, one: Round, plan: Plan, what: str, patience: float) -> tuple[Round, Optional[Outcome], int]:
    """Hold the old pipeline's first trial, on fewer examples if all of them take too long."""
    outcome = _tried(bench, plan.before, one, what, deadline=patience)
    if outcome is not None:
        return one, outcome, 1
    fewer = thinned(one, THINNED_TO)
    return fewer, _tried(bench, plan.before, fewer, f"{what}, on 1 example in {THINNED_TO}"), THINNED_TO


def _tried(
    bench: Bench, candidate: Candidate, one: Round, what: str, *, deadline: Optional[float] = None
) -> Optional[Outcome]:
    with shown(f"{what}: training {candidate.name}"):
        try:
            return bench.trial(candidate, one.training, [example.text for example in one.asked], deadline=deadline)
        except OutOfTime:
            return None


def shown(label: str) -> AbstractContextManager[None]:
    """Show what is going on: with a clock on a terminal, as a line elsewhere."""
    if not sys.stderr.isatty():
        print(f"{label} …", file=sys.stderr, flush=True)
    return clock(label)


def thinned(one: Round, factor: int) -> Round:
    """Keep one training example in ``factor`` of each intent, at least two."""
    if factor == 1:
        return one
    seen: Counter[str] = Counter()

    def keep(example: Any) -> bool:
        intent = example.get_full_intent() or ""
        seen[intent] += 1
        return not intent or seen[intent] <= 2 or (seen[intent] - 1) % factor == 0

    return replace(one, training=one.training.filter_training_examples(keep))


def _summed_up(held: Sequence[Held], plan: Plan, left_out: list[str]) -> Comparison:
    examples = [example for one, _, _ in held for example in one.asked]
    before, after = [one for _, one, _ in held], [one for _, _, one in held]
    old, new = ([answer for outcome in outcomes for answer in outcome.answers] for outcomes in (before, after))
    better, worse = changes(examples, old, new)
    return Comparison(
        before=figures(examples, before),
        after=figures(examples, after),
        aspects=aspects(examples, old, new, plan.listed),
        better=better,
        worse=worse,
        asked=len(examples),
        trained_on=len(held[0][0].training.intent_examples),
        rounds=len(held),
        left_out=left_out,
    )
