"""Italian."""

from __future__ import annotations

from convai_rasa.tts.text.others.language import Language

ITALIAN = Language(
    code="it",
    comma="virgola",
    one=("un", "una"),
    to="a",
    per="al",
    out_of="su",
    by="per",
    minus="meno",
    signs={
        "%": "per cento", "‰": "per mille", "&": "e", "+": "più", "=": "uguale", "@": "chiocciola", "°": "gradi",
        "×": "per", "÷": "diviso",
        "±": "più o meno", "≈": "circa", "<": "minore di", ">": "maggiore di", "#": "numero", "~": "circa",
    },
    dot="punto",
    slash="barra",
    dash="trattino",
    and_minutes=" e ",
    months=(
        "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
        "novembre", "dicembre",
    ),
    month_names={
        "gen": 1, "feb": 2, "mar": 3, "apr": 4, "mag": 5, "giu": 6, "lug": 7, "ago": 8, "set": 9, "sett": 9, "ott": 10,
        "nov": 11, "dic": 12,
    },
    days={
        "lun": "lunedì", "mar": "martedì", "mer": "mercoledì", "gio": "giovedì", "ven": "venerdì", "sab": "sabato",
        "dom": "domenica",
    },
    day="{day} {month}",
    first="primo",
    ordinals=r"(?<![\w.,])(?P<number>\d{1,3})(?:º|°(?! ?[CF])|(?P<feminine>ª)|o\b|(?P<feminine2>a)\b)",
    feminine_ordinal=("o", "a"),
    abbreviations={
        "Sig.ra": "signora", "Sig.na": "signorina", "Sigg.": "signori", "Dott.ssa": "dottoressa",
        "Prof.ssa": "professoressa", "ecc.": "eccetera",
        "etc.": "eccetera", "p. es.": "per esempio", "p.es.": "per esempio", "ad es.": "ad esempio",
        "tel.": "telefono", "Tel.": "telefono",
        "v.le": "viale", "V.le": "viale", "p.zza": "piazza", "P.zza": "piazza", "c.so": "corso", "C.so": "corso",
        "max.": "massimo", "min.": "minimo",
        "ca.": "circa", "incl.": "incluso", "app.": "appartamento", "a.C.": "avanti Cristo", "d.C.": "dopo Cristo",
        "gg.": "giorni",
        "ing.": "ingegner", "avv.": "avvocato", "arch.": "architetto",
    },
    before_numbers={
        "n.": "numero", "N.": "numero", "nr.": "numero", "n°": "numero", "N°": "numero", "nº": "numero",
        "pag.": "pagina", "pagg.": "pagine", "cap.": "capitolo", "art.": "articolo", "vol.": "volume",
    },
    before_names={
        "Sig.": "signor", "sig.": "signor", "Dott.": "dottor", "Dr.": "dottor", "Prof.": "professor",
        "Ing.": "ingegner", "Avv.": "avvocato", "S.": "San", "Arch.": "architetto",
    },
    units={
        "km/h": ("chilometro all'ora", "chilometri all'ora"), "km": ("chilometro", "chilometri"),
        "m": ("metro", "metri"),
        "cm": ("centimetro", "centimetri"), "mm": ("millimetro", "millimetri"), "kg": ("chilogrammo", "chilogrammi"),
        "g": ("grammo", "grammi"),
        "mg": ("milligrammo", "milligrammi"), "l": ("litro", "litri"), "L": ("litro", "litri"),
        "ml": ("millilitro", "millilitri"),
        "cl": ("centilitro", "centilitri"), "°C": ("grado Celsius", "gradi Celsius"),
        "°F": ("grado Fahrenheit", "gradi Fahrenheit"),
        "m²": ("metro quadrato", "metri quadrati"), "mq": ("metro quadrato", "metri quadrati"),
        "m³": ("metro cubo", "metri cubi"), "h": ("ora", "ore"),
        "min": ("minuto", "minuti"), "s": ("secondo", "secondi"), "kW": ("chilowatt", "chilowatt"),
        "kWh": ("chilowattora", "chilowattora"),
        "W": ("watt", "watt"), "V": ("volt", "volt"), "GB": ("gigabyte", "gigabyte"), "MB": ("megabyte", "megabyte"),
        "GHz": ("gigahertz", "gigahertz"),
    },
    fractions={"½": "mezzo", "¼": "un quarto", "¾": "tre quarti", "⅓": "un terzo", "⅔": "due terzi", "⅛": "un ottavo"},
    letters="a bi ci di e effe gi acca i i_lunga cappa elle emme enne o pi cu erre esse ti u vu doppia_vu ics"
        " ipsilon zeta",
)  # fmt: skip
