"""French."""

from __future__ import annotations

from convai_rasa.tts.text.others.language import Language

FRENCH = Language(
    code="fr",
    comma="virgule",
    one=("un", "une"),
    feminine=(
        "ion", "té", "ure", "ette", "esse", "ance", "ence", "ine", "able", "nne", "tte", "lle", "ée", "ie", "nuit",
        "heure", "minute", "fois",
    ),
    to="à",
    per="par",
    out_of="sur",
    by="sur",
    minus="moins",
    signs={
        "%": "pour cent", "‰": "pour mille", "&": "et", "+": "plus", "=": "égale", "@": "arobase", "°": "degrés",
        "×": "fois", "÷": "divisé par",
        "±": "plus ou moins", "≈": "environ", "<": "inférieur à", ">": "supérieur à", "#": "numéro", "~": "environ",
    },
    dot="point",
    slash="barre oblique",
    dash="tiret",
    hour=("heure", "heures"),
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
        "décembre",
    ),
    month_names={
        "janv": 1, "jan": 1, "févr": 2, "fév": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "déc": 12,
    },
    days={
        "lun": "lundi", "mar": "mardi", "mer": "mercredi", "jeu": "jeudi", "ven": "vendredi", "sam": "samedi",
        "dim": "dimanche",
    },
    day="{day} {month}",
    first="premier",
    ordinals=r"(?<![\w.,])(?P<number>\d{1,3})(?:ers?\b|(?P<feminine>r?res?\b)|e\b|es\b|è(?:me)?s?\b|ème\b|nd\b|nde\b)",
    feminine_ordinal=("ier", "ière"),
    abbreviations={
        "Dr": "docteur", "Pr": "professeur", "p. ex.": "par exemple", "p.ex.": "par exemple",
        "c.-à-d.": "c'est-à-dire", "etc.": "et cetera",
        "env.": "environ", "tél.": "téléphone", "Tél.": "téléphone", "av.": "avenue", "bd": "boulevard",
        "Bd": "boulevard", "bld": "boulevard",
        "max.": "maximum", "min.": "minimum", "s.v.p.": "s'il vous plaît", "SVP": "s'il vous plaît",
        "svp": "s'il vous plaît", "r.-v.": "rendez-vous",
        "RDV": "rendez-vous", "incl.": "inclus", "appt.": "appartement", "apt.": "appartement", "bât.": "bâtiment",
        "éd.": "édition",
        "av. J.-C.": "avant Jésus-Christ", "apr. J.-C.": "après Jésus-Christ", "Cie": "compagnie", "St-": "Saint-",
        "Ste-": "Sainte-", "chap.": "chapitre",
    },
    before_numbers={
        "n°": "numéro", "N°": "numéro", "nº": "numéro", "p.": "page", "pp.": "pages", "vol.": "volume",
        "art.": "article", "no": "numéro",
    },
    before_names={
        "M.": "monsieur", "MM.": "messieurs", "Mme": "madame", "Mmes": "mesdames", "Mlle": "mademoiselle",
        "Mgr": "monseigneur", "St": "saint", "Ste": "sainte",
    },
    units={
        "km/h": ("kilomètre par heure", "kilomètres par heure"), "km": ("kilomètre", "kilomètres"),
        "m": ("mètre", "mètres"),
        "cm": ("centimètre", "centimètres"), "mm": ("millimètre", "millimètres"), "kg": ("kilogramme", "kilogrammes"),
        "g": ("gramme", "grammes"),
        "mg": ("milligramme", "milligrammes"), "l": ("litre", "litres"), "L": ("litre", "litres"),
        "ml": ("millilitre", "millilitres"),
        "cl": ("centilitre", "centilitres"), "°C": ("degré Celsius", "degrés Celsius"),
        "°F": ("degré Fahrenheit", "degrés Fahrenheit"),
        "m²": ("mètre carré", "mètres carrés"), "m³": ("mètre cube", "mètres cubes"), "h": ("heure", "heures"),
        "min": ("minute", "minutes"),
        "mn": ("minute", "minutes"), "s": ("seconde", "secondes"), "kW": ("kilowatt", "kilowatts"),
        "kWh": ("kilowattheure", "kilowattheures"),
        "W": ("watt", "watts"), "V": ("volt", "volts"), "Go": ("gigaoctet", "gigaoctets"),
        "Mo": ("mégaoctet", "mégaoctets"), "GHz": ("gigahertz", "gigahertz"),
    },
    fractions={
        "½": "un demi", "¼": "un quart", "¾": "trois quarts", "⅓": "un tiers", "⅔": "deux tiers", "⅛": "un huitième",
    },
    letters="a bé cé dé e effe gé hache i ji ka elle emme enne o pé cu erre esse té u vé double_vé ixe i_grec zède",
)  # fmt: skip
