from .archive import TRAINED as TRAINED, unpack_component as unpack_component, unpack_trained as unpack_trained
from .new_version import copy_folder as copy_folder, format_under as format_under, publish_version as publish_version
from .provenance import Provenance as Provenance, read_provenance as read_provenance
from .uploading import Push as Push, describe as describe, find_models as find_models, push_model as push_model
