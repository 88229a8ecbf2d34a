"""Models that go out: published as versions, pushed to buckets and folders, kept by git-LFS."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
