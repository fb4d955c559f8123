// y = a * x + y, on the GPU. SMOKE_LEVEL=cpu lets it do without one; by default it does not.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <cuda_runtime.h>

__global__ void saxpy(int n, float a, const float *x, float *y) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

static void on_cpu(int n, float a, const float *x, float *y) {
    for (int i = 0; i < n; ++i) y[i] = a * x[i] + y[i];
}

static cudaError_t on_gpu(int n, float a, const float *x, float *y) {
    float *dx = nullptr, *dy = nullptr;
    const size_t bytes = n * sizeof *x;
    cudaError_t error = cudaMalloc(&dx, bytes);
    if (!error) error = cudaMalloc(&dy, bytes);
    if (!error) error = cudaMemcpy(dx, x, bytes, cudaMemcpyHostToDevice);
    if (!error) error = cudaMemcpy(dy, y, bytes, cudaMemcpyHostToDevice);
    if (!error) saxpy<<<(n + 255) / 256, 256>>>(n, a, dx, dy);
    if (!error) error = cudaGetLastError();
    if (!error) error = cudaMemcpy(y, dy, bytes, cudaMemcpyDeviceToHost);
    cudaFree(dx);
    cudaFree(dy);
    return error;
}

int main() {
    const int n = 1 << 20;
    std::vector<float> x(n, 2.0f), y(n, 1.0f);
    const char *level = std::getenv("SMOKE_LEVEL");
    int devices = 0;
    cudaError_t error = cudaGetDeviceCount(&devices);
    const char *where = "GPU";
    if (level && std::string(level) == "cpu") {
        where = "CPU";
        on_cpu(n, 3.0f, x.data(), y.data());
    } else {
        if (!error) error = on_gpu(n, 3.0f, x.data(), y.data());
        if (error) {
            std::fprintf(stderr, "saxpy: %s\n", cudaGetErrorString(error));
            return 1;
        }
    }
    for (int i = 0; i < n; ++i) {
        if (y[i] != 7.0f) {
            std::fprintf(stderr, "saxpy: element %d is %g, not 7\n", i, y[i]);
            return 1;
        }
    }
    int runtime = 0;
    cudaRuntimeGetVersion(&runtime);
    std::printf("saxpy: %d elements right on the %s, CUDA runtime %d\n", n, where, runtime);
    return 0;
}
