# `base` and `tools` are contexts that the bake file pins by digest.
# hadolint global ignore=DL3006
# Packages and wheels are fetched on the build machine's own platform: that needs no emulation, for whatever platform.
FROM --platform=${BUILDPLATFORM} tools AS fetch
RUN --mount=type=bind,source=apt/tools,target=/builder/tools --mount=type=secret,id=ca \
    --mount=type=cache,id=apt-debian12-tools,target=/var/cache/apt,sharing=private \
    bash /builder/tools 3.11
COPY --link with-site rattler.txt /builder/
RUN --mount=type=secret,id=ca --mount=type=secret,id=pip \
    --mount=type=cache,id=pip,target=/root/.cache/pip,sharing=private \
    python3.11 -m venv /builder/rattler \
    && bash /builder/with-site /builder/rattler/bin/pip install -q --only-binary :all: --require-hashes -r /builder/rattler.txt

FROM fetch AS system
COPY --link apt /builder/apt/
COPY --link system add-user /builder/
# New packages are looked for when the epoch moves, and only then; it is the date of new accounts, too.
ARG SOURCE_DATE_EPOCH
RUN --mount=type=bind,from=base,target=/target,rw --mount=type=secret,id=ca \
    --mount=type=tmpfs,target=/target/dev --mount=type=tmpfs,target=/target/tmp --mount=type=tmpfs,target=/target/var/log \
    --mount=type=cache,id=apt-debian12-amd64,target=/var/cache/apt,sharing=private \
    bash /builder/system apt amd64 3.11 
# Debian's /etc/profile sets PATH anew, and so does `su -` everywhere.
COPY <<'PROFILE' /out/etc/profile.d/cuda-image-builder.sh
# What this image's PATH begins with, for login shells too.
case ":$PATH:" in
  *:/opt/conda/bin:/usr/local/nvidia/bin:/usr/local/cuda/bin:*) ;;
  *) export PATH=/opt/conda/bin:/usr/local/nvidia/bin:/usr/local/cuda/bin:"$PATH" ;;
esac
PROFILE

FROM fetch AS conda
COPY --link constrain-uv install-conda.py fetch.py in-environment take /builder/
COPY <<'ENVIRONMENT' /builder/environment.yml
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python 3.11.*
  - pip
ENVIRONMENT

COPY <<'EXPLICIT' /builder/explicit.txt
@EXPLICIT
conda-forge/linux-64/pip-1.0-0.conda#sha256:fed5038bf2f427ab2ec84f85881f103c0e946e8d6252b8731f99ab0cb57729d9
conda-forge/linux-64/python-1.0-0.conda#sha256:11a4a60b518bf24989d481468076e5d5982884626aed9faeb35b8576fcd223e1
EXPLICIT

RUN --mount=type=secret,id=ca --mount=type=secret,id=conda --mount=type=bind,from=channels,target=/channels \
    --mount=type=cache,id=conda,target=/var/cache/conda \
    bash /builder/with-site /builder/rattler/bin/python /builder/install-conda.py linux-64 \
    && bash /builder/constrain-uv /opt/conda/constraints.txt \
    && bash /builder/take /opt/conda /usr/local/bin/in-environment /etc/uv/uv.toml

FROM base
COPY --link --from=system /out/ /
COPY --link --from=conda /out/ /
RUN --mount=type=bind,from=system,source=/removed,target=/changes/removed \
    --mount=type=bind,source=finish,target=/changes/finish \
    sh /changes/finish
ENV PATH=/opt/conda/bin:/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
LABEL \
    io.cuda-image-builder.cuda="cpu" \
    io.cuda-image-builder.env="conda" \
    io.cuda-image-builder.epoch="2026-11-20" \
    io.cuda-image-builder.flavor="base" \
    io.cuda-image-builder.os="debian12" \
    io.cuda-image-builder.platform="linux/amd64" \
    io.cuda-image-builder.python="3.11" \
    io.cuda-image-builder.source="cpu" \
    io.cuda-image-builder.target="cpu-base-debian12-py3.11-conda" \
    io.cuda-image-builder.torch="none" \
    org.opencontainers.image.base.digest="sha256:48168fa99cb7e014e77dbf4af79fc5b2a50caac8e820883ea7326f88bc713ac9" \
    org.opencontainers.image.base.name="docker.io/library/debian:12-slim" \
    org.opencontainers.image.created="2026-11-20T00:00:00Z" \
    org.opencontainers.image.title="cpu-base-debian12-py3.11-conda"
USER 1000:1000
WORKDIR /home/cuda
# Packages may want variables of their own: steps of a derived Dockerfile and the image's command run with them.
ENV CONDA_PREFIX=/opt/conda \
    PIP_CONSTRAINT=/opt/conda/constraints.txt \
    UV_CONSTRAINT=/opt/conda/constraints.txt
SHELL ["in-environment", "bash", "-c"]
ENTRYPOINT ["in-environment"]
CMD ["bash"]
