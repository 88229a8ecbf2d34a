"""Spanish."""

from __future__ import annotations

from convai_rasa.tts.text.others.language import Language

SPANISH = Language(
    code="es",
    comma="coma",
    one=("un", "una"),
    to="a",
    per="por",
    out_of="de",
    by="por",
    minus="menos",
    signs={
        "%": "por ciento", "‰": "por mil", "&": "y", "+": "más", "=": "igual a", "@": "arroba", "°": "grados",
        "×": "por", "÷": "entre",
        "±": "más menos", "≈": "aproximadamente", "<": "menor que", ">": "mayor que", "#": "número",
        "~": "aproximadamente",
    },
    dot="punto",
    slash="barra",
    dash="guion",
    hour=("hora", "horas"),
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
    month_names={
        "ene": 1, "feb": 2, "abr": 4, "jun": 6, "jul": 7, "ago": 8, "sept": 9, "sep": 9, "oct": 10, "nov": 11,
        "dic": 12,
    },
    days={
        "lun": "lunes", "mar": "martes", "mié": "miércoles", "mie": "miércoles", "jue": "jueves", "vie": "viernes",
        "sáb": "sábado",
        "sab": "sábado", "dom": "domingo",
    },
    day="{day} de {month}",
    of_year=" de ",
    ordinals=r"(?<![\w.,])(?P<number>\d{1,3})\.?(?:º|°(?! ?[CF])|(?P<feminine>ª)|er\b|o\b|(?P<feminine2>a)\b)",
    feminine_ordinal=("o", "a"),
    abbreviations={
        "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Sres.": "señores", "Dr.": "doctor", "Dra.": "doctora",
        "Ud.": "usted",
        "Vd.": "usted", "Uds.": "ustedes", "Vds.": "ustedes", "p. ej.": "por ejemplo", "p.ej.": "por ejemplo",
        "etc.": "etcétera",
        "tel.": "teléfono", "Tel.": "teléfono", "tfno.": "teléfono", "Av.": "avenida", "Avda.": "avenida",
        "Pza.": "plaza", "máx.": "máximo",
        "mín.": "mínimo", "aprox.": "aproximadamente", "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos",
        "Dña.": "doña",
        "a. m.": "de la mañana", "a.m.": "de la mañana", "p. m.": "de la tarde", "p.m.": "de la tarde",
        "dpto.": "departamento",
        "izq.": "izquierda", "dcha.": "derecha", "dto.": "descuento", "incl.": "incluido", "Cía.": "compañía",
        "a. C.": "antes de Cristo",
        "d. C.": "después de Cristo",
        "hab.": "habitación", "min.": "minutos", "Prof.": "profesor", "Profa.": "profesora",
    },
    before_numbers={
        "núm.": "número", "Núm.": "número", "n.º": "número", "N.º": "número", "nº": "número", "Nº": "número",
        "pág.": "página", "págs.": "páginas", "cap.": "capítulo", "art.": "artículo", "vol.": "volumen",
    },
    before_names={"D.": "don", "c/": "calle", "C/": "calle", "S.": "san", "Sto.": "santo", "Sta.": "santa"},
    units={
        "km/h": ("kilómetro por hora", "kilómetros por hora"), "km": ("kilómetro", "kilómetros"),
        "m": ("metro", "metros"),
        "cm": ("centímetro", "centímetros"), "mm": ("milímetro", "milímetros"), "kg": ("kilogramo", "kilogramos"),
        "g": ("gramo", "gramos"),
        "mg": ("miligramo", "miligramos"), "l": ("litro", "litros"), "L": ("litro", "litros"),
        "ml": ("mililitro", "mililitros"),
        "cl": ("centilitro", "centilitros"), "°C": ("grado Celsius", "grados Celsius"),
        "°F": ("grado Fahrenheit", "grados Fahrenheit"),
        "m²": ("metro cuadrado", "metros cuadrados"), "m³": ("metro cúbico", "metros cúbicos"), "h": ("hora", "horas"),
        "min": ("minuto", "minutos"),
        "s": ("segundo", "segundos"), "kW": ("kilovatio", "kilovatios"), "kWh": ("kilovatio hora", "kilovatios hora"),
        "W": ("vatio", "vatios"),
        "V": ("voltio", "voltios"), "GB": ("gigabyte", "gigabytes"), "MB": ("megabyte", "megabytes"),
        "GHz": ("gigahercio", "gigahercios"),
    },
    fractions={
        "½": "medio", "¼": "un cuarto", "¾": "tres cuartos", "⅓": "un tercio", "⅔": "dos tercios", "⅛": "un octavo",
    },
    letters="a be ce de e efe ge hache i jota ka ele eme ene o pe cu erre ese te u uve uve_doble equis ye zeta",
)  # fmt: skip
