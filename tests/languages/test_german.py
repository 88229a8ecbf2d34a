"""German sentences: articles, prepositions, separable verbs, and verbs that stand last."""

from __future__ import annotations

import pytest

from convai_rasa.languages import lexicon_of
from convai_rasa.voice.bot import Expectation
from convai_rasa.voice.ears.by_dialogue import breaks_off, digits_growing
from convai_rasa.voice.ears.floor import is_back_channel

TURNS = lexicon_of("de").turns
OPEN = [
    "Ich möchte einen Tisch für",
    "Ich hätte gern",
    "Ich hätte gerne einen",
    "Am Freitag möchte ich",
    "Können Sie",
    "Haben Sie",
    "Gibt es",
    "Mein Name ist",
    "Ich heiße",
    "Ich habe am Samstag einen Tisch für vier Personen und",
    "Wir sind zu fünft, aber",
    "Ich hätte gern einen Kaffee mit",
    "Ich fahre nach",
    "Reservieren Sie bitte auf",
    "Es geht um die",
    "Können Sie mir sagen, ob",
    "Können Sie mir sagen, wann",
    "Ich rufe an, weil",
    "Ich brauche",
    "Ich würde gern am",
    "Um acht Uhr, oder",
    "Ähm",
    "Einen Moment bitte.",
    "Warten Sie mal.",
    "Lassen Sie mich kurz überlegen.",
    "Ich wollte",
    "Bitte tragen Sie uns für",
    "Was kann",
    "Welches Gericht ist",
    "Guten",
    "Das Essen war sehr",
    "Ich habe Lust auf",
    "Ist das Gericht ohne",
    "Ab",
    "Kommen Sie zu",
    "Ich nehme die",
    "Wir möchten gerne",
    "Ich habe",
    "Wegen der",
    "Am Freitag um",
    "Ich wollte fragen, ob",
    "Haben Sie heute noch einen",
    "Wir würden gerne draußen sitzen, wenn",
    "Ist der Tisch neben dem",
    "Ich bin gegen",
    "Können wir einen Hund mitbringen oder",
    "Meine Telefonnummer ist",
    "Das ist für meine",
    "Ich möchte meine Reservierung von Freitag auf",
    "Wo kann man in",
    "Ich hätte eine Frage zu",
    "Es sind zwei Erwachsene und",
    "Wie komme ich vom Bahnhof zum",
    "Ich bin allergisch gegen",
    "Bis",
    "Hallo, hier ist",
    "Ich glaube, dass",
    "Kann ich bei Ihnen mit",
    "Der Name ist",
    "Wir sind",
    "Wann können",
    "Am Samstag haben",
    "Wenn",
    "Vielleicht um",
    "Ich nehme das Steak mit",
    "Dann nehme ich",
    "Wir bleiben bis",
    "Und zwar",
]
DONE = [
    "Ich möchte einen Tisch für vier Personen.",
    "Was kostet das?",
    "Rufen Sie mich bitte an.",
    "Rufen Sie mich morgen früh zurück, ja?",
    "Ich sage den Termin ab.",
    "Ich möchte absagen.",
    "Hören Sie auf!",
    "Hör auf.",
    "Wie lange haben Sie heute auf?",
    "Hat das Restaurant montags zu?",
    "Ich stimme zu.",
    "Tragen Sie mich bitte ein.",
    "Ich kaufe dort immer ein.",
    "Das sieht gut aus.",
    "Die Veranstaltung fällt leider aus.",
    "Wir kommen zu zweit mit.",
    "Meine Frau kommt auch mit.",
    "Ich schlage Freitag vor.",
    "Ich schaue kurz nach.",
    "Buchen Sie mich bitte um.",
    "Stellen Sie mich bitte durch.",
    "Weil ich keine Zeit habe.",
    "Ich komme nicht, weil ich krank bin.",
    "Wissen Sie, ob Sie heute geöffnet haben?",
    "Den Tisch, den ich gestern reserviert habe.",
    "Die Pizza, die ich bestellt hatte.",
    "Ich weiß noch nicht, was ich möchte.",
    "Können Sie mir sagen, wie viel Uhr es ist?",
    "Kann ich bitte die Rechnung haben?",
    "Ich möchte zurückgerufen werden.",
    "Das kann sein.",
    "Sonst noch was?",
    "Ja, genau.",
    "Danke sehr.",
    "Bitte sehr.",
    "Das will ich.",
    "Ja, bin ich.",
    "Und Sie?",
    "Bis wann?",
    "Seit wann?",
    "Nach und nach.",
    "Ab und zu.",
    "Lieber ohne.",
    "Was gibt es?",
    "Wie spät ist es?",
    "Ja gerne.",
    "Das hätte ich gern.",
    "Sehr gut.",
    "Nein.",
    "Wann?",
    "Also",
    "Um acht.",
    "Ich komme mit ihr.",
    "Auf Wiederhören.",
    "Wir wollen das so haben.",
    "Ich möchte, dass Sie mir helfen können.",
    "Einen Tisch für zwei, bitte.",
    "Wir kommen um halb acht an.",
    "Ich melde mich morgen an.",
    "Wie sieht es am Sonntag aus?",
    "Das wäre super.",
    "Nein, das ist alles.",
    "Um wie viel Uhr machen Sie zu?",
    "Ab wann haben Sie geöffnet?",
    "Ich hole das Essen um sieben ab.",
    "Wie heißen Sie?",
    "Auf den Namen Müller.",
    "Ich habe keine Ahnung.",
    "Wo sind Sie?",
    "Dort war ich schon mal.",
    "Ich will das nicht.",
    "Ja, das stimmt so.",
    "Ich habe es mir anders überlegt.",
    "Ich weiß nicht, ob das geht.",
    "Sagen Sie mir Bescheid, wenn ein Tisch frei wird.",
    "Können Sie das bitte wiederholen?",
    "Vielen Dank.",
    "Ich möchte gerne bezahlen.",
    "Machen Sie das Fenster auf.",
    "Zieht es dort?",
    "Können wir draußen sitzen?",
    "Nehmen Sie Karten an?",
    "Ich bin Veganer.",
    "Das war's.",
    "Was haben Sie gesagt?",
    "Ist da noch was frei?",
]


