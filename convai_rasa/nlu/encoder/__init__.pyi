from .checkpoint import (
    Checkpoint as Checkpoint,
    checkpoint_hash as checkpoint_hash,
    read_checkpoint as read_checkpoint,
    read_config as read_config,
    write_checkpoint as write_checkpoint,
)
from .compute import (
    import_torch as import_torch,
    log_sum_exp as log_sum_exp,
    mixed_precision as mixed_precision,
    pick_device as pick_device,
    processor_threads as processor_threads,
    products as products,
    softmax as softmax,
    torch_installed as torch_installed,
)
from .ctranslate import (
    Encoder as Encoder,
    encoder_from_checkpoint as encoder_from_checkpoint,
    export_encoder as export_encoder,
    normalise as normalise,
)
from .lean_import import lean_import as lean_import
from .sequence_classifier import (
    SequenceClassifier as SequenceClassifier,
    head_labels as head_labels,
)
from .torch import TorchEncoder as TorchEncoder
from .unknown_pieces import (
    MOST_LOST as MOST_LOST,
    REMEDY as REMEDY,
    cannot_read as cannot_read,
    check_language as check_language,
    lost_share as lost_share,
    tokenizer_of as tokenizer_of,
    unknown_ids as unknown_ids,
)
