#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "saxpy.h"

int main() {
    std::vector<float> x(1 << 20, 2.0f), y(1 << 20, 1.0f);
    const int done = saxpy(static_cast<int>(x.size()), 3.0f, x.data(), y.data());
    const char *level = std::getenv("SMOKE_LEVEL");
    if (done < 0 || (done == 0 && !(level && std::string(level) == "cpu"))) {
        std::fprintf(stderr, "use-saxpy: no GPU did it (%d)\n", done);
        return 1;
    }
    for (const float value : y) {
        if (value != 7.0f) {
            std::fprintf(stderr, "use-saxpy: %g is not 7\n", value);
            return 1;
        }
    }
    std::printf("use-saxpy: right, on the %s\n", done ? "GPU" : "CPU");
    return 0;
}
