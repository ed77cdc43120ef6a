#include "nn/plot/svg.hpp"

#include <fmt/format.h>

namespace chainrule::nn::detail {

std::string svg_document(double width, double height, std::string_view style,
                         std::string_view contents) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"0 0 {0} {1}\">\n<style>"
      "text{{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
      "fill:#52525b}}"
      ".title{{font-size:14px;font-weight:600;fill:#18181b}}"
      ".grid{{stroke:#e4e4e7;stroke-width:1}}"
      ".axis{{stroke:#a1a1aa;stroke-width:1}}"
      "{2}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{3}</svg>\n",
      width, height, style, contents);
}

std::string svg_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else
      result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result;
}

}  // namespace chainrule::nn::detail
