// Parses the equation of an einsum and chooses the order of its products.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "autodiff/core/error.hpp"
#include "autodiff/structural/einsum.hpp"

namespace chainrule::detail {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The letters of an operand or of the result, and the position of "..." among them.
struct Subscripts {
  IndexLetters letters;
  std::optional<std::size_t> ellipsis = std::nullopt;
};

/// An equation and the shapes of its operands. "..." is replaced by letters that the equation does
/// not use. Operands lose the axes of size 1 that broadcast: next to an axis of another size with
/// the same letter they change nothing.
class Equation {
 public:
  Equation(std::string_view text, std::span<const Shape> shapes)
      : text_(text), shapes_(shapes.begin(), shapes.end()) {
    read();
    replace_ellipses();
    check_result();
    for (std::size_t k = 0; k < operands_.size(); ++k) take_sizes(k);
    for (std::size_t k = 0; k < operands_.size(); ++k) drop_stretched(k);
  }

  std::size_t count() const { return operands_.size(); }
  const IndexLetters& operand(std::size_t k) const { return operands_[k].letters; }
  const IndexLetters& result() const { return result_.letters; }
  const std::vector<Shape>& shapes() const { return shapes_; }
  double size(char letter) const { return static_cast<double>(known(letter).size); }

 private:
  /// The size of a letter, and the axis that has it.
  struct Size {
    std::int64_t size = -1;
    std::size_t operand = 0, axis = 0;
  };
  Size& known(char letter) { return sizes_[static_cast<unsigned char>(letter)]; }
  const Size& known(char letter) const { return sizes_[static_cast<unsigned char>(letter)]; }

  [[noreturn]] void fail(const std::string& what) const {
    std::string shapes;
    for (const Shape& shape : shapes_) shapes += (shapes.empty() ? "" : ", ") + text_of(shape);
    throw ShapeError(fmt::format("einsum \"{}\" of {}: {}", text_, shapes, what));
  }

  void read() {
    operands_.emplace_back();
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      Subscripts& subscripts = has_arrow_ ? result_ : operands_.back();
      if (c == ' ') continue;
      if (is_letter(c)) {
        subscripts.letters += c;
      } else if (text_.substr(i, 3) == "...") {
        if (subscripts.ellipsis)
          fail(fmt::format("\"...\" at {} is the second one of {}.", i,
                           has_arrow_ ? "the result" : "the operand"));
        subscripts.ellipsis = subscripts.letters.size();
        i += 2;
      } else if (c == ',' && !has_arrow_) {
        operands_.emplace_back();
      } else if (text_.substr(i, 2) == "->" && !has_arrow_) {
        has_arrow_ = true;
        ++i;
      } else {
        fail(
            fmt::format("'{}' at {} is not expected. Write letters for axes, \"...\" for any "
                        "further axes, commas between operands, and \"->\" before the letters of "
                        "the result.",
                        c, i));
      }
    }
    if (operands_.size() != shapes_.size())
      fail(fmt::format("the equation has {} operands, but {} were given.", operands_.size(),
                       shapes_.size()));
    if (!has_arrow_) result_ = {letters_seen_once(), 0};
  }

  IndexLetters letters_seen_once() const {
    IndexLetters all;
    for (const Subscripts& operand : operands_) all += operand.letters;
    std::sort(all.begin(), all.end());
    IndexLetters once;
    for (const char c : all)
      if (std::count(all.begin(), all.end(), c) == 1) once += c;
    return once;
  }

  /// The number of axes of an operand that "..." stands for.
  std::size_t ellipsis_rank(std::size_t k) const {
    const auto& [letters, ellipsis] = operands_[k];
    const std::size_t rank = shapes_[k].size();
    if (rank < letters.size() || (rank > letters.size() && !ellipsis))
      fail(fmt::format("\"{}\" names {} axes, but operand {} has shape {}.{}", letters,
                       letters.size(), k, text_of(shapes_[k]),
                       rank < letters.size() ? "" : " \"...\" stands for the other axes."));
    return rank - letters.size();
  }

