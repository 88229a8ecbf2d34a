from .examination import examine as examine
from .findings import as_json as as_json, as_text as as_text, has_errors as has_errors
from .project_files import (
    Change as Change,
    Project as Project,
    read_text as read_text,
    working_in as working_in,
    write_all as write_all,
)
from .training_data import read_project as read_project
from .yaml_reading import load_mapping as load_mapping
