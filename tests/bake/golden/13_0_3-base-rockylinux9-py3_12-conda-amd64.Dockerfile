# `base` and `tools` are contexts that the bake file pins by digest.
# hadolint global ignore=DL3006
# Packages and wheels are fetched on the build machine's own platform: that needs no emulation, for whatever platform.
FROM --platform=${BUILDPLATFORM} tools AS fetch
RUN --mount=type=bind,source=dnf/tools,target=/builder/tools --mount=type=secret,id=ca \
    --mount=type=cache,id=dnf-rockylinux9-tools,target=/var/cache/dnf,sharing=private \
    bash /builder/tools python3.11
COPY --link with-site rattler.txt /builder/
RUN --mount=type=secret,id=ca --mount=type=secret,id=pip \
    --mount=type=cache,id=pip,target=/root/.cache/pip,sharing=private \
    python3.11 -m venv /builder/rattler \
    && bash /builder/with-site /builder/rattler/bin/pip install -q --only-binary :all: --require-hashes -r /builder/rattler.txt

FROM fetch AS system
COPY --link dnf /builder/dnf/
COPY --link system add-user keys.py /builder/
# New packages are looked for when the epoch moves, and only then; it is the date of new accounts, too.
ARG SOURCE_DATE_EPOCH
RUN --mount=type=bind,from=base,target=/target,rw --mount=type=secret,id=ca \
    --mount=type=tmpfs,target=/target/dev --mount=type=tmpfs,target=/target/tmp --mount=type=tmpfs,target=/target/var/log \
    --mount=type=cache,id=dnf-rockylinux9-amd64,target=/target/var/cache/dnf,sharing=private \
    python3.11 /builder/keys.py /target D42D0685 d0664fbbdb8c32356d45de36c5984617217b2d0bef41b93ccecd326ba3b80c87 7FA2AF80=2022-04-27 \
    && bash /builder/system dnf x86_64 3.11 shadow-utils
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
  - python 3.12.*
  - pip
  - cuda-version 13.0.*
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
ENV CUDA_HOME=/usr/local/cuda
LABEL \
    io.cuda-image-builder.cuda="13.0.3" \
    io.cuda-image-builder.driver.min="580.65.06" \
    io.cuda-image-builder.env="conda" \
    io.cuda-image-builder.epoch="2026-11-20" \
    io.cuda-image-builder.flavor="base" \
    io.cuda-image-builder.os="rockylinux9" \
    io.cuda-image-builder.platform="linux/amd64" \
    io.cuda-image-builder.python="3.12" \
    io.cuda-image-builder.sm="7.5 8.0 8.6 8.7 8.9 9.0 10.0 10.3 11.0 12.0 12.1" \
    io.cuda-image-builder.source="upstream" \
    io.cuda-image-builder.target="13.0.3-base-rockylinux9-py3.12-conda" \
    io.cuda-image-builder.torch="none" \
    org.opencontainers.image.base.digest="sha256:48168fa99cb7e014e77dbf4af79fc5b2a50caac8e820883ea7326f88bc713ac9" \
    org.opencontainers.image.base.name="nvcr.io/nvidia/cuda:13.0.3-base-rockylinux9" \
    org.opencontainers.image.created="2026-11-20T00:00:00Z" \
    org.opencontainers.image.title="13.0.3-base-rockylinux9-py3.12-conda"
USER 1000:1000
WORKDIR /home/cuda
# Packages may want variables of their own: steps of a derived Dockerfile and the image's command run with them.
ENV CONDA_PREFIX=/opt/conda \
    PIP_CONSTRAINT=/opt/conda/constraints.txt \
    UV_CONSTRAINT=/opt/conda/constraints.txt
SHELL ["in-environment", "bash", "-c"]
ENTRYPOINT ["in-environment"]
CMD ["bash"]
