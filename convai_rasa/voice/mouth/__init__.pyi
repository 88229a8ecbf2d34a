from .fixed import fixed_texts as fixed_texts
from .playback import Cut as Cut
from .speaker import Emit as Emit, Interruption as Interruption, Reply as Reply, Speaker as Speaker
