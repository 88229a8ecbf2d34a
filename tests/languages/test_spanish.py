"""Spanish sentences: articles, prepositions, clitics, apocope, and accents that tell words apart."""

from __future__ import annotations

import pytest

from convai_rasa.languages import lexicon_of
from convai_rasa.voice.bot import Expectation
from convai_rasa.voice.ears.by_dialogue import breaks_off, digits_growing
from convai_rasa.voice.ears.floor import is_back_channel

TURNS = lexicon_of("es").turns
OPEN = [
    "Quiero una mesa para",
    "Quisiera reservar una mesa en",
    "Me gustaría",
    "Quiero",
    "Puedo",
    "Mi nombre es",
    "Me llamo",
    "Somos cuatro y",
    "El viernes a las",
    "A nombre de",
    "Tengo una reserva para el",
    "Necesito",
    "¿Tienen ustedes",
    "¿Podría usted",
    "¿Me",
    "Quería cambiar la",
    "Quiero pedir un",
    "Un café con",
    "Una pizza sin",
    "Busco algo para mi",
    "No sé si",
    "Creo que",
    "Porque",
    "Es para un buen",
    "El primer",
    "¿Hay",
    "Tenemos algún",
    "Prefiero el vino del",
    "Voy a",
    "Bueno, pues",
    "Eh",
    "Un momento, por favor.",
    "A ver.",
    "Déjeme ver.",
    "Déjame pensar.",
    "O sea",
    "La comida estaba muy",
    "Llamo porque",
    "Es que",
    "¿Cuál es",
    "No quiero pagar los",
    "Quiero que me lo",
    "Lo que pasa es que",
    "La cuenta la paga mi",
    "Está cerca de la",
    "Mi hijo es alérgico a los",
    "Hemos",
    "Nos gustaría",
    "Buenos",
    "Son",
    "Quería saber si",
    "¿Tienen mesas en la",
    "Vamos a ser dos adultos y",
    "Mi número de teléfono es",
    "Soy alérgica a la",
    "Me gustaría cambiar mi reserva del viernes al",
    "¿Cómo llego desde",
    "Hola, llamo para",
    "Es el cumpleaños de",
    "Quisiera una mesa cerca de",
    "Prefiero sentarme en",
    "¿Se puede pagar con",
    "Tráigame otra botella de",
    "Un vaso de agua sin",
    "Queremos cenar antes de",
    "Pues mire, es que",
    "Nos vemos a",
    "Yo quiero",
    "Para mi marido un",
    "Podemos ir a las nueve o a",
    "Lo puedo recoger en",
    "Necesitamos una silla para",
    "¿Hay algo para los",
    "Puede ser el jueves, pero",
    "Tiene que ser muy",
    "Mi correo es",
    "Ayer hablé con",
]
DONE = [
    "Quiero una mesa para cuatro.",
    "A las ocho y media.",
    "A la una.",
    "Nada más.",
    "No, gracias.",
    "Sí.",
    "Sí, quiero.",
    "No quiero.",
    "No puedo.",
    "¿Se puede?",
    "¿Dónde está?",
    "¿Cuánto es?",
    "¿Qué hora es?",
    "¿Cuánto son?",
    "Así es.",
    "Eso es.",
    "Claro que sí.",
    "Claro que si.",
    "Creo que sí.",
    "Es para mí.",
    "Ya voy.",
    "Me voy.",
    "Ya no hay.",
    "¿Qué hay?",
    "Eso es todo lo que quiero.",
    "Es lo que tengo.",
    "Quiero pedirlo.",
    "¿Puede repetirlo?",
    "Dígame.",
    "Quiero cambiarla.",
    "Con ellos.",
    "Soy yo.",
    "¿Y usted?",
    "En contra.",
    "Con o sin.",
    "Necesito un sobre.",
    "El piso bajo.",
    "¿Por qué?",
    "¿Para qué?",
    "Muy bien.",
    "De acuerdo.",
    "No lo sé.",
    "No sé.",
    "¿Cómo me llamo?",
    "Vale, perfecto.",
    "Quiero este de aquí.",
    "Es nuestro.",
    "Somos cuatro.",
    "Buenas.",
    "Para",
    "Si",
    "El viernes estoy aquí.",
    "Ahora no puedo.",
    "No tengo.",
    "Lo siento.",
    "Vamos.",
    "Para dos personas, por favor.",
    "¿A qué hora abren?",
    "¿Tienen wifi?",
    "A nombre de García.",
    "No, eso es todo.",
    "La cuenta, por favor.",
    "¿Qué me recomienda?",
    "Quiero lo mismo.",
    "Mañana por la noche.",
    "Está bien así.",
    "No sé cuándo.",
    "Perdón, no le entiendo.",
    "¿Cuánto cuesta?",
    "A las dos.",
    "Me da igual.",
    "Sin gluten.",
    "Ya lo tengo.",
    "No, todavía no.",
    "Soy vegetariano.",
    "Quiero hablar con alguien.",
    "No tengo ni idea.",
    "¿Me lo puede repetir?",
    "Somos dos.",
    "No me gusta.",
    "Lo quiero para llevar.",
    "Póngamelo para llevar.",
    "Como siempre.",
    "Sí, por favor.",
    "¿Dónde están?",
    "Hasta luego.",
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
        "ajá",
        "Sí",
        "claro",
        "vale",
        "Mm-hmm",
        "Claro que sí.",
        "De acuerdo.",
        "Sí, sí",
        "ya veo",
        "Está bien.",
        "así es",
    ],
)
def test_who_only_shows_attention_does_not_want_to_speak(words: str) -> None:
    assert is_back_channel(words, "es")


@pytest.mark.parametrize(
    "words", ["no", "para", "espera", "sí, pero hoy no", "vale, quiero una mesa", "hola", "gracias", "eso no", ""]
)
def test_who_wants_to_speak_says_more(words: str) -> None:
    assert not is_back_channel(words, "es")


@pytest.mark.parametrize(
    ("words", "slot", "growing"),
    [
        ("mi número es seis uno dos", None, True),
        ("cuatro dos", "booking_id", True),
        ("una mesa para cuatro", None, False),
        ("a las ocho", "time", False),
    ],
)
def test_a_number_said_digit_by_digit_may_go_on(words: str, slot: str | None, growing: bool) -> None:
    assert TURNS is not None
    assert digits_growing(words, Expectation(slot), TURNS) is growing
