// What all pictures of this layer share as SVG text: fonts, colours of text and axes, a white page.
#pragma once

#include <string>
#include <string_view>

namespace chainrule::nn::detail {

/// A picture of this size in pixels on a white page. `style` adds to the rules that all pictures
/// have: plain text is grey, and there are the classes title, grid and axis.
std::string svg_document(double width, double height, std::string_view style,
                         std::string_view contents);

/// A text as it has to be written in SVG; control characters become spaces.
std::string svg_escaped(std::string_view text);

}  // namespace chainrule::nn::detail
