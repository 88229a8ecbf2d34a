"""What a change of the pipeline costs, said before it is made."""

from __future__ import annotations

from collections import Counter
from typing import Sequence

from convai_rasa.project.change.pipeline import DIET, ENTITIES, INTENTS, INTENTS_ONLY
from convai_rasa.project.change.rasa_components import Step, names_of, short

# As benchmarks/existing_projects.py and `convai add --compare` measured: 0.79 to 0.86 times, and 1.86 times.
_INSTEAD_OF_DIET = "about what it did before, or less"
_INSTEAD_OF_LINEAR = "about twice"


def cost_of(before: Sequence[Step], after: Sequence[Step], annotations: int) -> list[str]:
    """Say in a line or two which steps of a pipeline go and why, and which stay for so many annotations at a price."""
    were, are = Counter(names_of(before)), Counter(names_of(after))
    said = []
    gone = were - are
    if gone:
        learned = any(step.get("train") for step in after if short(step.get("name")) == short(ENTITIES))
        replaced = DIET in gone and learned
        why = f"; ours learns the {annotations} annotated entities instead of {DIET}" if replaced else ""
        said.append(f"No longer used: {_listed(gone)}{why}.")
        if DIET in gone:
            said.append(f"A message costs {_INSTEAD_OF_DIET}, in processor time.")
        elif linear := sorted(INTENTS_ONLY & set(gone)):
            said.append(
                f"A message costs {_INSTEAD_OF_LINEAR} the processor time it did before, as {linear[0]} is very small."
            )
    if before and DIET in are and short(INTENTS) in are - were:
        said.append(
            f"{DIET} stays beside ours for the {annotations} annotated entities, so a message costs "
            "more processor time than before; --train-entities removes it, and --compare shows what that does."
        )
    return said


def _listed(names: Counter[str]) -> str:
    *others, last = [name if count == 1 else f"{count} {name}s" for name, count in names.items()]
    return " and ".join([*([", ".join(others)] if others else []), last])
