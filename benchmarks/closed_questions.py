"""How many answers to closed questions are taken down rightly, and how often something else is taken for one.

Each value of the order bot's slots, and yes and no, is said alone and behind "I'd like", by the project's own voice,
higher and lower, faster and slower, with made-up noise behind it, and recognized once. What is found without the
question being known is what ``SpokenValueMapper`` finds by itself; no intent classifier helps, or stands in the way.
Then the same is counted with what the bot asked for, and every sentence of the bot that is no answer is put to each of
the questions.

    python benchmarks/closed_questions.py [--asr whisper/base] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from typing import Any

from order_bot import OTHERS, SLOTS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from readings import in_noise, said
from tqdm import tqdm

from convai_rasa.asr import Request, Transcript, build_prompt, choose_phrases, load_recognizer, recognize_together
from convai_rasa.languages import words_of
from convai_rasa.nlu import ValueMapper
from convai_rasa.nlu.vocabulary.closed_questions import Asked
from convai_rasa.nlu.vocabulary.known_entities import KnownEntities
from convai_rasa.nlu.vocabulary.world import BotWorld

QUESTIONS = {
    **{slot: Asked(entities=(slot,)) for slot in ("coffeeDrink", "roast", "size", "numberOfShots")},
    "yes or no": Asked(intents=("affirm", "deny")),
}
WORDING = {
    "coffeeDrink": "What would you like to drink?",
    "roast": "Light, medium or dark?",
    "size": "Which size would you like?",
    "numberOfShots": "How many shots?",
    "yes or no": "Is that right?",
}
YES_NO = {text: OTHERS[intent][0] for intent in ("affirm", "deny") for text in OTHERS[intent]}
WORD_FOR_WORD = {" ".join(words_of(text)): answer for text, answer in YES_NO.items()}


def main() -> int:
    """Speak, recognize, look for answers, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asr", default="whisper/base", help="model (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    given = parser.parse_args()
    world = bot_world()
    found_alone = KnownEntities(world, "benchmark")
    phrases = choose_phrases([text for texts in OTHERS.values() for text in texts])
    recognizer = load_recognizer(model=given.asr, threads=1, language="en")
    # Of each utterance the question that it answers, and the answer; or what is no answer to any.
    utterances = [
        (text, slot, value)
        for slot in QUESTIONS
        for value in SLOTS.get(slot, ())
        for text in (value, f"I'd like {value} please")
    ]
    utterances += [(text, "yes or no", answer) for text, answer in YES_NO.items()]
    utterances += [(text, "", "") for intent, texts in OTHERS.items() for text in texts if text not in YES_NO]
    counts: dict[Any, Counter[str]] = {}
    for (_, slot, answer), order in zip(utterances, said([text for text, _, _ in utterances]), strict=True):
        for ratio, sound in tqdm(in_noise(order), order.name, leave=False, disable=None):
            prompt = build_prompt(phrases, WORDING.get(slot, ""))  # as the channel has it
            (heard,) = recognize_together(recognizer, [Request(sound, prompt=prompt)])
            assert isinstance(heard, Transcript)  # Whisper takes any sound
            count = counts.setdefault(ratio, Counter())
            if slot:
                alone = by_itself(found_alone, heard.text, slot)
                asked = alone or answer_of(world, heard.text, QUESTIONS[slot])
                count["answers"] += 1
                count["alone"] += alone == answer
                count["asked"] += asked == answer
                count["wrong"] += asked not in (None, answer)
                count["wrong alone"] += alone not in (None, answer)
            else:
                taken = [answer_of(world, heard.text, question) for question in QUESTIONS.values()]
                count["others"] += len(taken)
                count["caught"] += sum(one is not None for one in taken)
    print(f"{'SNR':<8}{'answers':>8}{'alone':>8}{'asked':>8}{'wrong':>8}{'others':>8}{'caught':>8}")
    for ratio, count in counts.items():
        shares = "".join(f"{count[name] / count['answers']:>8.3f}" for name in ("alone", "asked", "wrong"))
        name = "clean" if ratio is None else f"{ratio:g} dB"
        print(f"{name:<8}{count['answers']:>8}{shares}{count['others']:>8}{count['caught']:>8}")
    if given.json:
        print(json.dumps({str(ratio): dict(count) for ratio, count in counts.items()}))
    return 0


def bot_world() -> BotWorld:
    """Return what the order bot knows, without its orders."""
    data = TrainingData([Message.build(text, intent) for intent, texts in OTHERS.items() for text in texts])
    return BotWorld.learn(
        data, ValueMapper({slot: {one: one for one in values} for slot, values in SLOTS.items()}), "en"
    )


def by_itself(known: KnownEntities, text: str, slot: str) -> str | None:
    """Return the value that is found without the question, a yes or no word for word."""
    if slot == "yes or no":
        return WORD_FOR_WORD.get(" ".join(words_of(text)))
    entities = known.of(Message(data={"text": text, "metadata": {"voice": {"confidence": 0.9}}}))
    return next((str(one["value"]) for one in entities if one["entity"] == slot), None)


def answer_of(world: BotWorld, text: str, asked: Asked) -> str | None:
    """Return the answer that is found with the question."""
    found = world.answers.nearest(text, asked, only_alike=False)
    return found.text if found is not None else None


if __name__ == "__main__":
    sys.exit(main())
