#include "nn/io/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "nn/io/checkpoint.hpp"
#include "nn/io/safetensors.hpp"
#include "nn/model/state_names.hpp"

namespace chainrule::nn {
namespace {

constexpr std::string_view batch_counter = "num_batches_tracked";

/// The contents of a file of a model, or those of the model in a checkpoint.
Safetensors model_in(const std::string& path) {
  Safetensors contents = read_safetensors(path);
  if (!detail::is_checkpoint(contents)) return contents;
  Safetensors model;
  model.arrays = state_in(detail::checkpoint_in(std::move(contents), path), "model").arrays;
  return model;
}

/// From all names that files may use for a tensor of the model to the one that the model uses.
std::unordered_map<std::string, std::string> names_for(const Module& model) {
  std::unordered_map<std::string, std::string> names;
  const std::vector<detail::StateName> places = detail::state_names(model);
  for (const detail::StateName& place : places) names.emplace(place.path, place.name);
  for (const detail::StateName& place : places) names.emplace(place.pytorch, place.name);
  return names;
}

std::vector<std::string> names_in(const Safetensors& contents) {
  std::vector<std::string> names;
  for (const auto& entry : contents.arrays) names.push_back(entry.first);
  for (const auto& entry : contents.indices) names.push_back(entry.first);
  for (const auto& entry : contents.unreadable) names.push_back(entry.first);
  std::sort(names.begin(), names.end());
  return names;
}

/// The starts, up to a dot, that all names share; the empty one first. At most the wrappers that
/// occur, so that the search is fast for hostile names, too.
std::vector<std::string> shared_prefixes(const std::vector<std::string>& sorted) {
  constexpr std::size_t most = 8;
  std::vector<std::string> prefixes = {""};
  if (sorted.empty()) return prefixes;
  const std::string &first = sorted.front(), &last = sorted.back();
  const auto end = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
  for (auto at = first.begin(); prefixes.size() <= most;) {
    at = std::find(at, end, '.');
    if (at == end) break;
    prefixes.emplace_back(first.begin(), ++at);
  }
  return prefixes;
}

bool same_elements(const Array& a, const Array& b) {
  return a.dtype() == b.dtype() && a.has_shape(b.shape()) &&
         (a.size() == 0 ||
          std::memcmp(a.data(), b.data(),
                      static_cast<std::size_t>(a.size()) * size_of(a.dtype())) == 0);
}

/// Finds the place in the model of each tensor in a file.
class Loading {
 public:
  Loading(const Safetensors& contents, const Module& model, const LoadModelOptions& options)
      : contents_(contents),
        rename_(options.rename),
        names_(names_for(model)),
        wanted_(model.state().arrays),
        in_file_(names_in(contents)) {
    report_.prefix = options.prefix ? whole_parts(*options.prefix) : found_prefix();
  }

  /// The values of the model after loading. Throws if two tensors are for one parameter.
  State run() {
    for (const std::string& name : in_file_) place(name);
    State state;
    for (const auto& [name, array] : wanted_) {
      const auto source = sources_.find(name);
      const bool is_missing = source == sources_.end();
      if (is_missing) report_.missing.push_back(name);
      state.arrays.emplace(name, is_missing ? array : loaded(name, source->second, array));
    }
    return state;
  }
  LoadReport& report() { return report_; }

 private:
  static std::string whole_parts(const std::string& prefix) {
    return prefix.empty() || prefix.ends_with('.') ? prefix : prefix + '.';
  }

  std::string found_prefix() const {
    if (rename_) return "";
    std::string best;
    std::size_t most = 0;
    for (const std::string& prefix : shared_prefixes(in_file_)) {
      const auto found = static_cast<std::size_t>(std::count_if(
          in_file_.begin(), in_file_.end(),
          [&](const std::string& name) { return names_.contains(name.substr(prefix.size())); }));
      if (found <= most) continue;
      most = found;
      best = prefix;
    }
    return best;
  }

  /// The name in the model, "" if the tensor is to be left out.
  std::string renamed(const std::string& name) const {
    return name.starts_with(report_.prefix) ? rename_(name.substr(report_.prefix.size())) : "";
  }

  void place(const std::string& name) {
    const std::string new_name = renamed(name);
    const auto target = names_.find(new_name);
    if (new_name.empty() || (target == names_.end() && is_batch_counter(name))) {
      report_.ignored.push_back(name);
    } else if (target == names_.end()) {
      report_.unexpected.push_back(name);
    } else {
      const auto [source, is_new] = sources_.emplace(target->second, name);
      if (is_new) return;
      const auto array = contents_.arrays.find(name), other = contents_.arrays.find(source->second);
      if (array == contents_.arrays.end() || other == contents_.arrays.end() ||
          !same_elements(array->second, other->second))
        throw FormatError(
            fmt::format("{} and {} are both for {}, but differ. Leave one of them out with .rename",
                        source->second, name, target->second));
      report_.ignored.push_back(name);
    }
  }