@pytest.mark.parametrize("words", OPEN)
def test_a_sentence_that_has_to_go_on_is_waited_for(words: str) -> None:
    assert TURNS is not None
    assert breaks_off(words, TURNS)


@pytest.mark.parametrize("words", DONE)
def test_a_complete_one_is_not(words: str) -> None:
    assert TURNS is not None
    assert not breaks_off(words, TURNS)


@pytest.mark.parametrize(
    "words",
    [
        "mhm",
        "Ja",
        "genau",
        "Okay.",
        "Mm-hm",
        "alles klar",
        "ja, ja",
        "Ja genau, okay.",
        "Ach so.",
        "Das passt.",
        "Sehr gut!",
        "in Ordnung",
    ],
)
def test_who_only_shows_attention_does_not_want_to_speak(words: str) -> None:
    assert is_back_channel(words, "de")


@pytest.mark.parametrize(
    "words",
    [
        "nein",
        "stopp",
        "ja, aber nicht heute",
        "warte",
        "gut, ich nehme das",
        "danke",
        "hallo",
        "genau dann bitte um acht",
        "ja ja ja ja ja",
        "",
    ],
)
def test_who_wants_to_speak_says_more(words: str) -> None:
    assert not is_back_channel(words, "de")


@pytest.mark.parametrize(
    ("words", "slot", "growing"),
    [
        ("meine Nummer ist null acht neun", None, True),
        ("eins zwei", "booking_id", True),
        ("ein Tisch für vier", None, False),
        ("um acht", "time", False),
    ],
)
def test_a_number_said_digit_by_digit_may_go_on(words: str, slot: str | None, growing: bool) -> None:
    assert TURNS is not None
    assert digits_growing(words, Expectation(slot), TURNS) is growing
