// Checks the includes of a source tree. Fails, and names the files, if a file includes one of a
// higher layer, if files include each other in a cycle, if a file of nn includes an internal header
// of autodiff, or if a header includes another one before core/language.hpp.
//
//   layers <root>                      checks <root>/autodiff and <root>/nn
//   layers --self-test <scratch dir>   checks that planted violations are found
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <regex>
#include <stdexcept>

#include "layer_order.hpp"

namespace fs = std::filesystem;

namespace {

// The headers of autodiff that nn may include: these, every header directly in autodiff/, and the
// families of operations.
const std::vector<std::string> public_headers = {"autodiff/core/common_mistakes.hpp",
                                                 "autodiff/core/error.hpp",
                                                 "autodiff/core/files.hpp",
                                                 "autodiff/core/half.hpp",
                                                 "autodiff/core/language.hpp",
                                                 "autodiff/core/random.hpp",
                                                 "autodiff/values/array.hpp",
                                                 "autodiff/values/indices.hpp",
                                                 "autodiff/io/npy.hpp",
                                                 "autodiff/values/pool.hpp"};

// The header that stops a compiler that does not read C++20.
const std::string language = "autodiff/core/language.hpp";

// file -> included files; paths are relative to the root
using Includes = std::map<std::string, std::vector<std::string>>;

// Whether a header belongs to the public interface of autodiff.
bool is_public(const std::string& header) {
  const bool is_at_top = header.find('/') == header.rfind('/');
  const bool is_family = header.starts_with("autodiff/rules/");
  return is_at_top || is_family ||
         std::find(public_headers.begin(), public_headers.end(), header) != public_headers.end();
}

std::vector<std::string> includes_of(const fs::path& root, const std::string& file) {
  static const std::regex directive(R"(^\s*#\s*include\s*["<]([^">]+)[">].*)");
  std::ifstream stream(root / file);
  if (!stream) throw std::runtime_error("cannot read " + file);
  std::vector<std::string> found;
  std::smatch match;
  for (std::string line; std::getline(stream, line);) {
    if (line.find("include") == std::string::npos) continue;
    if (std::regex_match(line, match, directive)) found.push_back(match[1]);
  }
  return found;
}

Includes read_tree(const fs::path& root) {
  Includes tree;
  for (const char* top : {"autodiff", "nn"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string kind = entry.path().extension().string();
      if (kind != ".hpp" && kind != ".cpp" && kind != ".inc") continue;
      const std::string file = fs::relative(entry.path(), root).generic_string();
      tree[file] = includes_of(root, file);
    }
  }
  return tree;
}

bool is_ours(const std::string& include) {
  return include.starts_with("autodiff/") || include.starts_with("nn/");
}

// Whether a compiler that reads `header` reads language.hpp before any other header of the project:
// the first include leads there.
bool checks_language_first(const Includes& tree, std::string header) {
  for (std::size_t steps = 0; steps <= tree.size() && header != language; ++steps) {
    const auto node = tree.find(header);
    if (node == tree.end()) return false;
    const auto first = std::find_if(node->second.begin(), node->second.end(), is_ours);
    if (first == node->second.end()) return false;
    header = *first;
  }
  return header == language;
}

// Appends every cycle found by a depth-first search from `file`; `path` is the path from the start.
void find_circles(const Includes& tree, const std::string& file, std::vector<std::string>& path,
                  std::map<std::string, bool>& done, std::vector<std::string>& faults) {
  const auto again = std::find(path.begin(), path.end(), file);
  if (again != path.end()) {
    std::string circle = "circle: ";
    for (auto at = again; at != path.end(); ++at) circle += *at + " -> ";
    faults.push_back(circle + file);
    return;
  }
  const auto node = tree.find(file);
  if (node == tree.end() || done[file]) return;
  path.push_back(file);
  for (const std::string& next : node->second) find_circles(tree, next, path, done, faults);
  path.pop_back();
  done[file] = true;
}

std::vector<std::string> faults_of(const fs::path& root) {
  const Includes tree = read_tree(root);
  if (tree.empty()) throw std::runtime_error("no source files under " + root.string());
  std::vector<std::string> faults;
  for (const auto& [file, includes] : tree) {
    const int layer = layer_of(file);
    if (layer < 0) {
      faults.push_back("no layer: " + file + " is in a folder that layer_order.hpp does not list");
      continue;
    }
    for (const std::string& include : includes) {
      const bool ours = is_ours(include);
      if (ours && layer_of(include) > layer)
        faults.push_back("upwards: " + file + " includes " + include);
      if (file.starts_with("nn/") && include.starts_with("autodiff/") && !is_public(include))
        faults.push_back("internal: " + file + " includes " + include +
                         ", which is not a public header of autodiff");
      if (!ours && fs::is_regular_file((root / file).parent_path() / include))
        faults.push_back("relative: " + file + " includes " + include +
                         "; write the path from the root");
    }
  }
  if (tree.contains(language)) {
    for (const auto& [file, includes] : tree)
      if (file.ends_with(".hpp") && !checks_language_first(tree, file))
        faults.push_back("language: " + file + " reads other headers before " + language);
  }
  std::vector<std::string> path;
  std::map<std::string, bool> done;
  for (const auto& node : tree) find_circles(tree, node.first, path, done, faults);
  return faults;
}

struct Planted {
  const char* name;
  std::vector<std::pair<const char*, const char*>> files;  // path, text
  std::vector<std::string> faults;
};

bool self_test(const fs::path& scratch) {
  const std::vector<Planted> cases = {
      {"sound",
       {{"autodiff/core/a.hpp", "#include <vector>\n// #include \"autodiff/view/b.hpp\"\n"},
        {"autodiff/view/b.hpp", "#include \"autodiff/core/a.hpp\"\n"},
        {"autodiff/autodiff.hpp", "#include \"autodiff/view/b.hpp\"\n"},
        {"nn/model/c.hpp", "#include <autodiff/autodiff.hpp>\n"},
        {"nn/training/d.cpp", "#include \"nn/model/c.hpp\"\n"},
        {"nn/nn.hpp", "#include \"nn/model/c.hpp\"\n"}},
       {}},
      {"upwards",
       {{"autodiff/core/a.hpp", "  #  include <autodiff/graph/b.hpp> // why\n"},
        {"autodiff/graph/b.hpp", ""},
        {"autodiff/view/c.cpp", "#include \"autodiff/autodiff.hpp\"\n"},
        {"autodiff/autodiff.hpp", "#include \"nn/losses/d.hpp\"\n"},
        {"nn/losses/d.hpp", "#include \"nn/plot/e.hpp\"\n"},
        {"nn/plot/e.hpp", "#include \"nn/nn.hpp\"\n"},
        {"nn/nn.hpp", ""}},
       {"upwards: autodiff/autodiff.hpp includes nn/losses/d.hpp",
        "upwards: autodiff/core/a.hpp includes autodiff/graph/b.hpp",
        "upwards: autodiff/view/c.cpp includes autodiff/autodiff.hpp",
        "upwards: nn/losses/d.hpp includes nn/plot/e.hpp",
        "upwards: nn/plot/e.hpp includes nn/nn.hpp"}},
      {"internal",
       {{"autodiff/kernels/a.hpp", ""},
        {"autodiff/core/error.hpp", ""},
        {"autodiff/parallel.hpp", "#include \"autodiff/kernels/a.hpp\"\n"},
        {"nn/model/b.cpp",
         "#include \"autodiff/parallel.hpp\"\n#include <autodiff/core/error.hpp>\n"
         "#include \"autodiff/kernels/a.hpp\"\n"}},
       {"internal: nn/model/b.cpp includes autodiff/kernels/a.hpp, which is not a public header of "
        "autodiff"}},
      {"circle",
       {{"autodiff/core/a.hpp", "#include \"autodiff/core/b.hpp\"\n"},
        {"autodiff/core/b.hpp", "#include \"autodiff/core/c.hpp\"\n"},
        {"autodiff/core/c.hpp", "#include \"autodiff/core/b.hpp\"\n"}},
       {"circle: autodiff/core/b.hpp -> autodiff/core/c.hpp -> autodiff/core/b.hpp"}},
      {"language",
       {{"autodiff/core/language.hpp", "#pragma once\n"},
        {"autodiff/core/a.hpp", "#include <vector>\n\n#include \"autodiff/core/language.hpp\"\n"},
        {"autodiff/core/b.hpp", "#include \"autodiff/core/a.hpp\"\n"},
        {"autodiff/core/c.hpp", "#include <vector>\n"},
        {"autodiff/core/d.hpp",
         "#include \"autodiff/core/c.hpp\"\n#include \"autodiff/core/language.hpp\"\n"},
        {"autodiff/core/e.cpp", "#include \"autodiff/core/c.hpp\"\n"}},
       {"language: autodiff/core/c.hpp reads other headers before autodiff/core/language.hpp",
        "language: autodiff/core/d.hpp reads other headers before autodiff/core/language.hpp"}},
      {"elsewhere",
       {{"autodiff/util/a.hpp", ""},
        {"nn/d.hpp", ""},
        {"nn/util/e.hpp", ""},
        {"autodiff/core/b.hpp", "#include \"c.hpp\"\n"},
        {"autodiff/core/c.hpp", ""}},
       {"no layer: autodiff/util/a.hpp is in a folder that layer_order.hpp does not list",
        "no layer: nn/d.hpp is in a folder that layer_order.hpp does not list",
        "no layer: nn/util/e.hpp is in a folder that layer_order.hpp does not list",
        "relative: autodiff/core/b.hpp includes c.hpp; write the path from the root"}}};

  bool good = true;
  for (const Planted& planted : cases) {
    const fs::path root = scratch / planted.name;
    fs::remove_all(root);
    for (const auto& [path, text] : planted.files) {
      fs::create_directories((root / path).parent_path());
      std::ofstream(root / path) << text;
    }
    std::vector<std::string> found = faults_of(root), expected = planted.faults;
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    if (found == expected) continue;
    good = false;
    std::printf("self-test %s: these were found:\n", planted.name);
    for (const std::string& fault : found) std::printf("  %s\n", fault.c_str());
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--self-test")
    return self_test(arguments[1]) ? 0 : 1;
  if (arguments.size() != 1) throw std::runtime_error("usage: layers <root>");
  const std::vector<std::string> faults = faults_of(arguments[0]);
  for (const std::string& fault : faults) std::printf("%s\n", fault.c_str());
  if (!faults.empty()) std::printf("%s\n", order_of_layers().c_str());
  return faults.empty() ? 0 : 1;
} catch (const std::exception& error) {
  std::printf("%s\n", error.what());
  return 2;
}
