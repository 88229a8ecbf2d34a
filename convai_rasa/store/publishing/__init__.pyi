from .gitattributes import (
    ATTRIBUTES_FILE as ATTRIBUTES_FILE,
    Tracking as Tracking,
    add_lines as add_lines,
    examine as examine,
)
from .own import find_own as find_own, may_have as may_have
from .provenance import (
    Provenance as Provenance,
    hash_data as hash_data,
    main_metric as main_metric,
    read_metrics as read_metrics,
    read_provenance as read_provenance,
)
from .push import Push as Push, describe as describe, find_models as find_models, push_model as push_model
from .remotes import open_remote as open_remote
