// Sums of products by definition: one loop over all values of all indices.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "autodiff/values/array.hpp"
#include "tests/support/tensor_differences.hpp"

namespace chainrule::testing {

/// The result of einsum(letters[0] + "," + letters[1] ... + "->" + result), in doubles. Unlike
/// einsum, it stretches axes of size 1, so it also serves for matmul.
inline Array naive_sum(const std::vector<std::string>& letters, const std::string& result,
                       const std::vector<Array>& operands) {
  std::map<char, std::int64_t> sizes;
  for (std::size_t k = 0; k < operands.size(); ++k)
    for (std::size_t i = 0; i < letters[k].size(); ++i) {
      std::int64_t& size = sizes.try_emplace(letters[k][i], 1).first->second;
      if (operands[k].shape(i) != 1) size = operands[k].shape(i);
    }
  Shape shape;
  std::int64_t count = 1;
  for (const char c : result) shape.push_back(sizes[c]);
  for (const std::int64_t size : shape) count *= size;
  std::vector<double> sums(static_cast<std::size_t>(count), 0.0);

  std::map<char, std::int64_t> at;
  for (const auto& [letter, size] : sizes) {
    if (size == 0) return array_of(shape, sums);
    at[letter] = 0;
  }
  for (bool is_done = false; !is_done;) {
    double product = 1.0;
    for (std::size_t k = 0; k < operands.size(); ++k) {
      std::int64_t position = 0;
      for (std::size_t i = 0; i < letters[k].size(); ++i) {
        const std::int64_t size = operands[k].shape(i);
        position = position * size + (size == 1 ? 0 : at[letters[k][i]]);
      }
      product *= operands[k].element(position);
    }
    std::int64_t position = 0;
    for (const char c : result) position = position * sizes[c] + at[c];
    sums[static_cast<std::size_t>(position)] += product;
    is_done = true;
    for (auto& [letter, value] : at) {
      if (++value < sizes[letter]) {
        is_done = false;
        break;
      }
      value = 0;
    }
  }
  return array_of(shape, sums);
}

}  // namespace chainrule::testing
