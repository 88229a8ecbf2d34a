from .comparing import Plan as Plan, compare as compare, shown as shown
from .html_page import as_html as as_html
from .report import as_text as as_text
from .split import Round as Round, rounds as rounds
from .trial import Answer as Answer, Bench as Bench, Candidate as Candidate, OutOfTime as OutOfTime
