// Products of a square matrix and a vector. No library, no stack, no state: the caller says where in the
// module's memory everything lies. `npm run kernels` builds kernels.ts from this.
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))

static inline v128_t low(v128_t floats) {
  return wasm_f64x2_promote_low_f32x4(floats);
}

static inline v128_t high(v128_t floats) {
  return wasm_f64x2_promote_low_f32x4(wasm_i64x2_shuffle(floats, floats, 1, 1));
}

static inline v128_t add_product(v128_t sum, v128_t a, v128_t b) {
  return wasm_f64x2_add(sum, wasm_f64x2_mul(a, b));
}

static inline v128_t add_floats(v128_t sum, v128_t a, v128_t b) {
  return wasm_f32x4_add(sum, wasm_f32x4_mul(a, b));
}

static inline float total_floats(v128_t sum) {
  return (wasm_f32x4_extract_lane(sum, 0) + wasm_f32x4_extract_lane(sum, 1)) +
    (wasm_f32x4_extract_lane(sum, 2) + wasm_f32x4_extract_lane(sum, 3));
}

// Matrix times vector, summed in float32: what every search does to its probe. `matrix`: `size` rows of `size` values; `values` are the
// vector's. `size` is a multiple of four. Four rows at a time, because a sum by itself would wait for itself at every addition.
EXPORT(multiply)
void multiply(const float *matrix, const float *values, int size, float *product) {
  for (int i = 0; i < size; i += 4) {
    const float *row0 = matrix + i * size, *row1 = row0 + size, *row2 = row1 + size, *row3 = row2 + size;
    v128_t sum0 = wasm_f32x4_const_splat(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (int k = 0; k < size; k += 4) {
      const v128_t vector = wasm_v128_load(values + k);
      sum0 = add_floats(sum0, wasm_v128_load(row0 + k), vector);
      sum1 = add_floats(sum1, wasm_v128_load(row1 + k), vector);
      sum2 = add_floats(sum2, wasm_v128_load(row2 + k), vector);
      sum3 = add_floats(sum3, wasm_v128_load(row3 + k), vector);
    }
    product[i] = total_floats(sum0);
    product[i + 1] = total_floats(sum1);
    product[i + 2] = total_floats(sum2);
    product[i + 3] = total_floats(sum3);
  }
}

// Transposed matrix times vector: the sum of its rows, each as many times as the vector's value says. Four columns at a time.
EXPORT(multiply_transposed)
void multiply_transposed(const float *matrix, const float *values, int size, float *product) {
  for (int k = 0; k < size; k += 4) {
    v128_t first = wasm_f64x2_const_splat(0), second = first;
    for (int i = 0; i < size; i++) {
      const v128_t value = wasm_f64x2_splat(values[i]);
      const v128_t part = wasm_v128_load(matrix + i * size + k);
      first = add_product(first, low(part), value);
      second = add_product(second, high(part), value);
    }
    product[k] = (float)wasm_f64x2_extract_lane(first, 0);
    product[k + 1] = (float)wasm_f64x2_extract_lane(first, 1);
    product[k + 2] = (float)wasm_f64x2_extract_lane(second, 0);
    product[k + 3] = (float)wasm_f64x2_extract_lane(second, 1);
  }
}
