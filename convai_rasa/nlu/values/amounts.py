"""Amounts of money, measures, ages, temperatures and percentages: a number with its unit, in any language."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from convai_rasa.nlu.values.chart import Grammar
from convai_rasa.nlu.values.value import Value


@dataclass(frozen=True)
class Amount:
    """A number with its unit."""

    number: Fraction
    unit: str
    currency: str | None = None


# The unit's name, its code, what is a hundredth of it; "dollar" and "pound" alone are the ones most often meant.
_CURRENCIES = {
    ("Dollar", "USD"): "dollar dollars dolar dolares buck bucks usd $",
    ("Euro", "EUR"): "euro euros eur €",
    ("Pound", "GBP"): "pound pounds quid gbp £ pfund libra libras",
    ("Japanese yen", "JPY"): "yen jpy ¥",
    ("Swiss franc", "CHF"): "chf franken fr sfr",
    ("Franc", None): "franc francs",
    ("Rupee", "INR"): "rupee rupees inr ₹",
    ("Peso", "MXN"): "peso pesos mxn",
    ("Canadian dollar", "CAD"): "cad",
    ("Australian dollar", "AUD"): "aud",
    ("Polish złoty", "PLN"): "zloty zlotys złoty pln",
    ("Swedish krona", "SEK"): "sek kronor krona",
}
_HUNDREDTHS = {
    ("Centavo", "MXN"): "centavo centavos",
    ("Euro cent", "EUR"): "centime centimes centimo centimos",
    ("Pence", "GBP"): "pence penny p",
}
_SIGNS = "$ € £ ¥ ₹ usd eur gbp chf inr jpy cad aud"
_UNITS = {
    "Kilometer": "km kilometer kilometers kilometre kilometres kilometern kilometro kilometros",
    "Meter": "m meter meters metre metres metern metro metros",
    "Centimeter": "cm centimeter centimeters centimetre centimetres zentimeter centimetro centimetros",
    "Millimeter": "mm millimeter millimeters millimetre millimetres milimetro milimetros",
    "Mile": "mi mile miles meile meilen milla millas",
    "Yard": "yd yard yards",
    "Foot": "ft foot feet pied pieds pie pies",
    "Inch": "inch inches zoll pouce pouces pulgada pulgadas",
    "Kilogram": "kg kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes kilogramo kilogramos",
    "Gram": "g gram grams gramm gramme grammes gramo gramos",
    "Milligram": "mg milligram milligrams milligramm miligramos",
    "Ounce": "oz ounce ounces unze unzen onza onzas",
    "Pound": "lb lbs pound pounds pfund livre livres libra libras",
    "Ton": "ton tons tonne tonnes tonnen tonelada toneladas",
    "Stone": "stone",
    "Liter": "l liter liters litre litres litern litro litros",
    "Milliliter": "ml milliliter milliliters millilitre millilitres mililitro mililitros",
    "Centiliter": "cl centiliter centiliters centilitre centilitres",
    "Gallon": "gallon gallons gallone gallonen galon galones",
    "Pint": "pint pints",
    "Cup": "cup cups tasse tassen tasses taza tazas",
    "Tablespoon": "tablespoon tablespoons tbsp essloffel",
    "Teaspoon": "teaspoon teaspoons tsp teeloffel",
    "Mile per hour": "mph",
    "Kilometer per hour": "kmh",
    "Square meter": "m² qm quadratmeter sqm",
    "Hectare": "hectare hectares hektar hectarea hectareas",
    "Acre": "acre acres",
    "Kilobyte": "kb", "Megabyte": "mb megabyte megabytes", "Gigabyte": "gb gigabyte gigabytes", "Terabyte": "tb",
    "Watt": "w watt watts", "Kilowatt": "kw kilowatt kilowatts", "Volt": "volt volts",
}  # fmt: skip


def add_amount_rules(grammar: Grammar, language: str) -> None:
    """Add money, measures, ages, temperatures and percentages; a cent is one of a dollar only in English."""
    rule = grammar.rule
    for (unit, code), words in _CURRENCIES.items():
        grammar.lexicon("currency", {words: (unit, code)})
    grammar.lexicon("cents", {"cent cents ct": ("Cent", "USD" if language == "en" else "EUR")})
    for (unit, code), words in _HUNDREDTHS.items():
        grammar.lexicon("cents", {words: (unit, code)})
    for name, code in (("canadian", "CAD"), ("australian", "AUD"), ("us|american", "USD"), ("hong_kong", "HKD")):
        rule("currency", f"{name} dollar|dollars", lambda _c, code=code: (f"{code} dollar", code))
    rule("currency", "swiss francs|franc", lambda _c: ("Swiss franc", "CHF"))
    for sign in _SIGNS.split():
        meaning = next(key for key, words in _CURRENCIES.items() if sign in words.split())
        rule("currency_sign", sign, lambda _c, meaning=meaning: meaning)
    rule("money", "<num> <currency>", lambda _c, num, currency: Amount(num, *currency))
    rule("money", "<currency_sign> <num>", lambda _c, currency, num: Amount(num, *currency))
    rule("money", "- <currency_sign> <num>", lambda _c, currency, num: Amount(-num, *currency))
    rule("money", "<num> <cents>", lambda _c, num, cents: Amount(num / 100, *cents))
    rule("money", "a|an <currency> <n>", lambda c, currency, n: _with_cents(c, Fraction(1), currency, n))
    rule("money", "<about> <money>", lambda _c, _about, amount: amount)
    rule("quantity", "<about> <quantity>", lambda _c, _about, amount: amount)
    rule("quantity", "<n> <measure> and_a <share>", lambda _c, n, unit, share: Amount(n + share, unit))
    rule("money", "a|an <currency>", lambda _c, currency: Amount(Fraction(1), *currency))
    rule("money", "half a|an <currency>", lambda _c, currency: Amount(Fraction(1, 2), *currency))
    rule("money", "<num> <currency> and|und|et|con|y? <n>", _with_cents)
    rule("money", "<num> <currency> and|und|et|con|y? <n> <cents>", _with_named_cents)
    rule("percent", "<num> %|percent|pct|prozent", lambda _c, num: num)
    rule("percent", "<num> per|pour|por_cent|ciento", lambda _c, num: num)
    rule("percent", "<num> per|pour|por cent|ciento|100", lambda _c, num: num)
    rule("percent", "half of? a|one percent|per_cent", lambda _c: Fraction(1, 2))
    for unit, words in _UNITS.items():
        grammar.lexicon("measure", {words: unit})
    rule("measure", "square meters|meter|metres|metre", lambda _c: "Square meter")
    rule("measure", "square feet|foot", lambda _c: "Square foot")
    rule("measure", "miles per|an hour", lambda _c: "Mile per hour")
    rule("measure", "km / h", lambda _c: "Kilometer per hour")
    rule("measure", "kilometers|kilometres per|an hour", lambda _c: "Kilometer per hour")
    rule("quantity", "<num> of_a? <measure>", lambda _c, num, unit: Amount(num, unit))
    rule("quantity", "a|an <measure> and_a <share>", lambda _c, unit, share: Amount(1 + share, unit))
    rule("quantity", "a|an|one <measure>", lambda _c, unit: Amount(Fraction(1), unit))
    rule("quantity", "half|halbe|halber|halben a|an? <measure>", lambda _c, unit: Amount(Fraction(1, 2), unit))
    rule("quantity", "<num> foot|feet|ft|' and? <num> inches|inch|in|\"|,|''?", _feet)
    rule(
        "quantity",
        "<num> pounds|lbs|lb and? <num> ounces|ounce|oz",
        lambda _c, a, b: Amount(16 * a + b, "Ounce") if b < 16 else None,
    )
    rule(
        "quantity",
        "<num> stone and? <num> pounds|lbs?",
        lambda _c, a, b: Amount(14 * a + b, "Pound") if b < 14 else None,
    )
    degrees = "degree|degrees|deg|°|º|grad|degre|degres|grado|grados"
    for letter, names in (("C", "c|celsius|centigrade|centigrados"), ("F", "f|fahrenheit")):
        rule("temperature", f"<num> {degrees} {names}", lambda _c, num, unit=letter: Amount(num, unit))
        rule("temperature", f"<num> {names}", lambda _c, num, unit=letter: Amount(num, unit))
    rule("temperature", f"<num> {degrees}", lambda _c, num: Amount(num, "Degree"))
    rule("temperature", f"<num> {degrees} below_zero", lambda _c, num: Amount(-num, "Degree"))
    for unit, words in (
        ("Year", "year|years|yr|yrs|jahr|jahre|an|ans|ano|anos"),
        ("Month", "month|months|monat|monate|mois|mes|meses"),
        ("Week", "week|weeks|woche|wochen|semaine|semaines|semana|semanas"),
        ("Day", "day|days|tag|tage|jour|jours|dia|dias"),
    ):
        rule("age", f"<num> {words} old|of_age|alt|de_edad", lambda _c, num, unit=unit: Amount(num, unit))
        rule("age", f"a|an {words} old", lambda _c, unit=unit: Amount(Fraction(1), unit))
        rule("age_alone", f"<num> {words}", lambda _c, num, unit=unit: Amount(num, unit))
    rule("age", "aged|age <n>", lambda _c, n: Amount(Fraction(n), "Year"))


def _with_cents(_context: Any, number: Fraction, currency: tuple[str, str | None], cents: int) -> Amount | None:
    return Amount(number + Fraction(cents, 100), *currency) if number.denominator == 1 and 10 <= cents < 100 else None


def _with_named_cents(
    _context: Any, number: Fraction, currency: tuple[str, str | None], cents: int, _unit: tuple[str, str]
) -> Amount | None:
    return Amount(number + Fraction(cents, 100), *currency) if number.denominator == 1 and cents < 100 else None


def _feet(_context: Any, feet: Fraction, inches: Fraction) -> Amount | None:
    return Amount(12 * feet + inches, "Inch") if feet.denominator == 1 and inches < 12 else None


def amount_value(amount: Amount | Fraction, kind: str) -> Value:
    """Return the value of an amount.

    Args:
        amount: with its unit, or a bare number.
        kind: ``number``, ``ordinal``, ``percent``, ``money``, ``quantity``, ``age``, ``temperature`` or ``people``.
    """
    info: dict[str, Any] = {"type": kind}
    if not isinstance(amount, Amount):
        if kind == "percent":
            info["unit"] = "%"
        return Value(_plain(amount), info)
    number = _plain(amount.number)
    info["unit"] = amount.unit
    if kind == "money":
        info |= {"amount": number, **({"currency": amount.currency} if amount.currency else {})}
    return Value(number, info)


def _plain(number: Fraction | int) -> int | float:
    """Return a whole number as such, another one as the nearest float."""
    return int(number) if Fraction(number).denominator == 1 else float(number)
