"""Dutch."""

from __future__ import annotations

from convai_rasa.tts.text.others.language import Language

DUTCH = Language(
    code="nl",
    comma="komma",
    one=("één", "één"),
    to="tot",
    per="per",
    out_of="van de",
    by="bij",
    minus="min",
    signs={
        "%": "procent", "‰": "promille", "&": "en", "+": "plus", "=": "is", "@": "apenstaartje", "°": "graden",
        "×": "keer", "÷": "gedeeld door",
        "±": "plus of min", "≈": "ongeveer", "<": "kleiner dan", ">": "groter dan", "#": "nummer", "~": "ongeveer",
    },
    dot="punt",
    slash="schuine streep",
    dash="streepje",
    hour=("uur", "uur"),
    months=(
        "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november",
        "december",
    ),
    month_names={
        "jan": 1, "feb": 2, "mrt": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "okt": 10,
        "nov": 11, "dec": 12,
    },
    days={
        "ma": "maandag", "di": "dinsdag", "wo": "woensdag", "do": "donderdag", "vr": "vrijdag", "za": "zaterdag",
        "zo": "zondag",
    },
    day="{day} {month}",
    ordinals=r"(?<![\w.,])(?P<number>\d{1,3})(?:e|ste|de)\b",
    abbreviations={
        "dhr.": "de heer", "Dhr.": "de heer", "mevr.": "mevrouw", "Mevr.": "mevrouw", "mw.": "mevrouw",
        "Mw.": "mevrouw", "bijv.": "bijvoorbeeld",
        "bv.": "bijvoorbeeld", "d.w.z.": "dat wil zeggen", "enz.": "enzovoort", "etc.": "et cetera",
        "o.a.": "onder andere", "ca.": "circa",
        "max.": "maximaal", "min.": "minimaal", "incl.": "inclusief", "excl.": "exclusief", "a.u.b.": "alstublieft",
        "m.a.w.": "met andere woorden",
        "t/m": "tot en met", "tel.": "telefoon", "Tel.": "telefoon", "i.p.v.": "in plaats van",
        "m.b.t.": "met betrekking tot", "jl.": "jongstleden",
        "a.s.": "aanstaande", "evt.": "eventueel", "i.v.m.": "in verband met", "n.v.t.": "niet van toepassing",
        "v.Chr.": "voor Christus", "z.s.m.": "zo snel mogelijk",
        "pp.": "per persoon", "p.p.": "per persoon", "pers.": "personen", "resp.": "respectievelijk",
        "mln.": "miljoen", "mld.": "miljard",
    },
    before_numbers={
        "nr.": "nummer", "Nr.": "nummer", "blz.": "bladzijde", "p.": "pagina", "art.": "artikel", "hfst.": "hoofdstuk",
    },
    before_names={
        "dr.": "doctor", "Dr.": "doctor", "prof.": "professor", "Prof.": "professor", "ir.": "ingenieur",
        "mr.": "meester", "St.": "Sint", "drs.": "doctorandus",
    },
    units={
        "km/u": ("kilometer per uur", "kilometer per uur"), "km/h": ("kilometer per uur", "kilometer per uur"),
        "km": ("kilometer", "kilometer"),
        "m": ("meter", "meter"), "cm": ("centimeter", "centimeter"), "mm": ("millimeter", "millimeter"),
        "kg": ("kilogram", "kilogram"),
        "g": ("gram", "gram"), "mg": ("milligram", "milligram"), "l": ("liter", "liter"), "L": ("liter", "liter"),
        "ml": ("milliliter", "milliliter"),
        "cl": ("centiliter", "centiliter"), "°C": ("graad Celsius", "graden Celsius"),
        "°F": ("graad Fahrenheit", "graden Fahrenheit"),
        "m²": ("vierkante meter", "vierkante meter"), "m2": ("vierkante meter", "vierkante meter"),
        "m³": ("kubieke meter", "kubieke meter"),
        "u": ("uur", "uur"), "min": ("minuut", "minuten"), "s": ("seconde", "seconden"),
        "kW": ("kilowatt", "kilowatt"), "kWh": ("kilowattuur", "kilowattuur"),
        "W": ("watt", "watt"), "V": ("volt", "volt"), "GB": ("gigabyte", "gigabyte"), "MB": ("megabyte", "megabyte"),
        "GHz": ("gigahertz", "gigahertz"),
    },
    fractions={
        "½": "een half", "¼": "een kwart", "¾": "driekwart", "⅓": "een derde", "⅔": "twee derde", "⅛": "een achtste",
    },
    letters="aa bee cee dee ee ef gee haa ie jee kaa el em en oo pee kuu er es tee uu vee wee iks ij zet",
)  # fmt: skip
