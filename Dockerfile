# One image for everything that a bot needs: it fetches models, trains, serves and runs actions. See docs/containers.md.

ARG PYTHON_VERSION=3.10
# cpu or gpu
ARG VARIANT=cpu

# ---- packages, in a virtual environment -------------------------------------------------------------------------------
# The full image has compilers, for packages that the index holds no wheel of for this processor.
FROM python:${PYTHON_VERSION}-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV PIP_CACHE_DIR=/var/cache/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PATH=/opt/venv/bin:$PATH
RUN ["python3", "-m", "venv", "/opt/venv"]

WORKDIR /src
COPY requirements requirements/
COPY scripts/install.py scripts/
# The pip that Python brings fails over hashes and extras together.
# hadolint ignore=DL3013,DL3042
RUN --mount=type=cache,target=/var/cache/pip --mount=type=secret,id=pip,target=/etc/pip.conf \
    python -m pip install "pip>=24"
# What a bot needs. "talk all" adds what fine-tunes, exports Coqui checkpoints, and fetches from S3 and Google.
ARG PARTS="talk"
# An index with other builds of torch, such as those without CUDA. Their hashes are not in the lock, so they go unchecked.
ARG TORCH_INDEX_URL=""
# Where files are read-only, what is not compiled now is compiled at every start.
# hadolint ignore=SC2086
RUN --mount=type=cache,target=/var/cache/pip --mount=type=secret,id=pip,target=/etc/pip.conf \
    TORCH_INDEX_URL="$TORCH_INDEX_URL" python scripts/install.py --compile $PARTS

# This package itself, built by the setuptools of the lock: nothing comes from outside. Rasa pins that setuptools, and it
# knows a licence only in the older notation.
COPY pyproject.toml README.md ./
COPY convai_rasa convai_rasa/
RUN sed -i 's/^license = "\(.*\)"$/license = {text = "\1"}/' pyproject.toml \
    && python -m pip install --no-deps --no-build-isolation --no-index --no-cache-dir . \
    && python -m pip check

FROM build AS packages-cpu

FROM build AS packages-gpu
COPY docker/gpu.lock docker/
# hadolint ignore=DL3042
RUN --mount=type=cache,target=/var/cache/pip --mount=type=secret,id=pip,target=/etc/pip.conf \
    python -m pip install --no-deps --require-hashes --requirement docker/gpu.lock

# hadolint ignore=DL3006
FROM packages-${VARIANT} AS packages

# ---- what runs --------------------------------------------------------------------------------------------------------
FROM python:${PYTHON_VERSION}-slim-bookworm AS runtime-cpu
LABEL org.opencontainers.image.title="convai-rasa" \
      org.opencontainers.image.description="A Rasa 3.6 bot with ears and a voice" \
      org.opencontainers.image.licenses="Apache-2.0"

# The same numbers at build and at run time: volumes take the owner of the folders made here, so that what one container
# fetched or trained is found, and can be written, by the next.
ARG UID=1000
ARG GID=1000
RUN groupadd --gid "$GID" convai \
    && useradd --uid "$UID" --gid "$GID" --no-create-home --home-dir /tmp --shell /usr/sbin/nologin convai \
    && install -d -o "$UID" -g "$GID" /app/models /app/state

COPY --from=packages /opt/venv /opt/venv
COPY docker/healthy.py docker/endpoints.yml /app/docker/
COPY bot /app/bot/

# Only /app/models, /app/state and /tmp are written to; all caches are under /tmp.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app/bot \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CONVAI_MODELS_DIR=/app/models \
    HOME=/tmp \
    XDG_CACHE_HOME=/tmp/cache \
    XDG_CONFIG_HOME=/tmp/config \
    XDG_DATA_HOME=/tmp/data \
    HF_HOME=/tmp/cache/huggingface \
    MPLCONFIGDIR=/tmp/cache/matplotlib \
    NUMBA_CACHE_DIR=/tmp/cache/numba \
    RESTAURANT_DB=/app/state/bookings.db

# What is relative in a bot's files, such as the cache of spoken replies, is kept here.
WORKDIR /app/state
USER ${UID}:${GID}
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=10s --start-period=180s --retries=6 CMD ["python", "/app/docker/healthy.py"]
ENTRYPOINT ["python", "-m", "convai_rasa.quiet"]
CMD ["rasa", "run", "--model", "trained", "--credentials", "/app/bot/credentials.yml", "--endpoints", "/app/bot/endpoints.yml"]

FROM runtime-cpu AS runtime-gpu
# What NVIDIA's container toolkit reads, and where CTranslate2 finds the cuBLAS of docker/gpu.lock.
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    LD_LIBRARY_PATH=/opt/venv/lib/python3.10/site-packages/nvidia/cublas/lib

# hadolint ignore=DL3006
FROM runtime-${VARIANT}
