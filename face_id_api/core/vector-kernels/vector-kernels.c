// Products of a square matrix and a vector, two doubles at a time. No library, no stack, no state: the caller says where in the
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

static inline float total(v128_t even, v128_t odd) {
  const v128_t sum = wasm_f64x2_add(even, odd);
  return (float)(wasm_f64x2_extract_lane(sum, 0) + wasm_f64x2_extract_lane(sum, 1));
}

// Matrix times vector. `matrix`: `size` rows of `size` values; `values` are the vector's. `size` is a multiple of four. Four rows at
// a time, because a sum by itself would wait for itself at every addition.
EXPORT(multiply)
void multiply(const float *matrix, const float *values, int size, float *product) {
  for (int i = 0; i < size; i += 4) {
    const float *row0 = matrix + i * size, *row1 = row0 + size, *row2 = row1 + size, *row3 = row2 + size;
    v128_t even0 = wasm_f64x2_const_splat(0), even1 = even0, even2 = even0, even3 = even0;
    v128_t odd0 = even0, odd1 = even0, odd2 = even0, odd3 = even0;
    for (int k = 0; k < size; k += 4) {
      const v128_t vector = wasm_v128_load(values + k);
      const v128_t first = low(vector), second = high(vector);
      const v128_t part0 = wasm_v128_load(row0 + k), part1 = wasm_v128_load(row1 + k);
      const v128_t part2 = wasm_v128_load(row2 + k), part3 = wasm_v128_load(row3 + k);
      even0 = add_product(even0, low(part0), first);
      odd0 = add_product(odd0, high(part0), second);
      even1 = add_product(even1, low(part1), first);
      odd1 = add_product(odd1, high(part1), second);
      even2 = add_product(even2, low(part2), first);
      odd2 = add_product(odd2, high(part2), second);
      even3 = add_product(even3, low(part3), first);
      odd3 = add_product(odd3, high(part3), second);
    }
    product[i] = total(even0, odd0);
    product[i + 1] = total(even1, odd1);
    product[i + 2] = total(even2, odd2);
    product[i + 3] = total(even3, odd3);
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
