// Loads plugin.so, which is in the same folder, and calls its function.
#include <dlfcn.h>

#include <cstdio>
#include <string>

int main(int, char** argv) {
  const std::string program = argv[0];
  const std::string path = program.substr(0, program.rfind('/') + 1) + "plugin.so";
  void* const plugin = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) {
    std::printf("%s\n", dlerror());
    return 1;
  }
  using Function = double (*)(double);
  const auto slope = reinterpret_cast<Function>(dlsym(plugin, "slope_of_sum_of_squares"));
  // The derivative of the sum of V V with respect to each element is twice a sum of 100 elements.
  const double found = slope != nullptr ? slope(2.0) : 0.0;
  std::printf("%g\n", found);
  return found == 400.0 ? 0 : 1;
}
