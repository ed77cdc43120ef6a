#include "autodiff/core/files.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/small_disk.hpp"
#include "tests/support/temporary_folder.hpp"

using chainrule::check_can_write;
using chainrule::FormatError;
using chainrule::read_file;
using chainrule::write_file_atomically;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a file is written whole and read back") {
  const TemporaryFolder folder;
  const std::string path = folder / "file", text = std::string("a\0b\r\n\xff", 6);
  write_file_atomically(path, text);
  CHECK(contents_of(path) == text);
  CHECK(read_file(path) == text);

  write_file_atomically(path, std::string_view());
  CHECK(read_file(path).empty());

  const std::vector<std::byte> bytes = {std::byte{1}, std::byte{0}, std::byte{255}};
  write_file_atomically(path, bytes);
  CHECK(contents_of(path) == std::string("\x01\x00\xff", 3));

  const std::string large(3'000'000, 'x');
  const std::vector<std::string_view> pieces = {"head", "", large, "tail"};
  write_file_atomically(path, pieces);
  CHECK(read_file(path) == "head" + large + "tail");
  CHECK(folder.files() == 1);
}

TEST_CASE("a replaced file keeps its permissions, and links stay links") {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "old"), link = folder / "link";
  ::chmod(path.c_str(), 0640);
  write_file_atomically(path, "new");
  CHECK(mode_of(path) == 0640);

  std::filesystem::create_symlink("file", link);
  write_file_atomically(link, "through the link");
  CHECK(std::filesystem::is_symlink(link));
  CHECK(contents_of(path) == "through the link");

  const mode_t mask = ::umask(027);
  write_file_atomically(folder / "fresh", "x");
  ::umask(mask);
  CHECK(mode_of(folder / "fresh") == 0640);
}

TEST_CASE("on a full disk the old file stays and nothing else remains") {
  const TemporaryFolder folder;
  const std::string path = folder.write("checkpoint", "old and whole");
  std::string message;
  {
    const SmallDisk limit(1000);
    message =
        message_of<FormatError>([&] { write_file_atomically(path, std::string(100'000, 'x')); });
  }
  CHECK(contains(message, path));
  CHECK(contains(message, "File too large"));
  CHECK(contents_of(path) == "old and whole");
  CHECK(folder.files() == 1);

  // The device that is always full; it is written to directly.
  if (std::filesystem::exists("/dev/full")) {
    message = message_of<FormatError>([] { write_file_atomically("/dev/full", "x"); });
    CHECK(message == "cannot write /dev/full: No space left on device");
    CHECK(std::filesystem::is_character_file("/dev/full"));
  }
}

TEST_CASE("a failed write is an error with the path and the reason") {
  const TemporaryFolder folder;
  // The check that writes nothing fails with the same message.
  const auto error = [](const std::string& path) {
    const std::string message = message_of<FormatError>([&] { write_file_atomically(path, "x"); });
    CHECK(message_of<FormatError>([&] { check_can_write(path); }) == message);
    return message;
  };
  CHECK(error(folder / "no/such/file") == "cannot write " + (folder / "no/such/file") +
                                              ": there is no folder " + (folder / "no/such") +
                                              ". Make it first");
  CHECK(contains(error(folder / "new/"), "there is no folder"));
  CHECK(contains(error(folder.write("file", "") + "/x"), "Not a directory"));
  std::filesystem::remove(folder / "file");
  CHECK(contains(error(folder / "."), "Is a directory"));
  CHECK(contains(error(""), "cannot write ''"));
  CHECK(contains(error(folder / std::string(300, 'x')), "File name too long"));
  CHECK(folder.files() == 0);
  if (::geteuid() != 0) {
    const std::string path = folder.write("protected", "old");
    ::chmod(path.c_str(), 0444);
    CHECK(contains(error(path), "Permission denied"));
    CHECK(contents_of(path) == "old");
  }
}

TEST_CASE("checking whether a file can be written changes nothing") {
  const TemporaryFolder folder;
  check_can_write(folder / "new");
  CHECK(folder.files() == 0);
  const std::string path = folder.write("file", "old");
  const auto before = std::filesystem::last_write_time(path);
  check_can_write(path);
  CHECK(contents_of(path) == "old");
  CHECK(std::filesystem::last_write_time(path) == before);
  // The folder that counts is the one of the file that the link points to.
  std::filesystem::create_directory(folder / "links");
  std::filesystem::create_symlink("../file", folder / "links/link");
  check_can_write(folder / "links/link");
  std::filesystem::create_symlink("none/x", folder / "dangling");
  check_can_write(folder / "dangling");  // the link itself is replaced
  CHECK(folder.files() == 3);
  // A pipe without a reader: opening it would wait.
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  check_can_write(folder / "pipe");
  check_can_write("/dev/null");
  CHECK(message_of<FormatError>([&] { check_can_write(folder / ".", "save"); }) ==
        "save: cannot write " + (folder / ".") + ": Is a directory");
}

TEST_CASE("reading is bounded, and its errors have the path and the reason") {
  const TemporaryFolder folder;
  const std::string path = folder.write("file", "12345");
  CHECK(read_file(path, 5) == "12345");
  CHECK(message_of<FormatError>([&] { read_file(path, 4); }) ==
        "cannot read " + path + ": it exceeds the limit of 4 bytes");
  CHECK(contains(message_of<FormatError>([&] { read_file(folder / "none"); }),
                 "none: No such file or directory"));
  CHECK(contains(message_of<FormatError>([&] { read_file(folder / "."); }), "Is a directory"));
  CHECK_THROWS_AS(read_file(""), FormatError);
  // This file is endless and has no size.
  CHECK(contains(message_of<FormatError>([] { read_file("/dev/zero", 1'000'000); }),
                 "exceeds the limit of 1000000 bytes"));
}

TEST_CASE("a pipe can be read and written") {
  const TemporaryFolder folder;
  const std::string path = folder / "pipe", text(200'000, 'y');
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    write_file_atomically(path, text);
    ::_exit(0);
  }
  CHECK(read_file(path) == text);
  ::waitpid(child, nullptr, 0);
  CHECK(std::filesystem::is_fifo(path));
}