  /// Assigns letters to the axes under "...", aligned at the last axis.
  void replace_ellipses() {
    std::size_t max_rank = 0;
    for (std::size_t k = 0; k < operands_.size(); ++k)
      max_rank = std::max(max_rank, ellipsis_rank(k));
    if (max_rank > 0 && !result_.ellipsis)
      fail(
          fmt::format("\"...\" stands for {} axes of the operands, but the result has no "
                      "\"...\" for them.",
                      max_rank));
    for (char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
      if (ellipsis_letters_.size() < max_rank && text_.find(c) == std::string_view::npos)
        ellipsis_letters_ += c;
    if (ellipsis_letters_.size() < max_rank) fail("there are more than 52 different indices.");
    for (std::size_t k = 0; k < operands_.size(); ++k)
      if (auto& [letters, ellipsis] = operands_[k]; ellipsis)
        letters.insert(*ellipsis, ellipsis_letters_.substr(max_rank - ellipsis_rank(k)));
    if (result_.ellipsis) result_.letters.insert(*result_.ellipsis, ellipsis_letters_);
  }

  /// Records the sizes of the letters of an operand.
  void take_sizes(std::size_t k) {
    const Shape& shape = shapes_[k];
    const IndexLetters& letters = operand(k);
    for (std::size_t axis = 0; axis < letters.size(); ++axis) {
      const char c = letters[axis];
      // The axes of a diagonal do not broadcast.
      if (const std::size_t first = letters.find(c); shape[first] != shape[axis])
        fail_sizes(c, {shape[first], k, first}, {shape[axis], k, axis}, "equal for a diagonal");
      const Size own{shape[axis], k, axis};
      Size& size = known(c);
      if (size.size == -1 || size.size == 1)
        size = own;
      else if (own.size != size.size && own.size != 1)
        fail_sizes(c, size, own, "equal or 1");
    }
  }

  [[noreturn]] void fail_sizes(char letter, const Size& x, const Size& y, const char* rule) const {
    const std::string index = contains(ellipsis_letters_, letter) ? "an index of \"...\""
                                                                  : fmt::format("index {}", letter);
    fail(fmt::format(
        "{} is {} in operand {} (axis {}) and {} in operand {} (axis {}). Sizes must be "
        "{}.",
        index, x.size, x.operand, x.axis, y.size, y.operand, y.axis, rule));
  }

  void drop_stretched(std::size_t k) {
    IndexLetters& letters = operands_[k].letters;
    for (std::size_t axis = letters.size(); axis-- > 0;) {
      if (shapes_[k][axis] != 1 || known(letters[axis]).size == 1) continue;
      letters.erase(axis, 1);
      shapes_[k].erase(axis);
    }
  }

  void check_result() const {
    for (const char c : result()) {
      const auto has_letter = [c](const Subscripts& x) { return contains(x.letters, c); };
      if (std::none_of(operands_.begin(), operands_.end(), has_letter))
        fail(fmt::format("index {} of the result is in no operand.", c));
      if (std::count(result().begin(), result().end(), c) > 1)
        fail(fmt::format("index {} appears twice in the result. diag() makes a diagonal matrix.",
                         c));
    }
  }

  std::string_view text_;
  std::vector<Shape> shapes_;  // of the operands; broadcast axes are removed at the end
  std::vector<Subscripts> operands_;
  Subscripts result_;
  bool has_arrow_ = false;
  IndexLetters ellipsis_letters_;  // the letters that replace "..."
  std::array<Size, 128> sizes_;
};

/// The remaining operands, and the steps so far.
class Planner {
 public:
  explicit Planner(const Equation& equation) : equation_(equation), count_(equation.count()) {
    for (std::size_t k = 0; k < count_; ++k) left_.push_back({k, equation.operand(k)});
    plan_.shapes = equation.shapes();
  }

  EinsumPlan plan() {
    while (left_.size() > 1) {
      const auto [i, j] = cheapest_pair();
      for (const std::size_t k : {i, j}) collect(k, letters_kept(k, k));
      multiply(i, j);
    }
    collect(0, equation_.result());
    return std::move(plan_);
  }

 private:
  struct Operand {
    std::size_t index;
    IndexLetters letters;
  };

  /// The letters of operand i, each once, that the result or an operand other than i and j also
  /// has.
  IndexLetters letters_kept(std::size_t i, std::size_t j) const {
    IndexLetters kept;
    for (const char c : left_[i].letters) {
      bool is_needed = contains(equation_.result(), c);
      for (std::size_t k = 0; k < left_.size(); ++k)
        is_needed = is_needed || (k != i && k != j && contains(left_[k].letters, c));
      if (is_needed && !contains(kept, c)) kept += c;
    }
    return kept;
  }

  void collect(std::size_t k, const IndexLetters& kept) {
    Operand& operand = left_[k];
    if (operand.letters == kept) return;
    plan_.steps.push_back({operand.index, operand.index, operand.letters, {}, kept});
    operand = {count_++, kept};
  }

  void multiply(std::size_t i, std::size_t j) {
    const IndexLetters result =
        left_.size() == 2 ? equation_.result() : union_of(letters_kept(i, j), letters_kept(j, i));
    plan_.steps.push_back(
        {left_[i].index, left_[j].index, left_[i].letters, left_[j].letters, result});
    left_[i] = {count_++, result};
    left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(j));
  }

  /// The pair whose product needs the fewest multiplications.
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
    double product = 1.0;
    for (const char c : union_of(letters_kept(i, i), letters_kept(j, j)))
      product *= equation_.size(c);
    return product;
  }

  const Equation& equation_;
  std::vector<Operand> left_;
  std::size_t count_;  // of operands and intermediate results
  EinsumPlan plan_;
};

}  // namespace

EinsumPlan plan_einsum(std::string_view equation, std::span<const Shape> shapes) {
  return Planner(Equation(equation, shapes)).plan();
}

}  // namespace chainrule::detail
