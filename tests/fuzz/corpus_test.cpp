// Everything the fuzzers were given or have found, once more, in every build.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/fuzz/entries/csv.hpp"
#include "tests/fuzz/entries/gzip.hpp"
#include "tests/fuzz/entries/idx.hpp"
#include "tests/fuzz/entries/npy.hpp"
#include "tests/fuzz/entries/npz.hpp"
#include "tests/fuzz/entries/number.hpp"
#include "tests/fuzz/entries/random.hpp"
#include "tests/fuzz/entries/safetensors.hpp"
#include "tests/support/temporary_folder.hpp"

namespace {

using Entry = void (*)(std::string_view);

void run_corpus(const std::string& name, Entry entry) {
  const std::filesystem::path folder =
      std::filesystem::path(CHAINRULE_TEST_DATA).parent_path() / "fuzz/corpus" / name;
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string path = file.path().string(), bytes = contents_of(path);
    CAPTURE(path);
    CHECK_NOTHROW(entry(bytes));
    // Every way to be cut off, as far as there is time for it.
    for (std::size_t size = 0; size < bytes.size() && bytes.size() <= 300; ++size)
      CHECK_NOTHROW(entry(std::string_view(bytes).substr(0, size)));
    ++files;
  }
  CHECK(files >= 5);
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
