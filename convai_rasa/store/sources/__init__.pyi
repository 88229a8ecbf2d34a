from .bucket import Bucket as Bucket
from .coqui import CHECKPOINTS as CHECKPOINTS, VOCODER as VOCODER, Coqui as Coqui, list_of_releases as list_of_releases
from .folder import Folder as Folder, FolderRemote as FolderRemote
from .https import Https as Https
from .hugging_face import HuggingFace as HuggingFace
from .mirror import locate as locate, read_manifest_text as read_manifest_text
from .object_store import ObjectStore as ObjectStore
from .package_index import PackageIndex as PackageIndex
from .remote import UNFINISHED as UNFINISHED, Entry as Entry, Remote as Remote, Upload as Upload
from .retries import persist as persist
from .spacy_release import SpacyRelease as SpacyRelease
