#include "nn/data/batch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"

namespace chainrule::nn {

const std::vector<std::string>& Columns::names() const {
  static const std::vector<std::string> none;
  return names_ ? *names_ : none;
}

bool Columns::has(std::string_view name) const {
  return std::find(names().begin(), names().end(), name) != names().end();
}

Indices Columns::operator[](std::string_view name) const {
  const auto found = std::find(names().begin(), names().end(), name);
  if (found == names().end())
    throw DomainError(fmt::format("Columns: there is no column '{}'; {}{}", name,
                                  empty() ? "there are none" : "the columns are ",
                                  fmt::join(names(), ", ")));
  const std::int64_t rows = numbers_->shape()[1];
  Indices column = Indices::uninitialised({rows});
  std::copy_n(numbers_->begin() + (found - names().begin()) * rows, rows, column.mutable_data());
  return column;
}

Columns Columns::of(const std::vector<std::string>& names, const std::vector<Indices>& numbers) {
  Columns columns;
  if (names.empty()) return columns;
  columns.names_ = std::make_shared<const std::vector<std::string>>(names);
  columns.numbers_ =
      Indices::uninitialised({static_cast<std::int64_t>(names.size()), numbers.front().size()});
  std::int64_t* out = columns.numbers_->mutable_data();
  for (const Indices& column : numbers) out = std::copy(column.begin(), column.end(), out);
  return columns;
}

void Columns::add(const std::string& name, const Indices& numbers) {
  std::vector<std::string> all = names();
  auto at = std::find(all.begin(), all.end(), name) - all.begin();
  const auto before = static_cast<std::int64_t>(all.size());
  if (at == before) all.push_back(name);
  const std::int64_t rows = numbers.size();
  Indices result = Indices::uninitialised({static_cast<std::int64_t>(all.size()), rows});
  if (before > 0) std::copy_n(numbers_->begin(), before * rows, result.mutable_data());
  std::copy_n(numbers.begin(), rows, result.mutable_data() + at * rows);
  numbers_ = std::move(result);
  names_ = std::make_shared<const std::vector<std::string>>(std::move(all));
}

Columns Columns::rows(const Indices& rows) const {
  if (empty()) return {};
  Columns result = *this;
  const auto count = static_cast<std::int64_t>(names().size()), all = numbers_->shape()[1];
  result.numbers_ = Indices::uninitialised({count, rows.size()});
  std::int64_t* out = result.numbers_->mutable_data();
  for (std::int64_t c = 0; c < count; ++c)
    for (const std::int64_t row : rows) *out++ = (*numbers_)[c * all + row];
  return result;
}

Columns Columns::rows(std::int64_t first, std::int64_t count) const {
  if (empty()) return {};
  Columns result = *this;
  const auto columns = static_cast<std::int64_t>(names().size()), all = numbers_->shape()[1];
  result.numbers_ = Indices::uninitialised({columns, count});
  for (std::int64_t c = 0; c < columns; ++c)
    std::copy_n(numbers_->begin() + c * all + first, count,
                result.numbers_->mutable_data() + c * count);
  return result;
}

}  // namespace chainrule::nn
