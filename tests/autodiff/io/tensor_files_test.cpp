#include "autodiff/io/tensor_files.hpp"

#include <doctest/doctest.h>

#include "autodiff/core/error.hpp"
#include "autodiff/graph/make_tensor.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;

TEST_CASE(".npy files are written and read back") {
  const TemporaryFolder folder;
  const Tensor x = tensor({{1, 2, 3}, {4, 5, 1.0 / 3.0}});
  for (const Tensor& written :
       {x, tensor(2.5), zeros({0, 2}, DType::float32), tensor({1, 2}, DType::float32),
        Tensor(x.value().view(Shape{3, 2}, Extents{1, 3}, 0))}) {
    save_npy(folder / "x.npy", written);
    const Tensor read = load_npy(folder / "x.npy");
    CHECK(read.shape() == written.shape());
    CHECK(read.dtype() == written.dtype());
    CHECK(to_vector(read) == to_vector(written));
  }
  save_npy(folder / "i.npy", Indices({3, -1, 7}));
  CHECK(load_npy_indices(folder / "i.npy").to_vector() == std::vector<std::int64_t>{3, -1, 7});
  CHECK(to_vector(load_npy(folder / "i.npy")) == std::vector<double>{3, -1, 7});
  CHECK(folder.files() == 2);
}

TEST_CASE(".npz files are written and read back") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.npz";
  save_npz(path, {{"layers.0.weight", tensor({{1, 2}, {3, 4}})},
                  {"layers.0.bias", tensor({0.5}, DType::float32)},
                  {"größe", tensor(7)}});
  const NamedTensors tensors = load_npz(path);
  CHECK(tensors.size() == 3);
  CHECK(tensors[0].first == "layers.0.weight");
  CHECK(tensors[1].first == "layers.0.bias");
  CHECK(tensors[1].second.dtype() == DType::float32);
  CHECK(to_vector(load_npz(path, "layers.0.weight")) == std::vector<double>{1, 2, 3, 4});
  CHECK(load_npz(path, "größe").item() == 7.0);
  const std::vector<NpzMember> members = list_npz(path);
  REQUIRE(members.size() == 3);
  CHECK(members[0].name == "layers.0.weight");
  CHECK(members[0].type == "<f8");
  CHECK(members[0].shape == Shape{2, 2});
  CHECK(members[1].type == "<f4");
  CHECK(members[2].is_readable());
  CHECK(load_npz_indices(folder.write("labels.npz", contents_of(std::string(CHAINRULE_TEST_DATA) +
                                                                "/../fuzz/corpus/npz/stored")),
                         "labels")
            .to_vector() == std::vector<std::int64_t>{3, 1, 2});
  const std::string before = contents_of(path);
  save_npz(path, tensors);
  CHECK(contents_of(path) == before);  // independent of the time
  CHECK_THROWS_AS(save_npz(path, {{"x", tensor(1)}, {"x", tensor(2)}}), FormatError);
  CHECK(contents_of(path) == before);
}

TEST_CASE("errors name the file") {
  const TemporaryFolder folder;
  CHECK(contains(message_of<FormatError>([&] { load_npy(folder / "none.npy"); }), "none.npy"));
  const std::string path = folder.write("bad.npy", "nonsense");
  CHECK(contains(message_of<FormatError>([&] { load_npy(path); }), path + ", byte 0"));
  CHECK(contains(message_of<FormatError>([&] { load_npz(path); }), path));
  CHECK_THROWS_AS(save_npy(folder / "no/folder.npy", tensor(1)), FormatError);
  CHECK_THROWS_AS(save_npy(folder / "none.npy", Tensor()), ShapeError);
  CHECK(folder.files() == 1);
}
