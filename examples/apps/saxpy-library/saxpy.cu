#include "saxpy.h"

#include <cuda_runtime.h>

namespace {

__global__ void kernel(int n, float a, const float *x, float *y) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

cudaError_t on_gpu(int n, float a, const float *x, float *y) {
    float *dx = nullptr, *dy = nullptr;
    const size_t bytes = n * sizeof *x;
    cudaError_t error = cudaMalloc(&dx, bytes);
    if (!error) error = cudaMalloc(&dy, bytes);
    if (!error) error = cudaMemcpy(dx, x, bytes, cudaMemcpyHostToDevice);
    if (!error) error = cudaMemcpy(dy, y, bytes, cudaMemcpyHostToDevice);
    if (!error) kernel<<<(n + 255) / 256, 256>>>(n, a, dx, dy);
    if (!error) error = cudaGetLastError();
    if (!error) error = cudaMemcpy(y, dy, bytes, cudaMemcpyDeviceToHost);
    cudaFree(dx);
    cudaFree(dy);
    return error;
}

}  // namespace

int saxpy(int n, float a, const float *x, float *y) {
    int devices = 0;
    if (cudaGetDeviceCount(&devices) == cudaSuccess && devices > 0) {
        const cudaError_t error = on_gpu(n, a, x, y);
        return error ? -static_cast<int>(error) : 1;
    }
    for (int i = 0; i < n; ++i) y[i] = a * x[i] + y[i];
    return 0;
}