  /// Whether this is the counter of a batch normalisation of the model, which PyTorch keeps next to
  /// the running mean.
  bool is_batch_counter(const std::string& name) const {
    const auto found = contents_.indices.find(name);
    if (found == contents_.indices.end() || found->second.size() != 1) return false;
    const std::size_t parent = name.rfind('.') + 1;  // 0 if there is no dot
    if (std::string_view(name).substr(parent) != batch_counter) return false;
    const std::string mean = name.substr(0, parent) + "running_mean";
    return contents_.arrays.contains(mean) && names_.contains(renamed(mean));
  }

  /// The elements of a tensor of the file for a parameter; the old ones if they do not fit.
  Array loaded(const std::string& name, const std::string& source, const Array& old) {
    const auto found = contents_.arrays.find(source);
    if (found != contents_.arrays.end() && found->second.has_shape(old.shape())) {
      report_.loaded.push_back(name);
      const Array& array = found->second;
      return array.dtype() == old.dtype() ? array : astype(Tensor(array), old.dtype()).value();
    }
    report_.mismatched.push_back({name, problem_of(source, old)});
    return old;
  }

  std::string problem_of(const std::string& source, const Array& old) const {
    const auto unreadable = contents_.unreadable.find(source);
    if (unreadable != contents_.unreadable.end())
      return fmt::format("{} in the file: {}", unreadable->second.dtype,
                         unreadable->second.problem);
    const auto array = contents_.arrays.find(source);
    if (array == contents_.arrays.end())
      return "integers in the file, but parameters are floating-point";
    return fmt::format("{} in the file, {} in the model", text_of(Shape(array->second.shape())),
                       text_of(Shape(old.shape())));
  }

  const Safetensors& contents_;
  const Rename& rename_;
  const std::unordered_map<std::string, std::string> names_;
  const std::map<std::string, Array, std::less<>> wanted_;
  const std::vector<std::string> in_file_;
  std::unordered_map<std::string, std::string> sources_;  // names in the file by those in the model
  LoadReport report_;
};

/// Appends one line per name, up to a limit.
template <class List, class F>
void append_lines(std::string& text, const char* kind, const List& list, F line_of) {
  constexpr std::size_t most = 20;
  for (std::size_t i = 0; i < std::min(list.size(), most); ++i)
    text += fmt::format("\n  {}: {}", kind, line_of(list[i]));
  if (list.size() > most) text += fmt::format("\n  {}: {} more", kind, list.size() - most);
}

}  // namespace

Rename::Rename(Table table) {
  for (const auto& [from, to] : table)
    if (from.empty() || from.ends_with('.') || to.ends_with('.'))
      throw DomainError(
          fmt::format("Rename: '{}' to '{}': an entry names a tensor or a module, such as 'fc1', "
                      "without a dot at its end",
                      from, to));
  function_ = [table = std::move(table)](const std::string& name) {
    for (std::size_t end = name.size(); end != name.npos; end = name.rfind('.', end - 1)) {
      const auto entry = table.find(std::string_view(name).substr(0, end));
      if (entry != table.end())
        return entry->second.empty() ? "" : entry->second + name.substr(end);
      if (end == 0) break;
    }
    return name;
  };
}

std::string Rename::operator()(const std::string& name) const {
  return function_ ? function_(name) : name;
}

std::string LoadReport::text() const {
  const std::size_t all = loaded.size() + missing.size() + mismatched.size();
  std::string text = fmt::format("{} of {} tensors of the model fit", loaded.size(), all);
  if (!prefix.empty())
    text += fmt::format(", with '{}' removed from the names in the file", prefix);
  const auto same = [](const std::string& name) -> const std::string& { return name; };
  append_lines(text, "missing", missing, same);
  append_lines(text, "mismatched", mismatched,
               [](const Mismatch& x) { return fmt::format("{}: {}", x.name, x.problem); });
  append_lines(text, "unexpected", unexpected, same);
  append_lines(text, "ignored", ignored, same);
  return text;
}

void save_model(const std::string& path, const Module& model, const SaveModelOptions& options) {
  Safetensors contents;
  State state = model.state();
  if (!options.pytorch_names) {
    contents.arrays = std::move(state.arrays);
  } else {
    contents.metadata.emplace("format", "pt");
    for (const detail::StateName& place : detail::state_names(model)) {
      if (place.path != place.name) continue;  // a further place of a tied parameter
      if (!contents.arrays.emplace(place.pytorch, state.arrays.find(place.name)->second).second)
        throw DomainError(fmt::format("save_model: two members of {} are named {} in PyTorch",
                                      model.describe(), place.pytorch));
    }
  }
  write_safetensors(path, contents);
}

LoadReport load_model(const std::string& path, Module& model, const LoadModelOptions& options) {
  const Safetensors contents = model_in(path);
  Loading loading(contents, model, options);
  State state;
  try {
    state = loading.run();
  } catch (const FormatError& error) {
    throw FormatError(fmt::format("{}: {}", path, error.what()));
  }
  const LoadReport& report = loading.report();
  const bool is_useless = report.loaded.empty() && !state.arrays.empty();
  if (is_useless || (options.strict && !report.is_complete()))
    throw FormatError(fmt::format(
        "{}: the file does not fit {}: {}\n.prefix and .rename adapt the names in the file{}", path,
        model.describe(), report.text(), is_useless ? "" : "; .strict = false loads what fits"));
  model.set_state(state);
  return report;
}

}  // namespace chainrule::nn
