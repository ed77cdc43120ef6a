// The part of oneDNN 3's interface that this project uses, written from its reference, since Debian
// 12 has only 2.6. These are declarations without definitions. Compiling
// autodiff/kernels/product/onednn.cpp with this header shows only that its lines for 3.x match
// these signatures. No test runs them unless a real oneDNN 3 is installed.
//
// What 3.0 changed for us: primitive descriptors are constructed from an engine and memory
// descriptors, where 2.x used an operation descriptor in between (matmul::desc, now removed);
// memory::desc is a handle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <unordered_map>
#include <vector>

// The constants of the C interface are macros and unscoped enumerators in the original, too.
#define DNNL_VERSION_MAJOR 3
#define DNNL_ARG_SRC 1
#define DNNL_ARG_DST 17
#define DNNL_ARG_WEIGHTS 33
#define DNNL_ARG_SCRATCHPAD 80

extern "C" {
using dnnl_dim_t = std::int64_t;
enum dnnl_status_t { dnnl_success = 0, dnnl_out_of_memory = 1, dnnl_invalid_arguments = 2 };
enum dnnl_cpu_isa_t {
  dnnl_cpu_isa_default = 0x0,
  dnnl_cpu_isa_avx512_core_bf16 = 0xe7,
  dnnl_cpu_isa_avx512_core_amx = 0xfef
};
dnnl_status_t dnnl_sgemm(char transa, char transb, dnnl_dim_t M, dnnl_dim_t N, dnnl_dim_t K,
                         float alpha, const float* A, dnnl_dim_t lda, const float* B,
                         dnnl_dim_t ldb, float beta, float* C, dnnl_dim_t ldc);
dnnl_cpu_isa_t dnnl_get_effective_cpu_isa(void);
}

namespace dnnl {

struct error : std::exception {
  const char* what() const noexcept override;
};

enum class scratchpad_mode { library, user };

struct engine {
  enum class kind { any, cpu, gpu };
  engine();
  engine(kind akind, std::size_t index);
};

struct stream {
  enum class flags : unsigned { in_order = 1, out_of_order = 2, default_flags = in_order };
  stream();
  stream(const engine& aengine, flags aflags = flags::default_flags);
  stream& wait();
};

struct memory {
  using dim = dnnl_dim_t;
  using dims = std::vector<dim>;
  enum class data_type { undef, f16, bf16, f32, s32, s8, u8, f64 };
  enum class format_tag { undef, any, a, ab, ba };

  struct desc {
    desc();
    desc(const dims& adims, data_type adata_type, format_tag aformat_tag, bool allow_empty = false);
    desc(const dims& adims, data_type adata_type, const dims& strides, bool allow_empty = false);
    std::size_t get_size() const;
  };

  memory();
  memory(const desc& md, const engine& aengine, void* handle);
  memory(const desc& md, const engine& aengine, std::vector<void*> handles);
  memory(const desc& md, const engine& aengine);
  desc get_desc() const;
  void set_data_handle(void* handle, int index = 0) const;
};

struct post_ops {
  post_ops();
  void append_sum(float scale = 1.f, std::int32_t zero_point = 0,
                  memory::data_type data_type = memory::data_type::undef);
};

struct primitive_attr {
  primitive_attr();
  void set_scratchpad_mode(scratchpad_mode mode);
  void set_post_ops(const post_ops ops);
};

struct primitive {
  primitive();
  void execute(const stream& astream, const std::unordered_map<int, memory>& args) const;
};

struct primitive_desc_base {
  memory::desc scratchpad_desc() const;
};

struct matmul : primitive {
  struct primitive_desc : primitive_desc_base {
    primitive_desc();
    primitive_desc(const engine& aengine, const memory::desc& src_desc,
                   const memory::desc& weights_desc, const memory::desc& dst_desc,
                   const primitive_attr& attr = primitive_attr(), bool allow_empty = false);
    primitive_desc(const engine& aengine, const memory::desc& src_desc,
                   const memory::desc& weights_desc, const memory::desc& bias_desc,
                   const memory::desc& dst_desc, const primitive_attr& attr = primitive_attr(),
                   bool allow_empty = false);
  };
  matmul();
  matmul(const primitive_desc& pd);
};

}  // namespace dnnl
