"""Where images have what faults are planted in, as shells of theirs say it."""

SITE = "$(python3 -c 'import site; print(site.getsitepackages()[0])')"
CUDART = "/usr/local/cuda/lib/libcudart.so.13"
