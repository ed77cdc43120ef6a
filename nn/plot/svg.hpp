// SVG text that all pictures of nn share: fonts, colours of text and axes, a white background.
#pragma once

#include <string>
#include <string_view>

#include "autodiff/core/language.hpp"

namespace chainrule::nn::detail {

/// An SVG document of this size in pixels with a white background. `style` is appended to the
/// common CSS rules, which make text grey and define the classes title, grid and axis.
std::string svg_document(double width, double height, std::string_view style,
                         std::string_view contents);

/// A text with the special characters of SVG escaped; control characters become spaces.
std::string svg_escaped(std::string_view text);

}  // namespace chainrule::nn::detail
