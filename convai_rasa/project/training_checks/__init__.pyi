from .examine import examine_training as examine_training
