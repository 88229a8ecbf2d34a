"""Portuguese."""

from __future__ import annotations

from convai_rasa.tts.text.others.language import Language

PORTUGUESE = Language(
    code="pt",
    comma="vírgula",
    one=("um", "uma"),
    feminine=("a", "ção", "dade", "gem"),
    to="a",
    per="por",
    out_of="de",
    by="por",
    minus="menos",
    signs={
        "%": "por cento", "‰": "por mil", "&": "e", "+": "mais", "=": "igual a", "@": "arroba", "°": "graus",
        "×": "vezes", "÷": "dividido por",
        "±": "mais ou menos", "≈": "aproximadamente", "<": "menor que", ">": "maior que", "#": "número",
        "~": "aproximadamente",
    },
    dot="ponto",
    slash="barra",
    dash="hífen",
    hour=("hora", "horas"),
    and_minutes=" e ",
    months=(
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
        "novembro", "dezembro",
    ),
    month_names={
        "jan": 1, "fev": 2, "mar": 3, "abr": 4, "mai": 5, "jun": 6, "jul": 7, "ago": 8, "set": 9, "out": 10, "nov": 11,
        "dez": 12,
    },
    days={
        "seg": "segunda", "ter": "terça", "qua": "quarta", "qui": "quinta", "sex": "sexta", "sáb": "sábado",
        "sab": "sábado", "dom": "domingo",
    },
    day="{day} de {month}",
    first="primeiro",
    of_year=" de ",
    ordinals=r"(?<![\w.,])(?P<number>\d{1,3})\.?(?:º|°(?! ?[CF])|(?P<feminine>ª)|o\b|(?P<feminine2>a)\b)",
    feminine_ordinal=("o", "a"),
    abbreviations={
        "Sr.": "senhor", "Sra.": "senhora", "Srta.": "senhorita", "Srs.": "senhores", "Dr.": "doutor",
        "Dra.": "doutora", "Prof.": "professor",
        "Profa.": "professora", "p. ex.": "por exemplo", "p.ex.": "por exemplo", "etc.": "et cetera",
        "tel.": "telefone", "Tel.": "telefone",
        "Av.": "avenida", "av.": "avenida", "aprox.": "aproximadamente", "máx.": "máximo", "mín.": "mínimo",
        "apto.": "apartamento",
        "Exmo.": "excelentíssimo", "Exma.": "excelentíssima", "incl.": "incluído", "a.C.": "antes de Cristo",
        "d.C.": "depois de Cristo", "min.": "minutos",
        "Cia.": "companhia", "Ltda.": "limitada", "obs.": "observação",
    },
    before_numbers={
        "n.º": "número", "N.º": "número", "nº": "número", "Nº": "número", "n°": "número", "núm.": "número",
        "pág.": "página", "págs.": "páginas", "cap.": "capítulo", "art.": "artigo", "vol.": "volume",
    },
    before_names={"R.": "rua", "D.": "dona", "S.": "São", "Sto.": "Santo", "Sta.": "Santa"},
    units={
        "km/h": ("quilômetro por hora", "quilômetros por hora"), "km": ("quilômetro", "quilômetros"),
        "m": ("metro", "metros"),
        "cm": ("centímetro", "centímetros"), "mm": ("milímetro", "milímetros"), "kg": ("quilograma", "quilogramas"),
        "g": ("grama", "gramas"),
        "mg": ("miligrama", "miligramas"), "l": ("litro", "litros"), "L": ("litro", "litros"),
        "ml": ("mililitro", "mililitros"),
        "cl": ("centilitro", "centilitros"), "°C": ("grau Celsius", "graus Celsius"),
        "°F": ("grau Fahrenheit", "graus Fahrenheit"),
        "m²": ("metro quadrado", "metros quadrados"), "m³": ("metro cúbico", "metros cúbicos"), "h": ("hora", "horas"),
        "min": ("minuto", "minutos"),
        "s": ("segundo", "segundos"), "kW": ("quilowatt", "quilowatts"), "kWh": ("quilowatt-hora", "quilowatts-hora"),
        "W": ("watt", "watts"),
        "V": ("volt", "volts"), "GB": ("gigabyte", "gigabytes"), "MB": ("megabyte", "megabytes"),
        "GHz": ("gigahertz", "gigahertz"),
    },
    fractions={
        "½": "meio", "¼": "um quarto", "¾": "três quartos", "⅓": "um terço", "⅔": "dois terços", "⅛": "um oitavo",
    },
    letters="á bê cê dê é efe gê agá i jota cá ele eme ene ó pê quê erre esse tê u vê dáblio xis ípsilon zê",
)  # fmt: skip
