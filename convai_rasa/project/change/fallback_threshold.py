"""The fallback's threshold with which a changed pipeline falls back no more often than the old one did.

A threshold belongs to the classifier it was chosen for: another one spreads its confidences otherwise. So both
pipelines are trained on two thirds of the project's examples and asked the rest, and the threshold is lowered until the
new one is in doubt as often as the old one was. It is never raised: fewer fallbacks are no fault.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence

from convai_rasa.errors import ConfigurationError
from convai_rasa.launch import stop_on_terminate
from convai_rasa.project.change.pipeline import INTENTS, Plan
from convai_rasa.project.change.rasa_components import Step, names_of, short
from convai_rasa.project.compare import Answer, Bench, Candidate, OutOfTime, Round, rounds, shown
from convai_rasa.project.project_files import Project, read_text

CLASSIFIER = "FallbackClassifier"
THRESHOLD, AMBIGUITY = "threshold", "ambiguity_threshold"
RASAS_OWN = {THRESHOLD: 0.3, AMBIGUITY: 0.1}  # what Rasa takes where nothing is written
_ASKED_SHARE = 1 / 3
_FEWEST_ASKED = 30  # messages in scope; of fewer, one is more than three percent
_ENOUGH_ASKED = 100  # of which one is a percent: no further round is held
_STEP = 0.05
_LOWEST = 0.1  # below it, a threshold holds nothing back


class FittingThreshold(NamedTuple):
    """Keys of the FallbackClassifier with their values, none where nothing can be said, and a sentence for the user."""

    settings: dict[str, float]
    note: str


def with_fitting_threshold(
    planned: Plan,
    again: Callable[[Mapping[str, Mapping[str, Any]]], Plan],
    project: Project,
    nlu: Any,
    *,
    minutes: float,
) -> Plan:
    """Return a plan for config.yml with the threshold that fits, and a note on what was measured.

    Args:
        planned: what is to become of the file.
        again: plans once more, with settings for the components that are there.
        project: whose file it is.
        nlu: the project's examples, Rasa's ``TrainingData``.
        minutes: wall-clock, for both trainings; what takes longer is for ``convai compare``.
    """
    written = written_fallback(planned.before)
    new = short(INTENTS)
    if written is None or new in names_of(planned.before) or new not in names_of(planned.after):
        return planned
    before = Candidate("old pipeline", read_text(project.config), project.folder)
    after = Candidate("new pipeline", planned.text, project.folder)
    fitting = fitting_threshold(before, after, nlu, written=written, minutes=minutes)
    result = again({CLASSIFIER: fitting.settings}) if fitting.settings else planned
    result.notes.append(fitting.note)
    return result


def fitting_threshold(
    before: Candidate, after: Candidate, nlu: Any, *, written: Mapping[str, Any], minutes: float
) -> FittingThreshold:
    """Measure on a project's examples which threshold fits the new pipeline, where the old one's is ``written``."""
    kept = {key: float(written.get(key, default)) for key, default in RASAS_OWN.items()}
    left = f"{CLASSIFIER}'s {THRESHOLD} of {kept[THRESHOLD]:g} was kept without measuring"
    try:
        planned = [
            replace(one, asked=[example for example in one.asked if not example.out_of_scope])
            for one in rounds(nlu, share=_ASKED_SHARE, seed=0)
        ]
        if sum(len(one.asked) for one in planned) < _FEWEST_ASKED:
            return FittingThreshold({}, f"{left}, because there are too few examples to hold some back.")
        old, new = _answers(before, after, planned, minutes)
    except ConfigurationError as error:
        return FittingThreshold({}, f"{left}. {error}")
    if len(new) < _FEWEST_ASKED:
        why = f"because training both pipelines takes more than {minutes:g} minutes; allow more with --minutes"
        return FittingThreshold({}, f"{left}, {why}.")
    rate = sum(answer.fell_back for answer in old) / len(old)
    fitting = lowered(new, rate, kept)
    said = (
        f"On {len(new)} held-back examples, the old pipeline falls back for {rate:.0%}, the new one for "
        f"{fallback_rate(new, **kept):.0%}"
    )
    if fitting == kept:
        return FittingThreshold(kept, f"{said}; {CLASSIFIER}'s {THRESHOLD} of {kept[THRESHOLD]:g} stays.")
    changed = {key: value for key, value in fitting.items() if value != kept[key]}
    named = " and ".join(f"{key} {value:g}" for key, value in changed.items())
    return FittingThreshold(fitting, f"{said}, and with {named} for {fallback_rate(new, **fitting):.0%}.")


def lowered(answers: Sequence[Answer], rate: float, kept: dict[str, float]) -> dict[str, float]:
    """Return the highest thresholds, not above those that are kept, with no more fallbacks than the rate.

    One message more is let pass, since a rate cannot be told more exactly than that.
    """
    allowed = rate + 1 / len(answers) + 1e-9
    fits = dict(kept)
    for key in (AMBIGUITY, THRESHOLD):
        others = {**fits, THRESHOLD: 0.0} if key == AMBIGUITY else fits
        lowest = 0.0 if key == AMBIGUITY else min(_LOWEST, kept[key])
        steps = [kept[key], *_steps_below(kept[key], lowest)]
        fits[key] = next(
            (step for step in steps if fallback_rate(answers, **{**others, key: step}) <= allowed), steps[-1]
        )
    return fits


def fallback_rate(answers: Sequence[Answer], threshold: float, ambiguity_threshold: float) -> float:
    """Return the share of answers that Rasa's FallbackClassifier would replace."""
    return sum(_in_doubt(answer, threshold, ambiguity_threshold) for answer in answers) / len(answers)


def _in_doubt(answer: Answer, threshold: float, ambiguity: float) -> bool:
    confidences = [confidence for _, confidence in answer.ranking]
    if not confidences or confidences[0] < threshold:
        return True
    return len(confidences) > 1 and confidences[0] - confidences[1] < ambiguity


def _steps_below(top: float, lowest: float) -> list[float]:
    first = math.ceil(top / _STEP - 1e-9) - 1
    return [round(number * _STEP, 2) for number in range(first, 0, -1) if number * _STEP >= lowest - 1e-9] + (
        [0.0] if lowest == 0 and top > 0 else []
    )


def _answers(
    before: Candidate, after: Candidate, planned: Sequence[Round], minutes: float
) -> tuple[list[Answer], list[Answer]]:
    """Return the answers to messages in scope, of so many rounds as are needed and fit into the time."""
    began = time.monotonic()
    old: list[Answer] = []
    new: list[Answer] = []
    with stop_on_terminate(), Bench(began + 60 * minutes) as bench:
        for number, one in enumerate(planned):
            spent = time.monotonic() - began
            if len(new) >= _ENOUGH_ASKED or (number and spent * (number + 1) / number > 60 * minutes):
                break
            texts = [example.text for example in one.asked]
            found = []
            try:
                for candidate in (before, after):
                    with shown(f"Measuring the fallback threshold (--keep-threshold skips this): {candidate.name}"):
                        found.append(bench.trial(candidate, one.training, texts).answers)
            except OutOfTime:
                break
            old += found[0]
            new += found[1]
    return old, new


def written_fallback(pipeline: Sequence[Step]) -> Optional[Step]:
    """Return the FallbackClassifier of a pipeline as it is written; None where there is none."""
    return next((step for step, name in zip(pipeline, names_of(pipeline), strict=True) if name == CLASSIFIER), None)
