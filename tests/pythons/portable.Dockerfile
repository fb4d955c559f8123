# A Python that runs from any folder, of Debian's own packages, for both platforms and with no emulation.
ARG BASE
FROM --platform=$BUILDPLATFORM $BASE AS fetch
ARG TARGETARCH
WORKDIR /python
RUN --mount=type=secret,id=ca \
    if [ -s /run/secrets/ca ]; then echo 'Acquire::https::CAInfo "/run/secrets/ca";' > /etc/apt/apt.conf.d/99-site; fi \
    && dpkg --add-architecture "$TARGETARCH" && apt-get -q update \
    && apt-get -q install -y --no-install-recommends patchelf \
    && for name in python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libexpat1 libffi8; do \
      apt-get -q download "$name:$TARGETARCH" || exit 1; done \
    && for deb in *.deb; do dpkg-deb -x "$deb" root; done
RUN mkdir -p out/bin out/lib && cp root/usr/bin/python3.11 out/bin/ && cp -r root/usr/lib/python3.11 out/lib/ \
    && rm out/lib/python3.11/sitecustomize.py && ln -s python3.11 out/bin/python3 && ln -s python3.11 out/bin/python \
    && find root \( -name 'libexpat.so.1*' -o -name 'libffi.so.8*' \) -exec cp -Pt out/lib {} + \
    && patchelf --force-rpath --set-rpath '$ORIGIN/../lib' out/bin/python3.11 \
    && patchelf --force-rpath --set-rpath '$ORIGIN/../..' out/lib/python3.11/lib-dynload/_ctypes.*.so
FROM scratch
COPY --from=fetch /python/out /
