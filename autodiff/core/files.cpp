#include "autodiff/core/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>

#include "autodiff/core/error.hpp"

namespace chainrule {
namespace {

[[noreturn]] void fail(const char* verb, const std::string& path, int error,
                       const char* operation = "") {
  throw FormatError(fmt::format("{}{}cannot {} {}: {}", operation, *operation != 0 ? ": " : "",
                                verb, path.empty() ? "''" : path, std::strerror(error)));
}

/// Owns a file descriptor and closes it in the destructor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  explicit operator bool() const { return number_ >= 0; }
  int number() const { return number_; }
  /// Closes the file. Returns 0 or the errno: some file systems report a failed write only on
  /// close.
  int close() {
    const int number = number_;
    number_ = -1;
    return number >= 0 && ::close(number) != 0 && errno != EINTR ? errno : 0;
  }

 private:
  int number_;
};

/// Returns 0 or the errno of the failure.
int write_all(const Descriptor& file, std::span<const std::string_view> pieces) {
  constexpr std::size_t chunk = std::size_t{1} << 30;  // systems refuse more than 2 GiB per call
  for (std::string_view rest : pieces) {
    while (!rest.empty()) {
      const ssize_t count = ::write(file.number(), rest.data(), std::min(rest.size(), chunk));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno;
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  return 0;
}

int force_to_disk(const Descriptor& file) {
  while (::fsync(file.number()) != 0) {
    if (errno == EINVAL || errno == ENOTSUP) return 0;  // the file system does not support fsync
    if (errno != EINTR) return errno;
  }
  return 0;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

/// Makes the rename itself persist after a power failure. The rename has already happened, so a
/// failure here does not mean that the write failed. Some systems do not allow a folder to be
/// opened at all.
void force_folder_to_disk(const std::string& path) {
  const Descriptor handle(::open(folder_of(path).c_str(), O_RDONLY | O_CLOEXEC));
  if (handle) force_to_disk(handle);
}

/// Where the contents for a path are written.
struct Destination {
  std::string file;  ///< the path; if that is a symbolic link, the file it points to
  bool exists = false;
  struct stat status {};  ///< if it exists
  /// Devices, pipes and sockets are written directly; files are replaced.
  bool is_direct() const { return exists && !S_ISREG(status.st_mode); }
};

Destination destination_of(const std::string& path, const char* operation) {
  if (path.empty()) fail("write", path, ENOENT, operation);
  Destination result{path};
  result.exists = ::stat(path.c_str(), &result.status) == 0;
  if (!result.exists) return result;
  if (S_ISDIR(result.status.st_mode)) fail("write", path, EISDIR, operation);
  // A rename would replace even a write-protected file, which is not what its owner wants.
  if (::access(path.c_str(), W_OK) != 0) fail("write", path, errno, operation);
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (real) result.file = real.get();
  return result;
}

/// Opens a new file in the folder of the target, so that the later rename stays on the same disk.
Descriptor open_temporary(const std::string& path, const std::string& target,
                          std::string& temporary, const char* operation) {
  for (int i = 0; i < 1000; ++i) {
    temporary = fmt::format("{}.{}.{}.tmp", target, static_cast<long>(::getpid()), i);
    const int number = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (number >= 0) return Descriptor(number);
    if (errno != EEXIST) break;
  }
  if (errno != ENOENT) fail("write", path, errno, operation);
  throw FormatError(fmt::format("{}{}cannot write {}: there is no folder {}. Make it first",
                                operation, *operation != 0 ? ": " : "", path, folder_of(target)));
}

void replace(const std::string& path, const Destination& destination,
             std::span<const std::string_view> pieces, const char* operation) {
  std::string temporary;
  Descriptor file = open_temporary(path, destination.file, temporary, operation);
  int error = write_all(file, pieces);
  if (error == 0 && destination.exists &&
      ::fchmod(file.number(), destination.status.st_mode & 07777) != 0)
    error = errno;
  if (error == 0) error = force_to_disk(file);
  const int closing = file.close();
  if (error == 0) error = closing;
  if (error == 0 && std::rename(temporary.c_str(), destination.file.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    fail("write", path, error, operation);
  }
  force_folder_to_disk(destination.file);
}

}  // namespace

void write_file_atomically(const std::string& path, std::span<const std::string_view> pieces,
                           const char* operation) {
  const Destination destination = destination_of(path, operation);
  if (!destination.is_direct()) return replace(path, destination, pieces, operation);
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) fail("write", path, errno, operation);
  if (const int error = write_all(file, pieces)) fail("write", path, error, operation);
  if (const int error = file.close()) fail("write", path, error, operation);
}

void check_can_write(const std::string& path, const char* operation) {
  const Destination destination = destination_of(path, operation);
  if (destination.is_direct()) return;  // opening a pipe would wait for its reader
  std::string temporary;
  const Descriptor file = open_temporary(path, destination.file, temporary, operation);
  ::unlink(temporary.c_str());
}

void write_file_atomically(const std::string& path, std::string_view bytes, const char* operation) {
  write_file_atomically(path, std::span<const std::string_view>(&bytes, 1), operation);
}

void write_file_atomically(const std::string& path, std::span<const std::byte> bytes) {
  write_file_atomically(
      path, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::string read_file(const std::string& path, std::uint64_t limit) try {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.number(), &status) != 0) fail("read", path, errno);
  if (S_ISDIR(status.st_mode)) fail("read", path, EISDIR);
  const auto check = [&](std::uint64_t size) {
    if (size > limit)
      throw FormatError(
          fmt::format("cannot read {}: it exceeds the limit of {} bytes", path, limit));
  };
  const bool regular = S_ISREG(status.st_mode);
  const std::uint64_t expected = regular ? static_cast<std::uint64_t>(status.st_size) : 0;
  check(expected);
  if (expected >= std::string().max_size()) throw std::length_error(path);

  // One byte more than expected, so that the last read reports the end of the file. For a pipe, or
  // a file that is still growing, the loop continues.
  std::string bytes(static_cast<std::size_t>(expected) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    if (size == bytes.size()) bytes.resize(size + std::max<std::size_t>(size, 1 << 16));
    const std::size_t room = std::min(bytes.size() - size, std::size_t{1} << 30);
    const ssize_t count = ::read(file.number(), bytes.data() + size, room);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read", path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    check(size);
  }
  bytes.resize(size);
  return bytes;
} catch (const std::bad_alloc&) {
  throw FormatError(fmt::format("cannot read {}: it does not fit into memory", path));
} catch (const std::length_error&) {
  throw FormatError(fmt::format("cannot read {}: it does not fit into memory", path));
}

}  // namespace chainrule
