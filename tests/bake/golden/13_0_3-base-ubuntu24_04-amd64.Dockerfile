# `base` and `tools` are contexts that the bake file pins by digest.
# hadolint global ignore=DL3006
# Packages and wheels are fetched on the build machine's own platform: that needs no emulation, for whatever platform.
FROM --platform=${BUILDPLATFORM} tools AS fetch
RUN --mount=type=bind,source=apt/tools,target=/builder/tools --mount=type=secret,id=ca \
    --mount=type=cache,id=apt-ubuntu24.04-tools,target=/var/cache/apt,sharing=private \
    bash /builder/tools 3.12
COPY --link with-site uv.txt /builder/
RUN --mount=type=secret,id=ca --mount=type=secret,id=pip \
    --mount=type=cache,id=pip,target=/root/.cache/pip,sharing=private \
    python3.12 -m venv /builder/uv \
    && bash /builder/with-site /builder/uv/bin/pip install -q --only-binary :all: --require-hashes -r /builder/uv.txt

FROM fetch AS system
COPY --link apt /builder/apt/
COPY --link system add-user keys.py /builder/
# New packages are looked for when the epoch moves, and only then; it is the date of new accounts, too.
ARG SOURCE_DATE_EPOCH
RUN --mount=type=bind,from=base,target=/target,rw --mount=type=secret,id=ca \
    --mount=type=tmpfs,target=/target/dev --mount=type=tmpfs,target=/target/tmp --mount=type=tmpfs,target=/target/var/log \
    --mount=type=cache,id=apt-ubuntu24.04-amd64,target=/var/cache/apt,sharing=private \
    python3.12 /builder/keys.py /target 3BF863CC EB693B3035CD5710E231E123A4B469963BF863CC 7FA2AF80=2022-04-27 \
    && bash /builder/system apt amd64 3.12 
# Debian's /etc/profile sets PATH anew, and so does `su -` everywhere.
COPY <<'PROFILE' /out/etc/profile.d/cuda-image-builder.sh
# What this image's PATH begins with, for login shells too.
case ":$PATH:" in
  *:/usr/local/nvidia/bin:/usr/local/cuda/bin:*) ;;
  *) export PATH=/usr/local/nvidia/bin:/usr/local/cuda/bin:"$PATH" ;;
esac
PROFILE

FROM base
COPY --link --from=system /out/ /
RUN --mount=type=bind,from=system,source=/removed,target=/changes/removed \
    --mount=type=bind,source=finish,target=/changes/finish \
    sh /changes/finish
ENV PATH=/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
ENV CUDA_HOME=/usr/local/cuda
LABEL \
    io.cuda-image-builder.cuda="13.0.3" \
    io.cuda-image-builder.driver.min="580.65.06" \
    io.cuda-image-builder.epoch="2026-11-20" \
    io.cuda-image-builder.flavor="base" \
    io.cuda-image-builder.os="ubuntu24.04" \
    io.cuda-image-builder.platform="linux/amd64" \
    io.cuda-image-builder.python="none" \
    io.cuda-image-builder.sm="7.5 8.0 8.6 8.7 8.9 9.0 10.0 10.3 11.0 12.0 12.1" \
    io.cuda-image-builder.source="upstream" \
    io.cuda-image-builder.target="13.0.3-base-ubuntu24.04" \
    io.cuda-image-builder.torch="none" \
    org.opencontainers.image.base.digest="sha256:48168fa99cb7e014e77dbf4af79fc5b2a50caac8e820883ea7326f88bc713ac9" \
    org.opencontainers.image.base.name="nvcr.io/nvidia/cuda:13.0.3-base-ubuntu24.04" \
    org.opencontainers.image.created="2026-11-20T00:00:00Z" \
    org.opencontainers.image.title="13.0.3-base-ubuntu24.04"
USER 1000:1000
WORKDIR /home/cuda
CMD ["bash"]
