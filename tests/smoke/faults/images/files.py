"""Files that must not be in an image, or not twice."""

from ..fault import ImageFault
from .places import CUDART

_COPY = f"content = bytearray(open('{CUDART}', 'rb').read()); content[18] = 183"
_OTHER_MACHINE = f"{_COPY}; open('/opt/libcublasLt.so.13', 'wb').write(content)"

FILES = (
    ImageFault(
        "libcuda-inside",
        "a libcuda.so.1 in the image",
        ("files.no-driver",),
        lines=(f"RUN cp {CUDART} /usr/lib/x86_64-linux-gnu/libcuda.so.1",),
    ),
    ImageFault(
        "nvml-inside",
        "a libnvidia-ml.so.1 in the image",
        ("files.no-driver",),
        lines=(f"RUN cp {CUDART} /opt/libnvidia-ml.so.1",),
    ),
    ImageFault(
        "second-cudart",
        "a second copy of libcudart",
        ("files.once",),
        lines=(f"RUN mkdir /opt/other && cp {CUDART} /opt/other/",),
    ),
    ImageFault(
        "hashed-cudart",
        "a second libcudart under the hashed name that wheels give it",
        ("files.once",),
        lines=(f"RUN cp {CUDART} /opt/libcudart-d0da41ae.so.13",),
    ),
    ImageFault(
        "library-of-other-machine",
        "a CUDA library for arm64 in an amd64 image",
        ("files.machine",),
        lines=(f'RUN python3 -c "{_OTHER_MACHINE}"',),
    ),
    ImageFault(
        "cuda-in-cpu",
        "a CUDA library in a CPU image",
        ("files.no-cuda",),
        on="torch",
        lines=("RUN cp /bin/true /opt/libcublas.so.13",),
    ),
)
