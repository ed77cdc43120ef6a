// Batch: some rows of a dataset, with everything that belongs to them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/graphs.hpp"

namespace chainrule::nn {

/// Columns of whole numbers, by name, with one number per row, such as ids and groups.
class Columns {
 public:
  const std::vector<std::string>& names() const;
  bool empty() const { return names_ == nullptr; }
  bool has(std::string_view name) const;
  /// The numbers [n] of a column. Throws DomainError, which lists the names, if there is none of
  /// this name. Cost: a copy of the column.
  Indices operator[](std::string_view name) const;

 private:
  friend class Dataset;
  /// Columns with these names, all different, and numbers [n] each.
  static Columns of(const std::vector<std::string>& names, const std::vector<Indices>& numbers);
  void add(const std::string& name, const Indices& numbers);
  Columns rows(const Indices& rows) const;
  Columns rows(std::int64_t first, std::int64_t count) const;

  std::shared_ptr<const std::vector<std::string>> names_;
  // [columns, n]: one array for all, so that batches need no list of arrays.
  std::optional<Indices> numbers_;
};

/// Some rows of a dataset.
struct Batch {
  Tensor x = {};         ///< features [n, ...]
  Tensor y = {};         ///< targets [n, ...]; a null tensor if the dataset has none
  Indices labels = {};   ///< labels [n]; empty if the dataset has none
  Indices rows = {};     ///< where the rows are in the whole dataset [n]: see Dataset::origin()
  Tensor weights = {};   ///< weights of the rows [n], of the features' type; a null tensor without
  Columns columns = {};  ///< further columns, by name

  std::int64_t size() const { return rows.size(); }
  bool has_targets() const { return !y.value().is_null(); }
  bool has_labels() const { return !has_targets() && labels.size() == size(); }
  bool has_weights() const { return !weights.value().is_null(); }
  /// The numbers [n] of a further column. Throws DomainError if there is none of this name.
  Indices column(std::string_view name) const { return columns[name]; }
};

}  // namespace chainrule::nn
