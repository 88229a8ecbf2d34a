from .bucket import Bucket as Bucket
from .coqui_releases import VOCODER as VOCODER, Coqui as Coqui, list_of_releases as list_of_releases
from .folder import Folder as Folder
from .http import is_allowed as is_allowed
from .https import Https as Https
from .hugging_face import HuggingFace as HuggingFace
from .jobs import go_on_unless as go_on_unless, persist as persist, run_all as run_all
from .mirror import (
    UNFINISHED as UNFINISHED,
    Entry as Entry,
    Mirror as Mirror,
)
from .package_index import PackageIndex as PackageIndex
from .place import Delivery as Delivery, Order as Order, Place as Place, PublishedFile as PublishedFile
from .spacy_release import SpacyRelease as SpacyRelease
