// A driver library that answers as FAKE_CUDA says: "init=803 count=1 cuda=13000 free=8589934592 add=0".
// It computes the probe's kernel on the CPU, so that a wrong answer can be told from a right one.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

static long setting(const char *name, long otherwise) {
    const char *all = std::getenv("FAKE_CUDA");
    char key[32];
    std::snprintf(key, sizeof key, "%s=", name);
    const char *found = all ? std::strstr(all, key) : nullptr;
    return found ? std::strtol(found + std::strlen(key), nullptr, 10) : otherwise;
}

extern "C" {
int cuInit(unsigned) { return setting("init", 0); }
int cuDriverGetVersion(int *version) { *version = setting("cuda", 13000); return 0; }
int cuDeviceGetCount(int *count) { *count = setting("count", 1); return 0; }
int cuDeviceGet(int *device, int index) { *device = index; return index < setting("count", 1) ? 0 : 101; }
int cuDeviceGetName(char *name, int size, int) { std::snprintf(name, size, "NVIDIA Fake 9000"); return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int) { *value = attribute == 75 ? 9 : 0; return 0; }
int cuDevicePrimaryCtxRetain(void **context, int) { *context = context; return setting("context", 0); }
int cuCtxSetCurrent(void *) { return 0; }
int cuMemGetInfo_v2(size_t *available, size_t *total) {
    *total = 8589934592;
    *available = setting("free", 8589934592);
    return 0;
}
int cuModuleLoadData(void **module, const void *) { *module = module; return setting("module", 0); }
int cuModuleGetFunction(void **function, void *, const char *) { *function = function; return 0; }
int cuMemAlloc_v2(uint64_t *pointer, size_t size) {
    *pointer = reinterpret_cast<uint64_t>(std::malloc(size));
    return 0;
}
int cuMemcpyHtoD_v2(uint64_t to, const void *from, size_t size) {
    std::memcpy(reinterpret_cast<void *>(to), from, size);
    return 0;
}
int cuMemcpyDtoH_v2(void *to, uint64_t from, size_t size) {
    std::memcpy(to, reinterpret_cast<void *>(from), size);
    return 0;
}
int cuMemFree_v2(uint64_t pointer) { std::free(reinterpret_cast<void *>(pointer)); return 0; }
int cuLaunchKernel(void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **given,
                   void **) {
    auto *x = reinterpret_cast<uint32_t *>(*static_cast<uint64_t *>(given[0]));
    const auto a = *static_cast<uint32_t *>(given[1]), n = *static_cast<uint32_t *>(given[2]);
    for (uint32_t i = 0; i < n; ++i) x[i] = a * x[i] + i + setting("add", 0);
    return 0;
}
int cuCtxSynchronize() { return setting("synchronize", 0); }
}
