#include "autodiff/view/render.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>

#include "autodiff/core/error.hpp"
#include "autodiff/core/files.hpp"

#if CHAINRULE_HAS_GRAPHVIZ
#include <graphviz/gvc.h>
#endif

namespace chainrule {
namespace {

/// The format by file extension: svg, png or pdf.
std::string format_of(const std::string& path) {
  const std::size_t dot = path.rfind('.'), slash = path.rfind('/');
  std::string ending;
  if (dot != path.npos && (slash == path.npos || dot > slash)) ending = path.substr(dot + 1);
  for (char& c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (ending != "svg" && ending != "png" && ending != "pdf")
    throw FormatError(fmt::format(
        "render: {}: the file extension selects the format and must be .svg, .png or .pdf", path));
  return ending;
}

#if CHAINRULE_HAS_GRAPHVIZ

// Graphviz keeps its state, and its message callback, in global variables.
std::mutex graphviz_mutex;
std::string* messages = nullptr;

int keep_message(char* text) noexcept {
  try {
    *messages += text;
  } catch (...) {  // no exception may pass through C code
  }
  return 0;
}

[[noreturn]] void fail(const std::string& path, const char* what, const std::string& reason) {
  throw FormatError(
      fmt::format("render: {}: {}{}{}", path, what, reason.empty() ? "" : ": ", reason));
}

/// For its lifetime, this thread has exclusive use of Graphviz, and collects its messages.
class Session {
 public:
  Session() : lock_(graphviz_mutex) {
    messages = &text_;
    before_ = agseterrf(keep_message);
    level_before_ = agseterr(AGWARN);
    agreadline(1);  // restarts line numbers, which would continue from the previous text
  }
  ~Session() {
    agseterr(level_before_);
    agseterrf(before_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// One context for the process, never freed: the text measuring plugin keeps comparing the last
  /// font with the next one, and a font is freed with its context.
  GVC_t* context() const {
    static GVC_t* const context = gvContext();
    return context;
  }
  /// Graphviz continues after some errors, but with something other than requested.
  bool failed() const { return text_.find("Error: ") != text_.npos; }
  /// The messages of Graphviz so far.
  std::string reason() const { return text_.substr(0, text_.find_last_not_of(" \n") + 1); }

 private:
  std::lock_guard<std::mutex> lock_;
  std::string text_;
  agusererrf before_ = nullptr;
  agerrlevel_t level_before_ = AGWARN;
};

struct Close {
  void operator()(Agraph_t* graph) const { agclose(graph); }
};
using GraphvizGraph = std::unique_ptr<Agraph_t, Close>;

/// The input of the parser.
struct Source {
  std::string_view rest;
  static int read(void* source, char* buffer, int size) {
    std::string_view& rest = static_cast<Source*>(source)->rest;
    const std::size_t count = rest.copy(buffer, static_cast<std::size_t>(size));
    rest.remove_prefix(count);
    return static_cast<int>(count);
  }
};

/// Reads to the end of the text: otherwise the parser would find the rest before the next text.
GraphvizGraph parse(const std::string& dot_text, const std::string& path, const Session& session) {
  static Agiodisc_t input = AgIoDisc;
  input.afread = Source::read;
  Agdisc_t discipline = AgDefaultDisc;
  discipline.io = &input;
  Source source{dot_text};
  const auto next = [&] { return GraphvizGraph(agread(&source, &discipline)); };
  GraphvizGraph graph = next();
  const bool more = graph != nullptr && next() != nullptr;
  const std::string reason = session.reason();
  source.rest = {};
  while (next() != nullptr) continue;
  if (graph == nullptr || session.failed())
    fail(path, "Graphviz cannot read the DOT text",
         reason.empty() ? "it contains no graph" : reason);
  if (more) fail(path, "the DOT text contains more than one graph", "");
  return graph;
}

struct GraphvizLayout {
  GVC_t* context;
  Agraph_t* graph;
  ~GraphvizLayout() { gvFreeLayout(context, graph); }
};

/// Twice the usual resolution, for sharp text on high-resolution screens; less for a graph that
/// would not fit into a bitmap.
double resolution(Agraph_t* graph) {
  constexpr double wanted = 192.0, longest = 32000.0, max_pixels = 1e8;
  const boxf box = GD_bb(graph);
  const double width = (box.UR.x - box.LL.x) / 72.0 + 0.2,
               height = (box.UR.y - box.LL.y) / 72.0 + 0.2;
  return std::fmin(wanted, std::fmin(longest / std::fmax(width, height),
                                     std::sqrt(max_pixels / (width * height))));
}

std::string draw(const std::string& dot_text, const std::string& path, const std::string& format) {
  if (dot_text.find('\0') != dot_text.npos) fail(path, "the DOT text contains a NUL character", "");
  Session session;
  if (session.context() == nullptr) fail(path, "Graphviz cannot be started", session.reason());
  const GraphvizGraph graph = parse(dot_text, path, session);
  const int laid_out = gvLayout(session.context(), graph.get(), "dot");
  const GraphvizLayout layout{session.context(), graph.get()};
  if (laid_out != 0 || session.failed())
    fail(path, "Graphviz cannot lay the graph out", session.reason());
  if (format == "png" && GD_drawing(graph.get())->dpi == 0.0)
    GD_drawing(graph.get())->dpi = resolution(graph.get());
  char* data = nullptr;
  unsigned size = 0;
  const int status = gvRenderData(session.context(), graph.get(), format.c_str(), &data, &size);
  const std::unique_ptr<char, void (*)(char*)> owner(data, gvFreeRenderData);
  if (status != 0 || data == nullptr || session.failed())
    fail(path, "Graphviz cannot draw the graph", session.reason());
  return std::string(data, size);
}

#else

std::string draw(const std::string&, const std::string& path, const std::string&) {
  throw FormatError(fmt::format(
      "render: {}: this build has no Graphviz. Install its library (Debian: graphviz "
      "libgraphviz-dev) and rebuild; or use write_dot(), which does not need it, and draw the "
      "file elsewhere: dot -Tsvg graph.dot -o graph.svg",
      path));
}

#endif

}  // namespace

bool has_graphviz() {
#if CHAINRULE_HAS_GRAPHVIZ
  return true;
#else
  return false;
#endif
}

void render_dot(const std::string& dot_text, const std::string& path) {
  const std::string format = format_of(path);
  write_file_atomically(path, draw(dot_text, path, format), "render");
}

namespace {

template <class Output>
void render_output(const Output& output, const std::string& path, const DotOptions& options) {
  format_of(path);  // checked before the work
  render_dot(dot(output, options), path);
}

template <class Output>
void render_output(const Output& output, const Gradient& gradient, const std::string& path,
                   const DotOptions& options) {
  format_of(path);
  render_dot(dot(output, gradient, options), path);
}

}  // namespace

void render(const Var& output, const std::string& path, const DotOptions& options) {
  render_output(output, path, options);
}
void render(const Tensor& output, const std::string& path, const DotOptions& options) {
  render_output(output, path, options);
}
void render(const Var& output, const Gradient& gradient, const std::string& path,
            const DotOptions& options) {
  render_output(output, gradient, path, options);
}
void render(const Tensor& output, const Gradient& gradient, const std::string& path,
            const DotOptions& options) {
  render_output(output, gradient, path, options);
}

}  // namespace chainrule
