// y = a * x + y for n elements in this process's memory, on the GPU if there is one.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// Returns 1 when a GPU did it, 0 when the CPU did, and a negative CUDA error when a GPU failed.
int saxpy(int n, float a, const float *x, float *y);

#ifdef __cplusplus
}
#endif
