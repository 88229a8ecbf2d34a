"""The domain, the examples, the stories and the policies against each other, by Rasa's own validators."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Sequence

from rasa.core.policies.policy import Policy
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.graph_components.validators.default_recipe_validator import DefaultV1RecipeValidator
from rasa.nlu.extractors.crf_entity_extractor import CRFEntityExtractor
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.nlu.selectors.response_selector import ResponseSelector
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.validator import Validator

from convai_rasa.project.findings import Finding
from convai_rasa.project.training_checks.components import Step
from convai_rasa.project.training_checks.loaded_bot import Bot
from convai_rasa.project.training_checks.quietly import attempt
from convai_rasa.project.training_checks.wording import listed, meant, of_error, of_warnings

_PATTERNS = ("training data with regexes", "training data consisting of lookup tables")


def check_agreement(bot: Bot, pipeline: Sequence[Step], policies: Sequence[Step]) -> Iterator[Finding]:
    """See that whatever one file names is there in the others."""
    # Of a retrieval intent without a response, ``_selectors`` says which.
    yield from _report("training data", [bot.nlu.validate], bot, without=("add a response phrase",))
    components = [step for step in pipeline if not step.is_a(Policy)]
    yield from _against_components(
        bot, [*components, *(step for step in policies if step.is_a(Policy) or not step.kind)]
    )
    yield from _selectors(bot, pipeline)
    yield from _without_features(components)
    if bot.domain is None:
        return
    of_missing_files = () if bot.complete else ("is not found in the NLU training data", "is not used in any story")
    validator = Validator(bot.domain, bot.nlu, bot.stories, dict(bot.config))
    of_domain: list[Callable[[], Any]] = [
        bot.domain.check_missing_responses,
        validator.verify_domain_validity,
        validator.verify_form_slots,
        validator.verify_slot_mappings,
    ]
    yield from _report("domain", of_domain, bot)
    of_stories: list[Callable[[], Any]] = [
        validator.verify_intents_in_stories,
        validator.verify_example_repetition_in_intents,
        validator.verify_utterances_in_stories,
        validator.verify_forms_in_stories_rules,
        validator.verify_actions_in_stories_rules,
    ]
    yield from _report("domain", of_stories, bot, without=of_missing_files)
    yield from _slots(bot, bot.domain)
    yield from _questions(bot.domain)


def _report(
    area: str, checks: Sequence[Callable[[], Any]], bot: Bot, *, without: Sequence[str] = ()
) -> Iterator[Finding]:
    warnings: list[str] = []
    for check in checks:
        _, error, warned = attempt(check)
        warnings += [text for text in warned if not any(part in text for part in without)]
        if error is not None:
            yield Finding(area, "error", of_error(error, bot.folder), "correct it")
    yield from of_warnings(area, dict.fromkeys(warnings))


def _against_components(bot: Bot, steps: Sequence[Step]) -> Iterator[Finding]:
    """Ask what Rasa asks before a training: is there a component for each kind of data, and data for each component?"""
    nodes = {
        f"{index}": SchemaNode({}, step.kind, "create", "process_training_data", dict(step.keys))
        for index, step in enumerate(steps)
        # What stands for a misspelt one is none more of its kind.
        if step.kind is not None
        and not step.ours
        and (step.made or not any(other.kind is step.kind for other in steps if other.made))
    }
    validator = DefaultV1RecipeValidator(GraphSchema(nodes))
    if bot.steps("pipeline"):
        of_pipeline = [
            validator._warn_of_competing_extractors,
            lambda: validator._warn_of_competition_with_regex_extractor(bot.nlu),
            lambda: validator._warn_if_some_training_data_is_unused(bot.nlu),
        ]
        # The entities of ours read regexes and lookup tables; what one of the bot's own reads, nobody knows.
        without = () if all(step.rasas for step in steps) else _PATTERNS
        yield from _report("pipeline", of_pipeline, bot, without=without)
    domain = bot.domain
    if domain is None or not bot.steps("policies"):
        return
    of_policies = [
        validator._warn_if_no_rule_policy_is_contained,
        lambda: validator._raise_if_domain_contains_form_names_but_no_rule_policy_given(domain),
        lambda: validator._raise_if_a_rule_policy_is_incompatible_with_domain(domain),
        validator._validate_policy_priorities,
        lambda: validator._warn_if_rule_based_data_is_unused_or_missing(bot.stories),
    ]
    found = list(_report("policies", of_policies, bot))
    if domain.form_names and not any(step.short == "RulePolicy" for step in steps):
        found = [finding for finding in found if "RulePolicy" not in finding.what + finding.fix]
        what = f"The form {listed(domain.form_names)} needs RulePolicy"
        found.append(Finding("policies", "error", what, "add RulePolicy to the policies"))
    elif any(finding.level == "error" for finding in found):
        found = [finding for finding in found if finding.level != "note"]
    yield from found


def _selectors(bot: Bot, pipeline: Sequence[Step]) -> Iterator[Finding]:
    for step in pipeline:
        wanted = step.keys.get("retrieval_intent")
        if step.is_a(ResponseSelector) and bot.complete and wanted and wanted not in bot.nlu.retrieval_intents:
            fix = meant(str(wanted), bot.nlu.retrieval_intents, f"add examples for intents such as {wanted}/hours")
            what = f"ResponseSelector is for the retrieval intent '{wanted}', which the training data does not have"
            yield step.found(what, fix)
    if bot.domain is None:
        return
    examples = [example for example in bot.nlu.intent_examples if example.get("intent_response_key")]
    for full in sorted({str(example.get_full_intent()) for example in examples}):
        if f"utter_{full}" not in {*bot.domain.responses, *bot.nlu.responses}:
            what = f"The retrieval intent '{full}' has no response"
            yield Finding("domain", "error", what, f"add utter_{full} to the domain's responses")


def _without_features(components: Sequence[Step]) -> Iterator[Finding]:
    """CRFEntityExtractor learns without features, and then finds nothing in a message that has none."""
    featurized = False
    for step in components:
        featurized |= step.is_a(Featurizer) or step.kind is None
        if step.is_a(CRFEntityExtractor) and not featurized:
            what = "CRFEntityExtractor will find no entities: it passes over messages that no featurizer has been "
            yield step.found(f"{what}through", "add LexicalSyntacticFeaturizer before it")


def _slots(bot: Bot, domain: Domain) -> Iterator[Finding]:
    """Slots that stories set, and intents that the mappings of slots name: Rasa's validator does not look them up."""
    slots, intents = {slot.name for slot in domain.slots}, set(domain.intents)
    used = {event.key for step in bot.stories.story_steps for event in step.events if isinstance(event, SlotSet)}
    for name in sorted(used - slots):
        what = f"Stories or rules set the slot '{name}', which the domain does not have"
        yield Finding("domain", "error", what, meant(name, slots, "add it to the domain's slots"))
    for slot in domain.slots:
        named = [mapping.get(key) for mapping in slot.mappings or () for key in ("intent", "not_intent")]
        mapped = {str(one) for each in named if each for one in (each if isinstance(each, list) else [each])}
        if missing := sorted(mapped - intents):
            fix = meant(missing[0], intents, "list them in the domain's intents, or take them out of the mappings")
            which = f"the intent{'s' if len(missing) > 1 else ''} {listed(missing)}"
            what = f"The mappings of the slot '{slot.name}' name {which}, which the domain does not have"
            yield Finding("domain", "error" if len(missing) == len(mapped) else "warning", what, fix)


def _questions(domain: Domain) -> Iterator[Finding]:
    slots, said = {slot.name for slot in domain.slots}, {*domain.responses, *domain.action_names_or_texts}
    for form in domain.form_names:
        for slot in domain.required_slots_for_form(form):
            names = {f"{kind}_ask_{which}" for kind in ("utter", "action") for which in (f"{form}_{slot}", slot)}
            if slot not in slots or names & said:
                continue
            what = f"The form '{form}' has no question for its slot '{slot}'"
            fix = f"add utter_ask_{slot} to the domain's responses"
            if (own := f"validate_{form}") in said:  # Rasa leaves it to that action then
                yield Finding("domain", "note", f"{what}, so {own} has to ask for it", f"if it does not, {fix}")
            else:
                yield Finding("domain", "error", what, fix)
