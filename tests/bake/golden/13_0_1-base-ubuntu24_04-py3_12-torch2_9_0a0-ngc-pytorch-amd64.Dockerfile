# `base` and `tools` are contexts that the bake file pins by digest.
# hadolint global ignore=DL3006
FROM base
RUN --mount=type=bind,source=add-user,target=/tmp/add-user bash /tmp/add-user /
ENV CUDA_HOME=/usr/local/cuda
LABEL \
    io.cuda-image-builder.cuda="13.0.1" \
    io.cuda-image-builder.driver.full="580.82.07" \
    io.cuda-image-builder.driver.min="580.65.06" \
    io.cuda-image-builder.epoch="2026-11-20" \
    io.cuda-image-builder.flavor="base" \
    io.cuda-image-builder.os="ubuntu24.04" \
    io.cuda-image-builder.platform="linux/amd64" \
    io.cuda-image-builder.python="3.12" \
    io.cuda-image-builder.source="ngc-pytorch" \
    io.cuda-image-builder.target="13.0.1-base-ubuntu24.04-py3.12-torch2.9.0a0-ngc-pytorch" \
    io.cuda-image-builder.torch="2.9.0a0" \
    org.opencontainers.image.base.digest="sha256:48168fa99cb7e014e77dbf4af79fc5b2a50caac8e820883ea7326f88bc713ac9" \
    org.opencontainers.image.base.name="nvcr.io/nvidia/pytorch:25.09-py3" \
    org.opencontainers.image.created="2026-11-20T00:00:00Z" \
    org.opencontainers.image.title="13.0.1-base-ubuntu24.04-py3.12-torch2.9.0a0-ngc-pytorch"
USER 1000:1000
WORKDIR /home/cuda
CMD ["bash"]
