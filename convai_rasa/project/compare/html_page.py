"""A comparison as one HTML file with plots; it needs nothing from the network and reads in light and dark."""

from __future__ import annotations

import html
import io
import re
from typing import Any, Callable, Sequence

from convai_rasa.errors import require
from convai_rasa.project.compare.figures import Changed, Comparison
from convai_rasa.project.compare.report import summary, table, verdict

_OLD, _NEW, _GREY = "#8a8f98", "#2f81f7", "#808080"  # each is readable on white and on black
_SHORTER = {"intent accuracy": "intents", "out of scope caught": "out of scope"}
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --good: #1a7f37; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #f85149; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.figure, th.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.verdict { padding: .6rem 1rem; border-left: .3rem solid var(--good); background: var(--soft); }
.verdict.no { border-color: var(--bad); }
.plots { display: flex; flex-wrap: wrap; gap: 1rem; }
.plots svg { max-width: 100%; height: auto; }
"""


def as_html(comparison: Comparison, *, old: str, new: str) -> str:
    """Return the page; ``old`` and ``new`` name the pipelines.

    Raises:
        MissingExtra: matplotlib is not installed; it comes with Rasa.
    """
    title = f"{_text(old)} and {_text(new)}"
    verdicts = "".join(f"<p>{_text(sentence)}</p>" for sentence in verdict(comparison, new=new))
    said = "".join(f"<p>{_text(sentence)}</p>" for sentence in summary(comparison))
    rows = "".join(
        f'<tr><td>{_name(name)}</td><td class="figure">{before}</td><td class="figure">{after}</td>'
        f'<td class="figure">{change}</td></tr>'
        for name, before, after, change in table(comparison)
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f'<div class="verdict{"" if comparison.recommended else " no"}">{verdicts}</div>{said}'
        f'<table><tr><th></th><th class="figure">{_text(old)}</th><th class="figure">{_text(new)}</th><th></th></tr>'
        f'{rows}</table><div class="plots">{_plots(comparison, old, new)}</div>'
        f"{_changed('For the better', comparison.better)}{_changed('For the worse', comparison.worse)}</body></html>\n"
    )


def _changed(title: str, changed: Sequence[Changed]) -> str:
    if not changed:
        return ""
    rows = "".join(
        f"<tr><td>{_text(one.text)}</td><td>{_text(one.expected)}</td><td>{_text(one.before)}</td><td>{_text(one.after)}</td></tr>"
        for one in changed
    )
    head = "<tr><th>message</th><th>right</th><th>before</th><th>after</th></tr>"
    return f"<h2>{title}: {len(changed)}</h2><table>{head}{rows}</table>"


def _plots(comparison: Comparison, old: str, new: str) -> str:
    """Draw the shares side by side, and the costs as multiples of the old one's."""
    before, after = comparison.before, comparison.after
    shares = [(_SHORTER.get(name, name.strip()), one, other) for name, one, other in comparison.shares()]
    costs = [
        (name, 1.0, getattr(after, figure) / max(getattr(before, figure), 1e-9))
        for name, figure in (("training", "train_cpu_s"), ("a message", "parse_cpu_ms"), ("memory", "peak_mb"))
    ]
    entities = [(name, old_f1, after.entity_f1_by_type[name]) for name, old_f1 in before.entity_f1_by_type.items()]
    drawn = [_bars("Answers", shares, old, new, "{:.3f}".format)]
    if entities:
        drawn.append(_bars("F1 by entity", entities, old, new, "{:.2f}".format))
    drawn.append(_bars(f"Cost, times that of {old}", costs, old, new, "{:.2f}".format))
    return "".join(drawn)


def _bars(
    title: str, rows: Sequence[tuple[str, float, float]], old: str, new: str, written: Callable[[float], str]
) -> str:
    """Return a plot of horizontal bars as SVG; its text takes the page's color."""
    matplotlib = require("matplotlib", extra="rasa")
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": title}):
        figure = Figure(figsize=(5.2, 0.9 + 0.55 * len(rows)))
        axes: Any = figure.subplots()
        olds, news = [first for _, first, _ in rows], [second for *_, second in rows]
        for offset, color, label, values in ((-0.19, _OLD, old, olds), (0.19, _NEW, new, news)):
            places = [place + offset for place in range(len(rows))]
            bars = axes.barh(places, values, height=0.34, color=color, label=label)
            axes.bar_label(bars, [*map(written, values)], padding=3, fontsize=9)
        axes.set_yticks(range(len(rows)), [row[0] for row in rows])
        axes.invert_yaxis()
        axes.margins(x=0.15)
        axes.set_title(title, fontsize=11)
        axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncol=2)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        for part in axes.spines.values():
            part.set_edgecolor(_GREY)
        axes.tick_params(colors=_GREY)
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    return _themed(out.getvalue())


def _themed(svg: str) -> str:
    """Cut the SVG out of its file, and let its text follow the page's color instead of black."""
    drawn = svg[svg.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    return drawn.replace('<text style="', '<text fill="currentColor" style="').replace("fill: #808080; ", "")


def _text(text: str) -> str:
    return html.escape(text)


def _name(name: str) -> str:
    indented = len(name) - len(name.lstrip())
    return "&emsp;" * (indented // 2) + _text(name.strip())
