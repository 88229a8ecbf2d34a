from .environment import (
    check_disk as check_disk,
    check_packages as check_packages,
    check_ports as check_ports,
    check_processor as check_processor,
    check_python as check_python,
)
from .known_languages import check_language as check_language
from .models import check_models as check_models, check_trained as check_trained
from .understanding import (
    OUR_COMPONENTS as OUR_COMPONENTS,
    check_pipeline as check_pipeline,
    check_vocabulary as check_vocabulary,
    component_class as component_class,
    our_steps as our_steps,
)
from .voice import (
    check_credentials as check_credentials,
    check_interface as check_interface,
    check_remote_engines as check_remote_engines,
    engines_of as engines_of,
    filled as filled,
    is_remote as is_remote,
    read_credentials as read_credentials,
    unset_variables as unset_variables,
    usable_options as usable_options,
    voice_options as voice_options,
    who_reaches as who_reaches,
)
