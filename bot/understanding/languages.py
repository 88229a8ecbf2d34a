"""Whether somebody speaks another language than the bot, by function words: short, frequent, and hard to avoid.

spaCy keeps such lists for many languages (its stop words, 3 to 6 kB each, and spaCy is there for the entities). A
dish with a foreign name has one or two of them at most and stands among English words.
"""

from __future__ import annotations

import importlib.util
import re
import runpy
import unicodedata
from functools import cache
from pathlib import Path

LANGUAGES = ("de", "es", "fr", "it", "pt", "nl", "tr", "pl", "sv", "da", "nb", "fi", "cs", "hu", "ro")
# Greetings and requests by which a language shows itself at once; no list of function words has them.
_GREETINGS = {
    "de": "guten tag abend morgen hallo bitte tisch speisekarte reservieren sprechen deutsch moechte möchte personen "
    "kostet vegetarisch nüsse geöffnet offen",
    "es": "hola buenos buenas tardes noches gracias mesa reservar quisiera español hablan personas mañana tienen "
    "cuesta abierto nueces",
    "fr": "bonjour bonsoir merci réserver voudrais français parlez personnes demain avez ouvert coûte combien noix",
    "it": "buongiorno buonasera grazie vorrei prenotare tavolo italiano parlate persone domani avete aperti quanto "
    "costa",
    "pt": "olá bom boa obrigado obrigada gostaria queria reservar português falam pessoas amanhã vocês custa aberto",
    "nl": "goedendag goedenavond goedemorgen dank graag reserveren nederlands spreekt tafel personen morgen jullie "
    "kost noten",
    "tr": "merhaba günaydın teşekkürler lütfen masa rezervasyon türkçe konuşuyor kişilik yarın akşam istiyorum selam "
    "musunuz misiniz kaç",
    "pl": "dzień dobry wieczór dziękuję proszę stolik zarezerwować polsku osób jutro chciałbym chciałabym "
    "cześć macie "
    "ile kosztuje",
    "sv": "hej tack bord boka svenska talar personer imorgon",
    "nb": "hei god kveld takk bord bestille norsk snakker personer i morgen",
    "fi": "hei hyvää päivää iltaa kiitos pöytä varata suomea puhutteko henkilölle huomenna",
    "cs": "dobrý den večer děkuji prosím stůl rezervovat rezervaci česky mluvíte osoby osob zítra chtěl chtěla ahoj",
    "hu": "jó napot estét köszönöm kérem asztalt foglalni magyarul beszél főre holnap szeretnék",
    "ro": "bună ziua seara mulțumesc vă rog masă rezerv rezervare română vorbiți persoane mâine aș vrea",
    "da": "goddag tak bord bestille dansk taler personer imorgen",
}
# English, although English lists of function words lack it and some foreign one has it: "fine", "sea", "sale".
_ENGLISH = frozenset(
    re.findall(
        r"\S+",
        """
        ok okay please table tables sea fine men bin ale tend pure state hi ho ha hem stop final total local zero want
        later era man hen net per sue male mal tag war son sent rest tap pan tell ten two sale sales yo car m plus
        possible ta come nice far door min pile mad lab sit sitting mid nine six kit ham kin kind
        morning evening tomorrow tonight hello vegan vegetarian book booking menu open people may name number time day
        """,
    )
)
# Names of people and dishes are full of these in any language: "de la Cruz", "soup du jour", "risotto".
_NAMES = frozenset(
    re.findall(
        r"\S+",
        """
        de la le van den der di da du del della dos al alla au aux con el los las mac san
        chocolate soup salad risotto lasagna curry prawns stew tart sorbet bass gluten nuts milk dish dessert
        """,
    )
)
_OTHER_SCRIPT = re.compile(
    r"[\u0370-\u03ff\u0400-\u04ff\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_FEWEST = 2  # foreign words before a message counts as foreign
_SHARE = 0.3  # of its words that must be function words of the language; English prose has about a half


def foreign_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language a message is in, "" for one in another script, None for English."""
    letters = [letter for letter in text if letter.isalpha()]
    if letters and len(_OTHER_SCRIPT.findall(text)) > len(letters) / 2:
        return ""
    spoken = re.sub(r"\b(?:\w\s+){2,}\w\b", " ", text.lower().replace("\u2019", "'"))  # "h u l l" is spelled
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", spoken)
    english = sum(word in _words("en") or word in _ENGLISH for word in words)
    scores = {language: _score(language, words) for language in LANGUAGES}
    best = max(scores, key=lambda language: scores[language])
    enough = scores[best] >= _FEWEST and scores[best] > english and scores[best] / max(1, len(words)) >= _SHARE
    return best if enough else None


def _score(language: str, words: list[str]) -> int:
    known = _words(language)
    return sum(word in known or word.split("'")[0] + "'" in known for word in words)


@cache
def _words(language: str) -> frozenset[str]:
    """Return the words that show a language, with and without their accents, but no English ones."""
    spacy = importlib.util.find_spec("spacy")
    if spacy is None or not spacy.submodule_search_locations:
        raise ModuleNotFoundError(
            "Languages are told apart by spaCy's lists of words; install it with: pip install spacy"
        )
    # The file alone, which imports nothing: spaCy itself takes a second to import, and pulls in torch.
    words_file = Path(spacy.submodule_search_locations[0]) / "lang" / language / "stop_words.py"
    listed = runpy.run_path(str(words_file))["STOP_WORDS"]
    if language == "en":
        return frozenset(listed)
    words = {word.lower() for word in (*listed, *_GREETINGS[language].split())}
    plain = {unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() for word in words}
    return frozenset((words | plain) - _words("en") - _ENGLISH - _NAMES - {""})
