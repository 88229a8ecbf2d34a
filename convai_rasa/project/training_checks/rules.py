"""Rules and stories that say different things of the same conversation; training ends with an error over the first."""

from __future__ import annotations

import re
from functools import partial
from typing import Iterator, Sequence

from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.training.story_conflict import find_story_conflicts
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrainingDataGenerator

from convai_rasa.project.findings import Finding
from convai_rasa.project.training_checks.components import Step
from convai_rasa.project.training_checks.loaded_bot import Bot
from convai_rasa.project.training_checks.quietly import TookTooLong, attempt
from convai_rasa.project.training_checks.wording import of_error

_LIMIT_S = 20.0
_MANY_STEPS = 2000  # comparing goes with the square of the stories
_SHOWN = 3
_SAID_ELSEWHERE = ("ActionNotFoundException", "KeyError", "InvalidDomain")  # names that are not there: ``agreement``
_NAMES = re.compile(r"in (?:rule|story) '(.+?)'.* contradicts the rule '(.+?)'")
_BY_HAND = "rasa data validate stories"


def check_rules(bot: Bot, domain: Domain, policies: Sequence[Step]) -> Iterator[Finding]:
    """Let RulePolicy look for contradictions, as it does before it learns, and Rasa's validator compare the stories."""
    stories = bot.stories
    if not stories.story_steps:
        return
    if sum(len(step.events) for step in stories.story_steps) > _MANY_STEPS:
        yield Finding("stories", "note", "There are too many stories to compare them here", _BY_HAND)
        return
    for policy in (step.made for step in policies if isinstance(step.made, RulePolicy)):
        trackers = attempt(TrainingDataGenerator(stories, domain, augmentation_factor=0).generate)[0]
        if trackers is None:
            return  # a name that is not there; ``agreement`` says so
        _, error, _ = attempt(partial(policy.train, trackers, domain), _LIMIT_S)
        if isinstance(error, TookTooLong):
            yield Finding("stories", "note", "The rules took too long to compare", _BY_HAND)
        elif type(error).__name__ == "InvalidRule":
            yield from _contradictions(str(getattr(error, "message", error)))
        elif error is not None and type(error).__name__ not in _SAID_ELSEWHERE:
            what = f"RulePolicy cannot be trained: {of_error(error, bot.folder)}"
            yield Finding("stories", "error", what, "correct it")
    generator = TrainingDataGenerator(stories, domain, remove_duplicates=False, augmentation_factor=0)
    trackers = attempt(generator.generate_story_trackers, _LIMIT_S)[0] or []
    conflicts = attempt(lambda: find_story_conflicts(trackers, domain), _LIMIT_S)[0] or []
    for conflict in conflicts[:_SHOWN]:
        where, *said = [line.strip() for line in str(conflict).strip().splitlines()]
        after = where.removeprefix("Story structure conflict ").rstrip(":")
        what = f"Stories differ {after} without a reason that can be learned: {'; '.join(said)}"
        yield Finding("stories", "warning", what, "make them differ before that point, or continue in the same way")


def _contradictions(message: str) -> Iterator[Finding]:
    """RulePolicy tells all of them in one message, a line each."""
    lines = [line.removeprefix("- ").strip() for line in message.splitlines() if line.startswith("- ")]
    seen: set[frozenset[str]] = set()
    for line in lines or [" ".join(message.split())]:
        what, _, more = line.partition(". ")
        what = what.replace("is contradicting with rule(s)", "contradicts the rule").rstrip(".")
        between = frozenset(names.groups()) if (names := _NAMES.search(what)) else frozenset([what])
        if between in seen:
            continue  # each says it of the other
        seen.add(between)
        fix = more.removeprefix("Please ").rstrip(".") or "make both do the same, or change when one of them applies"
        yield Finding("stories", "error", what[:1].upper() + what[1:], fix)
