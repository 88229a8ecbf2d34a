from .apart import Unanswered as Unanswered, answer as answer, run_apart as run_apart
from .caches import Look as Look
from .catalogue import Catalogue as Catalogue, Model as Model, load_catalogue as load_catalogue
from .check import LOCK_FILE as LOCK_FILE, verify_model as verify_model
from .choice import find_own as find_own, open_remote as open_remote, places as places
from .files import (
    find_file as find_file,
    joint_sha256 as joint_sha256,
    locked as locked,
    put_in_place as put_in_place,
    readable_bytes as readable_bytes,
    replacing as replacing,
    sha256 as sha256,
    tree_bytes as tree_bytes,
)
from .formats import (
    FORMATS as FORMATS,
    Format as Format,
    check_files as check_files,
    kind_of as kind_of,
    listed as listed,
    refusal as refusal,
)
from .installing import (
    Wishes as Wishes,
    fetch_model as fetch_model,
    free_bytes as free_bytes,
    is_up_to_date as is_up_to_date,
    needed_bytes as needed_bytes,
)
from .lfs_pointers import check_pointers as check_pointers, git_root as git_root
from .manifest import (
    PUBLISHED as PUBLISHED,
    is_installed as is_installed,
    read_manifest as read_manifest,
)
from .names import (
    LATEST as LATEST,
    UNVERSIONED as UNVERSIONED,
    VERSION as VERSION,
    Name as Name,
    parse_name as parse_name,
)
from .progress import (
    OverallBar as OverallBar,
    Progress as Progress,
    Stopped as Stopped,
    byte_bar as byte_bar,
    clock as clock,
)
from .resolving import (
    FETCH_COMMAND as FETCH_COMMAND,
    explain as explain,
    find_installed as find_installed,
    how_to_mend as how_to_mend,
    look_up as look_up,
    resolve as resolve,
)
from .tree import (
    MODELS_DIR_VARIABLE as MODELS_DIR_VARIABLE,
    README_MARK as README_MARK,
    STAGING as STAGING,
    candidate_trees as candidate_trees,
    tree_to_fetch_into as tree_to_fetch_into,
)
from .versioning import (
    describe_versions as describe_versions,
    folder_in as folder_in,
    models_in as models_in,
    pin as pin,
    rollback as rollback,
    version_folder as version_folder,
    versions_of as versions_of,
    was_pinned as was_pinned,
)
