"""A comparison as text."""

from __future__ import annotations

from typing import Optional

from convai_rasa.project.compare.figures import Aspect, Changed, Comparison
from convai_rasa.project.findings import count

_SHOWN = 8  # messages of each kind; all of them are in the JSON and the HTML
_WIDEST = 100  # characters of a message
_NO_MORE = 1.1  # times the old cost, which is within what one run differs from the next


def as_text(comparison: Comparison, *, old: str, new: str) -> str:
    """Return the table, the messages whose answer changed, and the verdict.

    Args:
        comparison: what was found.
        old: name of the old pipeline.
        new: name of the new one.
    """
    rows = table(comparison)
    width = max(len(name) for name, *_ in rows) + 2
    columns = [max(len(title), 8) for title in (old, new)]
    head = f"{'':{width}}{old:>{columns[0]}}  {new:>{columns[1]}}"
    lines = [
        f"{name:{width}}{before:>{columns[0]}}  {after:>{columns[1]}}  {change:>8}"
        for name, before, after, change in rows
    ]
    return "\n".join(
        [
            *summary(comparison),
            "",
            head,
            *(line.rstrip() for line in lines),
            "",
            *_messages("For the better", comparison.better),
            *_messages("For the worse", comparison.worse),
            *verdict(comparison, new=new),
        ]
    )


def summary(comparison: Comparison) -> list[str]:
    """Return sentences on what was asked, and what was not."""
    asked = (
        f"Tested on {count(comparison.asked, 'message')} that were not trained on, in "
        f"{count(comparison.rounds, 'round')} with {comparison.trained_on} training examples each."
    )
    return [asked, *comparison.left_out]


def table(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    """Return rows of name, old figure, new figure and difference."""
    before, after = comparison.before, comparison.after
    rows = [
        _shares("intent accuracy", before.intent_accuracy, after.intent_accuracy),
        _shares("  after fallback", before.after_fallback, after.after_fallback),
        _shares("fallback rate", before.fallback_rate, after.fallback_rate),
        _shares("out of scope caught", before.out_of_scope_caught, after.out_of_scope_caught),
        _shares("responses", before.response_accuracy, after.response_accuracy),
        _shares("entity F1", before.entity_f1, after.entity_f1),
        *(
            _shares(f"  {name}", before.entity_f1_by_type[name], after.entity_f1_by_type[name])
            for name in before.entity_f1_by_type
        ),
        _costs("training, processor s", before.train_cpu_s, after.train_cpu_s),
        _costs("a message, processor ms", before.parse_cpu_ms, after.parse_cpu_ms),
        _costs("memory to answer, MB", before.peak_mb, after.peak_mb),
    ]
    return [row for row in rows if row is not None]


def verdict(comparison: Comparison, *, new: str) -> list[str]:
    """Return what is to be thought of it, in sentences."""
    sentences = [_of_aspect(aspect) for aspect in comparison.aspects if aspect.is_worse or aspect.is_better]
    if not sentences:
        sentences.append("The answers differ by no more than chance.")
    cost = comparison.after.parse_cpu_ms / max(comparison.before.parse_cpu_ms, 1e-9)
    if cost > _NO_MORE:
        sentences.append(f"A message costs {cost:.1f} times the processor time.")
    if comparison.recommended:
        return [*sentences, f"Nothing gets worse beyond chance: {new} is recommended."]
    return [*sentences, f"{new} is not recommended: keep what you have."]


def _of_aspect(aspect: Aspect) -> str:
    word = "Worse" if aspect.is_worse else "Better"
    return f"{word}: {aspect.name} ({aspect.better} messages for the better, {aspect.worse} for the worse)."


def _messages(title: str, changed: list[Changed]) -> list[str]:
    if not changed:
        return []
    lines = [f"{title}: {count(len(changed), 'message')}"]
    for one in changed[:_SHOWN]:
        text = one.text if len(one.text) <= _WIDEST else one.text[: _WIDEST - 1] + "…"
        lines += [f"  {' '.join(text.split())}", f"      {one.before} → {one.after}   (right: {one.expected})"]
    if len(changed) > _SHOWN:
        lines.append(f"  and {len(changed) - _SHOWN} more (--json, --html)")
    return [*lines, ""]


def _shares(name: str, before: Optional[float], after: Optional[float]) -> Optional[tuple[str, str, str, str]]:
    if before is None or after is None:
        return None
    return name, f"{before:.3f}", f"{after:.3f}", f"{after - before:+.3f}"


def _costs(name: str, before: float, after: float) -> tuple[str, str, str, str]:
    times = f"× {after / before:.2f}" if before else ""
    return name, f"{before:.1f}", f"{after:.1f}", times
