#include "autodiff/io/tensor_files.hpp"

#include <deque>

#include "autodiff/core/files.hpp"
#include "autodiff/io/npz.hpp"
#include "autodiff/io/zip.hpp"
#include "autodiff/kernels/walk.hpp"

namespace chainrule {
namespace {

std::string_view bytes_of(const void* data, std::size_t size) {
  return {static_cast<const char*>(data), size};
}

std::string_view bytes_of(const Array& flat) {
  return bytes_of(flat.data(), static_cast<std::size_t>(flat.size()) * size_of(flat.dtype()));
}

}  // namespace

Tensor load_npy(const std::string& path) { return parse_npy(read_file(path), path); }

Indices load_npy_indices(const std::string& path) {
  return parse_npy_indices(read_file(path), path);
}

void save_npy(const std::string& path, const Tensor& x) {
  const std::string head = npy_head(x.dtype(), x.shape());
  const Array flat = contiguous(x.value());
  const std::string_view pieces[] = {head, bytes_of(flat)};
  write_file_atomically(path, pieces);
}

void save_npy(const std::string& path, const Indices& x) {
  const std::string head = npy_indices_head(x.shape());
  const std::string_view pieces[] = {
      head, bytes_of(x.data(), static_cast<std::size_t>(x.size()) * sizeof(std::int64_t))};
  write_file_atomically(path, pieces);
}

std::vector<NpzMember> list_npz(const std::string& path) {
  return npz_members(read_file(path), path);
}

NamedTensors load_npz(const std::string& path) {
  NamedTensors tensors;
  for (auto& [name, array] : parse_npz(read_file(path), path))
    tensors.emplace_back(std::move(name), std::move(array));
  return tensors;
}

Tensor load_npz(const std::string& path, std::string_view name) {
  return parse_npz_array(read_file(path), name, path);
}

Indices load_npz_indices(const std::string& path, std::string_view name) {
  return parse_npz_indices(read_file(path), name, path);
}

void save_npz(const std::string& path, std::span<const std::pair<std::string, Tensor>> tensors) {
  ZipWriter archive;
  std::deque<std::string> heads;  // the archive stores references only
  std::deque<Array> arrays;
  for (const auto& [name, tensor] : tensors) {
    heads.push_back(npy_head(tensor.dtype(), tensor.shape()));
    arrays.push_back(contiguous(tensor.value()));
    archive.add(name + ".npy", heads.back(), bytes_of(arrays.back()));
  }
  write_file_atomically(path, archive.pieces());
}

void save_npz(const std::string& path,
              std::initializer_list<std::pair<std::string, Tensor>> tensors) {
  save_npz(path, {tensors.begin(), tensors.size()});
}

}  // namespace chainrule
