// Reads the symbols that the object files of the libraries define and use. Fails if an object uses
// a symbol that only objects of higher layers define. Such a symbol is declared in a header of a
// lower layer than the source that defines it, which the includes do not show (layers.cpp checks
// those).
//
//   symbol_layers <nm> <object>|<object>...
//   symbol_layers --self-test      checks that planted violations are found
//
// The layer of an object is the folder after <target>.dir/; objects of chainrule_nn are in nn.
//
// One symbol may be used from below: the table of what sweeps do at tensor nodes, to which the
// record of a tensor refers (sweep/tensor_passes.hpp). Without it the sweeps of every program would
// contain the code of tensors.
#include <cstdio>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>

#include "layer_order.hpp"

namespace {

int layer_of_object(const std::string& object) {
  if (object.find("/chainrule_nn.dir/") != std::string::npos) return layer_named("nn");
  const std::string mark = ".dir/";
  const std::size_t folder = object.find(mark);
  if (folder == std::string::npos) return -1;
  std::size_t begin = folder + mark.size();
  while (object.compare(begin, 2, "./") == 0) begin += 2;
  return layer_named(object.substr(begin, object.find('/', begin) - begin));
}

const std::string allowed = "_ZN9chainrule6detail13tensor_passesE";

struct Definition {
  int layer;
  std::string object;
};
struct Use {
  std::string object, symbol;
};

// The violations in the output of nm --print-file-name. A line is <object>: [<value>] <type>
// <symbol>; an undefined symbol has no value. A symbol may be defined in several objects (inline
// functions are); the lowest layer counts.
std::vector<std::string> faults_of(std::istream& listing, std::size_t& checked) {
  std::map<std::string, Definition> definitions;
  std::vector<Use> uses;
  std::set<std::string> faults;
  for (std::string line; std::getline(listing, line);) {
    const std::size_t colon = line.find(": ");
    const std::size_t end = colon == std::string::npos ? line.rfind(':') : colon;
    if (end == std::string::npos) continue;
    const std::string object = line.substr(0, end);
    std::istringstream rest(line.substr(end + 1));
    const std::vector<std::string> words{std::istream_iterator<std::string>(rest), {}};
    const int layer = layer_of_object(object);
    if (layer < 0) {
      faults.insert("no layer: " + object);
    } else if (words.size() == 2) {
      uses.push_back({object, words[1]});
    } else if (words.size() == 3) {
      const auto [known, is_new] = definitions.try_emplace(words[2], Definition{layer, object});
      if (!is_new && layer < known->second.layer) known->second = {layer, object};
    }
  }
  checked = 0;
  for (const auto& [object, symbol] : uses) {
    const auto found = definitions.find(symbol);
    if (found == definitions.end()) continue;  // from another library
    ++checked;
    if (found->second.layer > layer_of_object(object) && symbol != allowed)
      faults.insert(object + " uses " + symbol + ", which is defined in " + found->second.object);
  }
  return {faults.begin(), faults.end()};
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string output;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;)
    output.append(buffer, n);
  return output;
}

bool self_test() {
  const std::string a = "x/chainrule_autodiff.dir/core/a.cpp.o",
                    b = "x/chainrule_autodiff.dir/graph/b.cpp.o",
                    c = "x/chainrule_nn.dir/model/c.cpp.o",
                    d = "x/chainrule_kernels_avx2.dir/kernels/vector/d.cpp.o",
                    e = "x/chainrule_autodiff.dir/util/e.cpp.o";
  const std::string defined = ": 0000000000000000 T ", used = ":                  U ";
  std::istringstream sound(
      a + defined + "one\n" + b + used + "one\n" + b + used + "malloc\n" + c + used + "two\n" + b +
      defined + "two\n" + a + ": 0000000000000000 W in\n" + b + ": 0000000000000000 W in\n" + a +
      used + "in\n" + a + used + allowed + "\n" + b + defined + allowed + "\n");
  std::istringstream wrong(a + used + "two\n" + b + defined + "two\n" + d + used + "two\n" + b +
                           used + "three\n" + c + defined + "three\n" + e + used + "two\n");
  const std::vector<std::string> expected = {
      "no layer: " + e, a + " uses two, which is defined in " + b,
      b + " uses three, which is defined in " + c, d + " uses two, which is defined in " + b};
  std::size_t checked = 0;
  const bool finds_nothing = faults_of(sound, checked).empty() && checked == 4;
  std::vector<std::string> found = faults_of(wrong, checked);
  const bool finds_all =
      std::is_permutation(found.begin(), found.end(), expected.begin(), expected.end());
  for (const std::string& fault : found) std::printf("%s\n", fault.c_str());
  return finds_nothing && finds_all;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments == std::vector<std::string>{"--self-test"}) return self_test() ? 0 : 1;
  if (arguments.size() != 2) throw std::runtime_error("usage: symbol_layers <nm> <objects>");
  if (arguments[0].empty()) {
    std::printf("skipped: nm was not found\n");
    return 0;
  }
  std::string command = "'" + arguments[0] + "' --print-file-name --no-demangle";
  std::istringstream objects(arguments[1]);
  for (std::string object; std::getline(objects, object, '|');) command += " '" + object + "'";
  std::istringstream listing(output_of(command));
  std::size_t checked = 0;
  const std::vector<std::string> faults = faults_of(listing, checked);
  for (const std::string& fault : faults) std::printf("upwards: %s\n", fault.c_str());
  if (checked == 0)
    throw std::runtime_error("nm listed no symbol that one object uses from another");
  if (!faults.empty()) std::printf("%s\n", order_of_layers().c_str());
  return faults.empty() ? 0 : 1;
} catch (const std::exception& error) {
  std::printf("%s\n", error.what());
  return 2;
}
