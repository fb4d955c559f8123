"""Facts about CUDA toolkits, NVIDIA's images, PyTorch wheels, GPUs, cloud hosts and operating systems.

Each noun has its file and its table in `tables/`; a table is read when it is first asked for. Architectures
are OCI's (`amd64`, `arm64`), compute capabilities are text (`8.6`), versions are text as their makers write
them. Columns are named as the fields they fill. What could not be checked is named in `unverified` on the
value: such a fact may warn, never refuse.
"""
