// Checks the headers of a source tree. Fails if two headers define a type of the same name in one
// namespace, or if a type name exists in both chainrule and chainrule::nn: a program that uses both
// namespaces could not use that name.
//
//   names <root>                      checks <root>/autodiff and <root>/nn
//   names --self-test <scratch dir>   checks that planted faults are found
//
// It reads line by line and relies on clang-format: declarations in a namespace start in column 0.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

/// The files that define a type, by the full name of its namespace and the name of the type.
using Files = std::map<std::pair<std::string, std::string>, std::set<std::string>>;

void read_header(const fs::path& root, const std::string& file, Files& definitions) {
  static const std::regex opens(R"(^namespace ([\w:]+) \{$)");
  static const std::regex alias(R"(^(?:using|concept) (\w+) =.*)");
  static const std::regex type(
      R"(^(?:class|struct|union|enum|enum class) (\w+)( final)?( :.*)? \{.*)");
  std::ifstream stream(root / file);
  if (!stream) throw std::runtime_error("cannot read " + file);
  std::vector<std::string> open;
  std::smatch match;
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("}  // namespace") && !open.empty()) {
      open.pop_back();
    } else if (std::regex_match(line, match, opens)) {
      open.push_back(match[1]);
    } else if (std::regex_match(line, match, alias) || std::regex_match(line, match, type)) {
      std::string space;
      for (const std::string& name : open) space += (space.empty() ? "" : "::") + name;
      definitions[{space, match[1]}].insert(file);
    }
  }
}

std::vector<std::string> faults_of(const fs::path& root) {
  Files definitions;
  for (const char* top : {"autodiff", "nn"}) {
    if (!fs::exists(root / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / top))
      if (entry.path().extension() == ".hpp")
        read_header(root, fs::relative(entry.path(), root).generic_string(), definitions);
  }
  if (definitions.empty()) throw std::runtime_error("no types under " + root.string());
  std::vector<std::string> faults;
  for (const auto& [name, files] : definitions) {
    if (files.size() > 1) {
      std::string fault = "twice: " + name.first + "::" + name.second + " in";
      for (const std::string& file : files) fault += " " + file;
      faults.push_back(fault);
    }
    if (name.first != "chainrule::nn") continue;
    const auto other = definitions.find({"chainrule", name.second});
    if (other != definitions.end())
      faults.push_back("ambiguous: " + name.second + " in " + *other->second.begin() + " " +
                       *files.begin());
  }
  std::sort(faults.begin(), faults.end());
  return faults;
}

bool self_test(const fs::path& root) {
  const std::pair<const char*, const char*> files[] = {
      {"autodiff/a.hpp",
       "namespace chainrule {\nclass Once {\n};\nstruct Twice {\n};\nstruct Both : Once {\n};\n"
       "using Alias = int;\nclass Later;\n}  // namespace chainrule\n"
       "namespace chainrule::detail {\nstruct Once {\n};\n}  // namespace chainrule::detail\n"},
      {"autodiff/b.hpp",
       "namespace chainrule {\nenum class Twice { a };\n}  // namespace chainrule\n"},
      {"nn/c.hpp",
       "namespace chainrule::nn {\nnamespace detail {\nstruct Once {\n};\n}  // namespace detail\n"
       "class Both {\n};\nstruct Alias {\n};\nclass Later {\n};\nusing chainrule::Once;\n"
       "}  // namespace chainrule::nn\n"}};
  fs::remove_all(root);
  for (const auto& [path, text] : files) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }
  const std::vector<std::string> expected = {
      "ambiguous: Alias in autodiff/a.hpp nn/c.hpp", "ambiguous: Both in autodiff/a.hpp nn/c.hpp",
      "twice: chainrule::Twice in autodiff/a.hpp autodiff/b.hpp"};
  const std::vector<std::string> found = faults_of(root);
  if (found != expected)
    for (const std::string& fault : found) std::printf("self-test found: %s\n", fault.c_str());
  return found == expected;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--self-test")
    return self_test(arguments[1]) ? 0 : 1;
  if (arguments.size() != 1) throw std::runtime_error("usage: names <root>");
  const std::vector<std::string> faults = faults_of(arguments[0]);
  for (const std::string& fault : faults) std::printf("%s\n", fault.c_str());
  return faults.empty() ? 0 : 1;
} catch (const std::exception& error) {
  std::printf("%s\n", error.what());
  return 2;
}
