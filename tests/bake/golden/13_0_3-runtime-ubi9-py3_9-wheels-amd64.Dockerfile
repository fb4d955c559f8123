# `base` and `tools` are contexts that the bake file pins by digest.
# hadolint global ignore=DL3006
# Packages and wheels are fetched on the build machine's own platform: that needs no emulation, for whatever platform.
FROM --platform=${BUILDPLATFORM} tools AS fetch
RUN --mount=type=bind,source=dnf/tools,target=/builder/tools --mount=type=secret,id=ca \
    --mount=type=cache,id=dnf-ubi9-tools,target=/var/cache/dnf,sharing=private \
    bash /builder/tools python3
COPY --link with-site uv.txt /builder/
RUN --mount=type=secret,id=ca --mount=type=secret,id=pip \
    --mount=type=cache,id=pip,target=/root/.cache/pip,sharing=private \
    python3.9 -m venv /builder/uv \
    && bash /builder/with-site /builder/uv/bin/pip install -q --only-binary :all: --require-hashes -r /builder/uv.txt

FROM fetch AS system
COPY --link dnf /builder/dnf/
COPY --link system add-user /builder/
# New packages are looked for when the epoch moves, and only then; it is the date of new accounts, too.
ARG SOURCE_DATE_EPOCH
RUN --mount=type=bind,from=base,target=/target,rw --mount=type=secret,id=ca \
    --mount=type=tmpfs,target=/target/dev --mount=type=tmpfs,target=/target/tmp --mount=type=tmpfs,target=/target/var/log \
    --mount=type=cache,id=dnf-ubi9-amd64,target=/target/var/cache/dnf,sharing=private \
    bash /builder/system dnf x86_64 3.9 python3 shadow-utils
# Debian's /etc/profile sets PATH anew, and so does `su -` everywhere.
COPY <<'PROFILE' /out/etc/profile.d/cuda-image-builder.sh
# What this image's PATH begins with, for login shells too.
case ":$PATH:" in
  *:/opt/venv/bin:/usr/local/nvidia/bin:/usr/local/cuda/bin:*) ;;
  *) export PATH=/opt/venv/bin:/usr/local/nvidia/bin:/usr/local/cuda/bin:"$PATH" ;;
esac
PROFILE

FROM fetch AS cuda
COPY --link install-wheels overlaps.py take slim cuda-tree /builder/
COPY <<'WHEELS' /builder/cuda.txt
cuda-toolkit===1.0 --hash=sha256:f21ea64b56d640f8d7878e37685fa85da5e2fa393c8117d05b9769e6a67d447a
nvidia-nccl-cu13===1.0 --hash=sha256:ab4791c939331f7d86fc240e981c15b5f413f209f79a3dcc36d08cc6e603d684
nvidia-nvjitlink===1.0 --hash=sha256:d911b919a225594fe0539725c5339c9f6b7dad3cc5b0ffc6052bd1259b3dd1c9
WHEELS

RUN --mount=type=secret,id=ca --mount=type=secret,id=uv --mount=type=bind,from=wheelhouse,target=/wheelhouse \
    --mount=type=cache,id=uv,target=/root/.cache/uv \
    bash /builder/with-site bash /builder/install-wheels x86_64-manylinux_2_28 3.9 /builder/cuda.txt /opt/venv \
    && bash /builder/slim /opt/venv/lib/python3.9/site-packages \
    && bash /builder/cuda-tree /opt/venv/lib/python3.9/site-packages runtime \
    && bash /builder/take /opt/venv /usr/local/cuda /etc/ld.so.conf.d/cuda.conf

FROM fetch AS python
COPY --link constrain-uv install-wheels overlaps.py take slim /builder/
COPY <<'WHEELS' /builder/python.txt
pip===1.0 --hash=sha256:fed5038bf2f427ab2ec84f85881f103c0e946e8d6252b8731f99ab0cb57729d9
WHEELS

COPY <<'CONSTRAINTS' /builder/constraints.txt
cuda-toolkit===1.0
nvidia-nccl-cu13===1.0
nvidia-nvjitlink===1.0
nvidia-nccl-cu11<0
nvidia-nccl-cu12<0
CONSTRAINTS

RUN --mount=type=secret,id=ca --mount=type=secret,id=uv --mount=type=bind,from=wheelhouse,target=/wheelhouse \
    --mount=type=cache,id=uv,target=/root/.cache/uv \
    bash /builder/with-site bash /builder/install-wheels x86_64-manylinux_2_28 3.9 /builder/python.txt /opt/venv \
    && bash /builder/slim /opt/venv/lib/python3.9/site-packages \
    && mv /builder/constraints.txt /opt/venv/ \
    && bash /builder/constrain-uv /opt/venv/constraints.txt \
    && bash /builder/take /opt/venv /etc/uv/uv.toml

FROM base
COPY --link --from=system /out/ /
COPY --link --from=cuda /out/ /
COPY --link --from=python /out/ /
# pip and uv refuse what would replace these. A user who means to unsets both, and tells uv `--no-config`.
ENV PIP_CONSTRAINT=/opt/venv/constraints.txt \
    UV_CONSTRAINT=/opt/venv/constraints.txt \
    VIRTUAL_ENV=/opt/venv
RUN --mount=type=bind,from=system,source=/removed,target=/changes/removed \
    --mount=type=bind,source=finish,target=/changes/finish \
    sh /changes/finish
ENV PATH=/opt/venv/bin:/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV CUDA_HOME=/usr/local/cuda
ENV CUDA_VERSION=13.0.3 \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    NVIDIA_REQUIRE_CUDA="cuda>=13.0" \
    NVIDIA_VISIBLE_DEVICES=all
LABEL \
    io.cuda-image-builder.cuda="13.0.3" \
    io.cuda-image-builder.driver.min="580.65.06" \
    io.cuda-image-builder.epoch="2026-11-20" \
    io.cuda-image-builder.flavor="runtime" \
    io.cuda-image-builder.os="ubi9" \
    io.cuda-image-builder.platform="linux/amd64" \
    io.cuda-image-builder.python="3.9" \
    io.cuda-image-builder.sm="7.5 8.0 8.6 8.7 8.9 9.0 10.0 10.3 11.0 12.0 12.1" \
    io.cuda-image-builder.source="wheels" \
    io.cuda-image-builder.target="13.0.3-runtime-ubi9-py3.9-wheels" \
    io.cuda-image-builder.torch="none" \
    org.opencontainers.image.base.digest="sha256:48168fa99cb7e014e77dbf4af79fc5b2a50caac8e820883ea7326f88bc713ac9" \
    org.opencontainers.image.base.name="registry.access.redhat.com/ubi9/ubi:9.6" \
    org.opencontainers.image.created="2026-11-20T00:00:00Z" \
    org.opencontainers.image.title="13.0.3-runtime-ubi9-py3.9-wheels"
USER 1000:1000
WORKDIR /home/cuda
CMD ["bash"]
