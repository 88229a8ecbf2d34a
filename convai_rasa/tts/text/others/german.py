"""German."""

from __future__ import annotations

from convai_rasa.tts.text.others.language import Language

GERMAN = Language(
    code="de",
    comma="Komma",
    digit_by_digit=True,
    one=("ein", "eine"),
    feminine=("e", "ung", "heit", "keit", "schaft", "ion", "a"),
    to="bis",
    per="pro",
    out_of="von",
    by="mal",
    minus="minus",
    signs={
        "%": "Prozent", "‰": "Promille", "&": "und", "+": "plus", "=": "gleich", "@": "at", "°": "Grad", "×": "mal",
        "÷": "geteilt durch",
        "±": "plus minus", "≈": "ungefähr", "<": "kleiner als", ">": "größer als", "§": "Paragraf", "#": "Nummer",
        "~": "ungefähr",
    },
    dot="Punkt",
    slash="Schrägstrich",
    dash="minus",
    hour=("Uhr", "Uhr"),
    months=(
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
    month_names={
        "Jan": 1, "Jän": 1, "Feb": 2, "Mär": 3, "Mrz": 3, "Apr": 4, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Sept": 9,
        "Okt": 10,
        "Nov": 11, "Dez": 12,
    },
    days={
        "Mo": "Montag", "Di": "Dienstag", "Mi": "Mittwoch", "Do": "Donnerstag", "Fr": "Freitag", "Sa": "Samstag",
        "So": "Sonntag",
    },
    day="{day} {month}",
    ordinal_days=True,
    ordinals=r"(?:(?<=[dD]er )|(?<=[dD]ie )|(?<=[dD]as )|(?<=[dD]em )|(?<=[dD]en )|(?<=[aA]m )|(?<=[iI]m )|"
        r"(?<=[zZ]um )|(?<=[zZ]ur )"
    r"|(?<=[vV]om )|(?<=[bB]eim )|(?<=jede[rsn] )|(?<=jede ))(?P<number>\d{1,3})\.(?=\s+[A-ZÄÖÜ]\w+)",
    abbreviations={
        "z.B.": "zum Beispiel", "z. B.": "zum Beispiel", "d.h.": "das heißt", "d. h.": "das heißt",
        "u.a.": "unter anderem",
        "u. a.": "unter anderem", "bzw.": "beziehungsweise", "ca.": "circa", "evtl.": "eventuell",
        "ggf.": "gegebenenfalls",
        "inkl.": "inklusive", "exkl.": "exklusive", "zzgl.": "zuzüglich", "zz.": "zurzeit", "vgl.": "vergleiche",
        "i.d.R.": "in der Regel",
        "i. d. R.": "in der Regel", "o.ä.": "oder ähnliches", "o. ä.": "oder ähnliches", "s.o.": "siehe oben",
        "s.u.": "siehe unten",
        "v. Chr.": "vor Christus", "n. Chr.": "nach Christus", "max.": "maximal", "min.": "minimal",
        "mind.": "mindestens",
        "Std.": "Stunden", "Min.": "Minuten", "Sek.": "Sekunden", "Mio.": "Millionen", "Mrd.": "Milliarden",
        "Tsd.": "Tausend",
        "Jh.": "Jahrhundert", "St.": "Sankt", "Tel.": "Telefon", "geb.": "geboren", "gem.": "gemäß",
        "bes.": "besonders", "sog.": "sogenannte",
        "Hbf": "Hauptbahnhof", "OG": "Obergeschoss", "EG": "Erdgeschoss", "usw.": "und so weiter", "etc.": "et cetera",
        "u.v.m.": "und vieles mehr", "m.E.": "meines Erachtens",
        "a.D.": "außer Dienst",
        "allg.": "allgemein", "tgl.": "täglich", "wg.": "wegen", "MwSt.": "Mehrwertsteuer", "Stk.": "Stück",
        "Pers.": "Personen",
    },
    before_numbers={
        "Nr.": "Nummer", "S.": "Seite", "Abs.": "Absatz", "Art.": "Artikel", "Abb.": "Abbildung", "Bd.": "Band",
        "Kap.": "Kapitel", "Str.": "Straße", "Zi.": "Zimmer",
    },
    before_names={
        "Dr.": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Hrn.": "Herrn", "Fr.": "Frau", "Dipl.": "Diplom",
        "Ing.": "Ingenieur", "Fam.": "Familie",
    },
    units={
        "km/h": ("Kilometer pro Stunde", "Kilometer pro Stunde"), "km": ("Kilometer", "Kilometer"),
        "m": ("Meter", "Meter"),
        "cm": ("Zentimeter", "Zentimeter"), "mm": ("Millimeter", "Millimeter"), "kg": ("Kilogramm", "Kilogramm"),
        "g": ("Gramm", "Gramm"),
        "mg": ("Milligramm", "Milligramm"), "l": ("Liter", "Liter"), "L": ("Liter", "Liter"),
        "ml": ("Milliliter", "Milliliter"),
        "cl": ("Zentiliter", "Zentiliter"), "°C": ("Grad Celsius", "Grad Celsius"),
        "°F": ("Grad Fahrenheit", "Grad Fahrenheit"),
        "m²": ("Quadratmeter", "Quadratmeter"), "qm": ("Quadratmeter", "Quadratmeter"),
        "m³": ("Kubikmeter", "Kubikmeter"),
        "EL": ("Esslöffel", "Esslöffel"), "TL": ("Teelöffel", "Teelöffel"), "h": ("Stunde", "Stunden"),
        "min": ("Minute", "Minuten"), "s": ("Sekunde", "Sekunden"), "sek": ("Sekunde", "Sekunden"),
        "kW": ("Kilowatt", "Kilowatt"), "kWh": ("Kilowattstunde", "Kilowattstunden"), "W": ("Watt", "Watt"),
        "V": ("Volt", "Volt"),
        "GB": ("Gigabyte", "Gigabyte"), "MB": ("Megabyte", "Megabyte"), "GHz": ("Gigahertz", "Gigahertz"),
        "ha": ("Hektar", "Hektar"),
    },
    fractions={
        "½": "einhalb", "¼": "ein Viertel", "¾": "drei Viertel", "⅓": "ein Drittel", "⅔": "zwei Drittel",
        "⅛": "ein Achtel",
    },
    letters="ah beh zeh deh eh eff geh hah ih jott kah ell emm enn oh peh kuh err ess teh uh vau weh iks ypsilon zett",
)  # fmt: skip
