# `base` and `tools` are contexts that the bake file pins by digest.
# hadolint global ignore=DL3006
# Packages and wheels are fetched on the build machine's own platform: that needs no emulation, for whatever platform.
FROM --platform=${BUILDPLATFORM} tools AS fetch
RUN --mount=type=bind,source=apt/tools,target=/builder/tools --mount=type=secret,id=ca \
    --mount=type=cache,id=apt-debian12-tools,target=/var/cache/apt,sharing=private \
    bash /builder/tools 3.11
COPY --link with-site uv.txt /builder/
RUN --mount=type=secret,id=ca --mount=type=secret,id=pip \
    --mount=type=cache,id=pip,target=/root/.cache/pip,sharing=private \
    python3.11 -m venv /builder/uv \
    && bash /builder/with-site /builder/uv/bin/pip install -q --only-binary :all: --require-hashes -r /builder/uv.txt

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
  *:/usr/local/nvidia/bin:/usr/local/cuda/bin:*) ;;
  *) export PATH=/usr/local/nvidia/bin:/usr/local/cuda/bin:"$PATH" ;;
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
    bash /builder/with-site bash /builder/install-wheels x86_64-manylinux_2_28 3.11 /builder/cuda.txt /opt/cuda \
    && bash /builder/slim /opt/cuda \
    && bash /builder/cuda-tree /opt/cuda runtime \
    && bash /builder/take /opt/cuda /usr/local/cuda /etc/ld.so.conf.d/cuda.conf

FROM base
COPY --link --from=system /out/ /
COPY --link --from=cuda /out/ /
RUN --mount=type=bind,from=system,source=/removed,target=/changes/removed \
    --mount=type=bind,source=finish,target=/changes/finish \
    sh /changes/finish
ENV PATH=/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
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
    io.cuda-image-builder.os="debian12" \
    io.cuda-image-builder.platform="linux/amd64" \
    io.cuda-image-builder.python="none" \
    io.cuda-image-builder.sm="7.5 8.0 8.6 8.7 8.9 9.0 10.0 10.3 11.0 12.0 12.1" \
    io.cuda-image-builder.source="wheels" \
    io.cuda-image-builder.target="13.0.3-runtime-debian12-wheels" \
    io.cuda-image-builder.torch="none" \
    org.opencontainers.image.base.digest="sha256:48168fa99cb7e014e77dbf4af79fc5b2a50caac8e820883ea7326f88bc713ac9" \
    org.opencontainers.image.base.name="docker.io/library/debian:12-slim" \
    org.opencontainers.image.created="2026-11-20T00:00:00Z" \
    org.opencontainers.image.title="13.0.3-runtime-debian12-wheels"
USER 1000:1000
WORKDIR /home/cuda
CMD ["bash"]
