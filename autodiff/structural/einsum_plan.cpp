// Reading the equation of an einsum and finding an order to compute it in.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "autodiff/core/error.hpp"
#include "autodiff/structural/einsum.hpp"

namespace chainrule::detail {
namespace {

bool contains(const IndexLetters& letters, char c) { return letters.find(c) != std::string::npos; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Equation {
 public:
  Equation(std::string_view text, std::span<const Shape> shapes) : text_(text), shapes_(shapes) {
    read();
    for (std::size_t k = 0; k < operands.size(); ++k) take_sizes(k);
    check_result();
  }

  std::vector<IndexLetters> operands;
  IndexLetters result;

  double size(char letter) const {
    return static_cast<double>(sizes_[static_cast<unsigned char>(letter)].size);
  }

 private:
  struct Size {
    std::int64_t size = -1;
    std::size_t operand = 0;  // where the letter was met first
  };

  [[noreturn]] void fail(const std::string& what) const {
    std::string shapes;
    for (const Shape& shape : shapes_) shapes += (shapes.empty() ? "" : ", ") + text_of(shape);
    throw ShapeError(fmt::format("einsum \"{}\" of {}: {}", text_, shapes, what));
  }

  void read() {
    operands.emplace_back();
    bool has_arrow = false;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      IndexLetters& letters = has_arrow ? result : operands.back();
      if (c == ' ') continue;
      if (is_letter(c)) {
        letters += c;
      } else if (c == ',' && !has_arrow) {
        operands.emplace_back();
      } else if (c == '-' && !has_arrow && text_.substr(i, 2) == "->") {
        has_arrow = true;
        ++i;
      } else {
        fail(
            fmt::format("'{}' at {} is not expected. Write letters for axes, commas between "
                        "operands, and \"->\" before those of the result.",
                        c, i));
      }
    }
    if (operands.size() != shapes_.size())
      fail(fmt::format("the equation is of {} operands, but {} are given.", operands.size(),
                       shapes_.size()));
    if (!has_arrow) result = letters_met_once();
  }

  IndexLetters letters_met_once() const {
    IndexLetters all;
    for (const IndexLetters& letters : operands) all += letters;
    std::sort(all.begin(), all.end());
    IndexLetters once;
    for (const char c : all)
      if (std::count(all.begin(), all.end(), c) == 1) once += c;
    return once;
  }

  void take_sizes(std::size_t k) {
    const Shape& shape = shapes_[k];
    const IndexLetters& letters = operands[k];
    if (letters.size() != shape.size())
      fail(fmt::format("\"{}\" names {} axes, but operand {} has shape {}.", letters,
                       letters.size(), k, text_of(shape)));
    for (std::size_t i = 0; i < letters.size(); ++i) {
      Size& known = sizes_[static_cast<unsigned char>(letters[i])];
      if (known.size < 0) known = {shape[i], k};
      if (known.size != shape[i])
        fail(
            fmt::format("index {} is {} in operand {} and {} in operand {}. Sizes must be equal; "
                        "expand() stretches a size of 1.",
                        letters[i], known.size, known.operand, shape[i], k));
    }
  }

  void check_result() const {
    for (const char c : result) {
      if (sizes_[static_cast<unsigned char>(c)].size < 0)
        fail(fmt::format("index {} of the result is in no operand.", c));
      if (std::count(result.begin(), result.end(), c) > 1)
        fail(fmt::format("index {} is twice in the result. diag() makes a diagonal matrix.", c));
    }
  }

  std::string_view text_;
  std::span<const Shape> shapes_;
  std::array<Size, 128> sizes_;
};

/// The operands that are left, and the steps so far.
class Planner {
 public:
  explicit Planner(const Equation& equation)
      : equation_(equation), count_(equation.operands.size()) {
    for (std::size_t k = 0; k < count_; ++k) left_.push_back({k, equation.operands[k]});
  }

  EinsumPlan plan() {
    while (left_.size() > 1) {
      const auto [i, j] = cheapest_pair();
      for (const std::size_t k : {i, j}) collect(k, letters_kept(k, k));
      multiply(i, j);
    }
    collect(0, equation_.result);
    return std::move(plan_);
  }

 private:
  struct Operand {
    std::size_t place;
    IndexLetters letters;
  };

  /// Letters of operand i, each once, that the result or another operand has: one other than j.
  IndexLetters letters_kept(std::size_t i, std::size_t j) const {
    IndexLetters kept;
    for (const char c : left_[i].letters) {
      bool is_needed = contains(equation_.result, c);
      for (std::size_t k = 0; k < left_.size(); ++k)
        is_needed = is_needed || (k != i && k != j && contains(left_[k].letters, c));
      if (is_needed && !contains(kept, c)) kept += c;
    }
    return kept;
  }

  void collect(std::size_t k, const IndexLetters& kept) {
    Operand& operand = left_[k];
    if (operand.letters == kept) return;
    plan_.steps.push_back({operand.place, operand.place, operand.letters, {}, kept});
    operand = {count_++, kept};
  }

  void multiply(std::size_t i, std::size_t j) {
    IndexLetters result = letters_kept(i, j);
    for (const char c : letters_kept(j, i))
      if (!contains(result, c)) result += c;
    if (left_.size() == 2) result = equation_.result;
    plan_.steps.push_back(
        {left_[i].place, left_[j].place, left_[i].letters, left_[j].letters, result});
    left_[i] = {count_++, result};
    left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(j));
  }

  /// The pair whose product takes the fewest multiplications.
  std::pair<std::size_t, std::size_t> cheapest_pair() const {
    std::pair<std::size_t, std::size_t> best{0, 1};
    if (left_.size() == 2) return best;
    double least = cost(0, 1);
    for (std::size_t i = 0; i < left_.size(); ++i)
      for (std::size_t j = i + 1; j < left_.size(); ++j)
        if (const double own = cost(i, j); own < least) {
          least = own;
          best = {i, j};
        }
    return best;
  }

  double cost(std::size_t i, std::size_t j) const {
    IndexLetters letters = letters_kept(i, i);
    for (const char c : letters_kept(j, j))
      if (!contains(letters, c)) letters += c;
    double product = 1.0;
    for (const char c : letters) product *= equation_.size(c);
    return product;
  }

  const Equation& equation_;
  std::vector<Operand> left_;
  std::size_t count_;  // of tensors there are
  EinsumPlan plan_;
};

}  // namespace

EinsumPlan plan_einsum(std::string_view equation, std::span<const Shape> shapes) {
  return Planner(Equation(equation, shapes)).plan();
}

}  // namespace chainrule::detail
