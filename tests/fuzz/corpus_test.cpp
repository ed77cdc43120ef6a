// Runs all inputs of the fuzzers' corpora, including those they have found, in every build.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <new>
#include <string>

#include "tests/fuzz/entries/csv.hpp"
#include "tests/fuzz/entries/gzip.hpp"
#include "tests/fuzz/entries/idx.hpp"
#include "tests/fuzz/entries/npy.hpp"
#include "tests/fuzz/entries/npz.hpp"
#include "tests/fuzz/entries/number.hpp"
#include "tests/fuzz/entries/random.hpp"
#include "tests/fuzz/entries/safetensors.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using Entry = void (*)(std::string_view);

std::filesystem::path corpus(const std::string& name) {
  return std::filesystem::path(CHAINRULE_TEST_DATA).parent_path() / "fuzz/corpus" / name;
}

void run_corpus(const std::string& name, Entry entry) {
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(corpus(name))) {
    const std::string path = file.path().string(), bytes = contents_of(path);
    CAPTURE(path);
    CHECK_NOTHROW(entry(bytes));
    // All truncations, if the file is short enough to test in reasonable time.
    for (std::size_t size = 0; size < bytes.size() && bytes.size() <= 300; ++size)
      CHECK_NOTHROW(entry(std::string_view(bytes).substr(0, size)));
    ++files;
  }
  CHECK(files >= 5);
}

/// The size of this process in bytes.
rlim_t size_of_process() {
  rlim_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    unsigned long count = 0;
    if (std::fscanf(file, "%lu", &count) == 1) pages = count;
    std::fclose(file);
  }
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

/// Whether a child process can read all files of a corpus while its memory may grow by at most
/// `bytes`.
bool reads_within(rlim_t bytes, const std::string& name, Entry entry) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlim_t most = size_of_process() + bytes;
    const rlimit limit{most, most};
    ::setrlimit(RLIMIT_AS, &limit);
    bool good = true;
    try {
      for (const auto& file : std::filesystem::directory_iterator(corpus(name)))
        entry(contents_of(file.path().string()));
    } catch (...) {  // std::bad_alloc
      good = false;
    }
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("csv") { run_corpus("csv", chainrule::fuzz::csv); }
TEST_CASE("gzip") { run_corpus("gzip", chainrule::fuzz::gzip); }
TEST_CASE("idx") { run_corpus("idx", chainrule::fuzz::idx); }
TEST_CASE("npy") { run_corpus("npy", chainrule::fuzz::npy); }
TEST_CASE("npz") { run_corpus("npz", chainrule::fuzz::npz); }
TEST_CASE("number") { run_corpus("number", chainrule::fuzz::number); }
TEST_CASE("random") { run_corpus("random", chainrule::fuzz::random); }
TEST_CASE("safetensors") { run_corpus("safetensors", chainrule::fuzz::safetensors); }

TEST_CASE("memory is bounded by what a file has, whatever it claims") {
  if (CHAINRULE_SANITIZED || size_of_process() == 0) return;
  // No file is larger than a few hundred bytes, while headers claim terabytes. Deflated data can
  // really hold 1032 times the packed bytes.
  constexpr rlim_t bound = 8 << 20;
  CHECK(reads_within(bound, "csv", chainrule::fuzz::csv));
  CHECK(reads_within(bound, "gzip", chainrule::fuzz::gzip));
  CHECK(reads_within(bound, "idx", chainrule::fuzz::idx));
  CHECK(reads_within(bound, "npy", chainrule::fuzz::npy));
  CHECK(reads_within(bound, "npz", chainrule::fuzz::npz));
  CHECK(reads_within(bound, "safetensors", chainrule::fuzz::safetensors));
  // Checks that the limit works. The allocation is explicit, because a compiler may optimise away a
  // container that nothing reads.
  CHECK_FALSE(reads_within(bound, "npy", [](std::string_view) {
    const std::unique_ptr<void, void (*)(void*)> held(::operator new (std::size_t{16} << 20),
                                                      [](void* p) { ::operator delete(p); });
  }));
}
