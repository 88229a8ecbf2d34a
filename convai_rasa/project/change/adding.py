"""What ``convai add`` makes of a project: which components, under which keys, in the place of which others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Sequence

from convai_rasa.errors import ConfigurationError
from convai_rasa.project.change.assistant_id import with_assistant_id
from convai_rasa.project.change.entity_plan import EntityPlan, plan_blank, plan_entities
from convai_rasa.project.change.pipeline import (
    COMPONENTS,
    DIET,
    ENTITIES,
    INTENTS,
    INTENTS_ONLY,
    SPOKEN_VALUES,
    VOCABULARY,
    Plan,
    add_components,
    steps_of,
)
from convai_rasa.project.change.rasa_components import Step, names_of, short
from convai_rasa.project.change.voice_channel import CHANNEL, add_channel
from convai_rasa.project.change.yaml_text import YamlText
from convai_rasa.project.project_files import Change, DataTraits, Project, read_text
from convai_rasa.project.training_data import ProjectData, data_traits, read_project

_RASA_KEYS = frozenset({"recipe", "language", "pipeline", "policies", "assistant_id"})
_RASAS_SPACY = "SpacyEntityExtractor"
# Up to here ours finds what DIET finds, or more, when it learns the same (docs/existing-project.md, Entities).
MOST_ANNOTATIONS = 1_000
_WITHOUT_SPACES = frozenset({"ja", "km", "lo", "my", "th", "yue", "zh"})  # between words; not measured
# As benchmarks/existing_projects.py and `convai add --compare` measured: 0.79 to 0.86 times, and 1.86 times.
_INSTEAD_OF_DIET = "about what it did before, or less"
_INSTEAD_OF_LINEAR = "about twice"


@dataclass(frozen=True)
class Wishes:
    """What the user asks for.

    Attributes:
        nlu: components in the pipeline.
        voice: the channel.
        components: some of ``pipeline.COMPONENTS``.
        model_set: whose models the components and the channel use, one of ``model_sets.SETS``.
        train_entities: whether the extractor learns the annotated entities in the place of DIET; None where that is
            decided by what is known to lose none.
        keep_threshold: whether the fallback's threshold stays as it is, unmeasured.
        threshold_minutes: wall-clock, for measuring it.
    """

    nlu: bool = True
    voice: bool = True
    components: tuple[str, ...] = COMPONENTS
    model_set: str = "embedded"
    train_entities: Optional[bool] = None
    keep_threshold: bool = False
    threshold_minutes: float = 5.0


@dataclass
class Proposal:
    """What would become of the project.

    Attributes:
        changes: of files, none if everything is there.
        notes: sentences for the user.
        cost: sentences about what goes, what stays, and what a message costs then.
        fetch: commands that fetch the models.
    """

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cost: list[str] = field(default_factory=list)
    fetch: tuple[str, ...] = ()


def propose(project: Project, wishes: Wishes) -> Proposal:
    """Decide what to change.

    Raises:
        ConfigurationError: a file cannot be read or edited.
    """
    from convai_rasa.project.change.model_sets import set_keys  # the catalog, which `--help` has no use for

    config = YamlText(str(project.config), read_text(project.config))
    if not config.data.keys() & _RASA_KEYS and config.text.strip():
        raise ConfigurationError(f"{project.config} is not a Rasa config: it has neither a pipeline nor policies.")
    data = read_project(project)
    chosen = set_keys(wishes.model_set, data.language)
    proposal = Proposal(notes=list(chosen.notes), fetch=chosen.fetch)
    before = read_text(project.credentials) if project.credentials.exists() else None
    credentials = YamlText(str(project.credentials), before or "")
    speaks = wishes.voice or CHANNEL in credentials.data
    if wishes.nlu:
        planned = _Understanding(config, data, project, wishes, chosen.components, speaks).plan()
        proposal.notes += planned.notes
        proposal.cost = cost_of(planned.before, planned.after, data.annotations)
        text = planned.text
        if text != config.text:
            text = with_assistant_id(YamlText(config.name, text), project.folder)
        proposal.changes.append(Change(project.config, config.text, text))
    elif _lacks_vocabulary(config):
        proposal.notes.append(
            f"The pipeline stays as it is; to hear with the bot's own words and values, put '- name: {VOCABULARY}' "
            f"below what finds entities in {config.name}, and train."
        )
    if wishes.voice:
        after = add_channel(credentials, chosen.channel, is_new=before is None)
        proposal.changes.append(Change(project.credentials, before, after))
    proposal.changes = [change for change in proposal.changes if change.before != change.after]
    return proposal


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


def _lacks_vocabulary(config: YamlText) -> bool:
    pipeline = config.data.get("pipeline")
    if not isinstance(pipeline, list):
        return False
    names = names_of([step for step in pipeline if isinstance(step, dict)])
    return short(VOCABULARY) not in names and short(SPOKEN_VALUES) not in names


class _Understanding:
    """What becomes of config.yml."""

    def __init__(
        self,
        config: YamlText,
        data: ProjectData,
        project: Project,
        wishes: Wishes,
        models: Mapping[str, Mapping[str, Any]],
        speaks: bool,
    ) -> None:
        self._config = config
        self._steps = steps_of(config)
        self._names = names_of(self._steps)
        self._data = data
        self._project = project
        self._wishes = wishes
        self._keys = {component: dict(keys) for component, keys in models.items()}
        self._for_voice = (VOCABULARY,) if speaks else ()
        self._notes: list[str] = []

    def plan(self) -> Plan:
        """Return the changed file."""
        traits = data_traits(self._data)
        components = (*self._components(traits), *self._for_voice)
        there = [component for component in COMPONENTS if short(component) in self._names]
        own = {short(component): self._keys[component] for component in there if component in self._keys}

        def planned(settings: Mapping[str, Mapping[str, Any]]) -> Plan:
            return add_components(self._config, components, traits, self._keys, {**own, **settings})

        result = planned({})
        if not self._wishes.keep_threshold:
            from convai_rasa.project.change.fallback_threshold import with_fitting_threshold

            result = with_fitting_threshold(
                result, planned, self._project, self._data.nlu, minutes=self._wishes.threshold_minutes
            )
        result.notes[:0] = [*self._notes, *_passed_over(self._data)]
        return result

    def _components(self, traits: DataTraits) -> tuple[str, ...]:
        """Return the components that fit the project, with what they need written among the keys."""
        from convai_rasa.project.change.fitting import DEFAULT_MODELS, ENGLISH, base_language, fitting_components

        missing = [component for component in self._wishes.components if short(component) not in self._names]
        nlu, spoken = self._data.nlu, self._data.language
        texts, intents = ([one.get(key) or "" for one in nlu.intent_examples] for key in ("text", "intent"))
        models = {**DEFAULT_MODELS, **{name: keys["model"] for name, keys in self._keys.items() if "model" in keys}}
        others = [component for component in missing if component != ENTITIES]
        fitting = fitting_components(others, texts, spoken, models, intents)
        self._notes += fitting.notes
        if ENTITIES not in missing:
            return fitting.components
        language = base_language(spoken)
        train = bool(traits.entities) and self._trains_entities(language, fitting.components)
        if train and language != ENGLISH:
            entities = plan_blank(language)
        elif train and _RASAS_SPACY in self._names:  # which knows what the pretrained pipeline does
            entities = EntityPlan({"dimensions": [], "train": True})
        elif unspoken := fitting_components([ENTITIES], texts, spoken, models).notes:
            entities = EntityPlan(None, unspoken)
        elif _RASAS_SPACY in self._names:
            left_out = f"{_RASAS_SPACY} is in the pipeline and finds the same, so {short(ENTITIES)} was left out."
            entities = EntityPlan(None, [left_out])
        else:
            annotated = sorted(nlu.entities) if nlu.training_examples else None
            entities = plan_entities(self._steps, self._data.domain.entities, annotated, train=train)
        self._notes += entities.notes
        if entities.keys is None:
            return fitting.components
        self._keys[ENTITIES] = {**self._keys.get(ENTITIES, {}), **entities.keys}
        return (*fitting.components, ENTITIES)

    def _trains_entities(self, language: str, components: Sequence[str]) -> bool:
        """Whether ours learns the annotated entities in the place of DIET."""
        if self._wishes.train_entities is not None:
            return self._wishes.train_entities
        diet = [step for step, name in zip(self._steps, self._names, strict=True) if name == DIET]
        does_intents = any(step.get("intent_classification") is not False for step in diet)
        if self._steps and (not diet or (does_intents and INTENTS not in components)):
            return False
        return language not in _WITHOUT_SPACES and self._data.annotations <= MOST_ANNOTATIONS


def _passed_over(data: ProjectData) -> list[str]:
    left_out = "Whatever it would read was left out of account."
    importers = [f"{warning} {left_out}" for warning in data.warnings if "Importer" in warning]
    return importers + [
        f"{path} is Markdown, which Rasa 3 does not read; convert it to YAML, or remove it from the training data."
        if path.suffix == ".md"
        else f"{path} is not valid JSON, so Rasa does not read it; correct it."
        for path in data.unread
    ]
