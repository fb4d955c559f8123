// NVML as FAKE_NVML says: "init=0 count=1 mig=0 slices=0". A GPU in MIG mode has room for seven slices.
#include <cstdio>
#include <cstdlib>
#include <cstring>

static long setting(const char *name, long otherwise) {
    const char *all = std::getenv("FAKE_NVML");
    char key[32];
    std::snprintf(key, sizeof key, "%s=", name);
    const char *found = all ? std::strstr(all, key) : nullptr;
    return found ? std::strtol(found + std::strlen(key), nullptr, 10) : otherwise;
}

extern "C" {
int nvmlInit_v2() { return setting("init", 0); }
int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    std::snprintf(text, size, "580.95.05");
    return setting("init", 0);
}
int nvmlDeviceGetCount_v2(unsigned *count) { *count = setting("count", 1); return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned, void **handle) { *handle = handle; return 0; }
int nvmlDeviceGetMigMode(void *, unsigned *current, unsigned *pending) {
    *current = *pending = setting("mig", 0);
    return 0;
}
int nvmlDeviceGetMaxMigDeviceCount(void *, unsigned *count) { *count = 7; return 0; }
int nvmlDeviceGetMigDeviceHandleByIndex(void *, unsigned index, void **handle) {
    *handle = handle;
    return index < setting("slices", 0) ? 0 : 6;  // NVML_ERROR_NOT_FOUND
}
}
