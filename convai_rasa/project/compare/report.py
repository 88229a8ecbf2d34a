"""A comparison as text."""

from __future__ import annotations

from convai_rasa.project.compare.figures import Changed, Comparison
from convai_rasa.project.findings import count

_SHOWN = 8  # messages of each kind; all of them are in the JSON and the HTML
_WIDEST = 100  # characters of a message
_NO_MORE = 1.1  # times the old cost, which is within what one run differs from the next


def as_text(comparison: Comparison, *, old: str, new: str) -> str:
    """Return the table, the messages whose answer changed, and the verdict; ``old`` and ``new`` name the pipelines."""
    rows = table(comparison)
    width = max(len(name) for name, *_ in rows) + 2
    first, second = (max(len(title), 8) for title in (old, new))
    lines = [f"{name:{width}}{before:>{first}}  {after:>{second}}  {change:>8}" for name, before, after, change in rows]
    return "\n".join(
        [
            *summary(comparison),
            "",
            f"{'':{width}}{old:>{first}}  {new:>{second}}",
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
    shares = comparison.shares()
    shares += [(f"  {name}", old, after.entity_f1_by_type[name]) for name, old in before.entity_f1_by_type.items()]
    costs = [
        ("training, processor s", before.train_cpu_s, after.train_cpu_s),
        ("a message, processor ms", before.parse_cpu_ms, after.parse_cpu_ms),
        ("memory to answer, MB", before.peak_mb, after.peak_mb),
    ]
    return [
        *((name, f"{old:.3f}", f"{new:.3f}", f"{new - old:+.3f}") for name, old, new in shares),
        *((name, f"{old:.1f}", f"{new:.1f}", f"× {new / old:.2f}" if old else "") for name, old, new in costs),
    ]


def verdict(comparison: Comparison, *, new: str) -> list[str]:
    """Return what is to be thought of it, in sentences."""
    sentences = [
        f"{'Worse' if one.is_worse else 'Better'}: {one.name} "
        f"({one.better} messages for the better, {one.worse} for the worse)."
        for one in comparison.aspects
        if one.is_worse or one.is_better
    ]
    if not sentences:
        sentences.append("The answers differ by no more than chance.")
    cost = comparison.after.parse_cpu_ms / max(comparison.before.parse_cpu_ms, 1e-9)
    if cost > _NO_MORE:
        sentences.append(f"A message costs {cost:.1f} times the processor time.")
    if comparison.recommended:
        return [*sentences, f"Nothing gets worse beyond chance: {new} is recommended."]
    return [*sentences, f"{new} is not recommended: keep what you have."]


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
