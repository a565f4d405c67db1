// The loops over millions of pixels that JavaScript is slow at, four values at a time. No library, no stack, no state: the caller
// says where in the module's memory everything lies. `npm run kernels` builds kernels.ts from this.
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name)))

typedef unsigned char u8;

// The compiler sees that these are never negative and would convert them as unsigned, for which V8 needs eight times as long.
static inline v128_t signed_to_floats(v128_t integers) {
  __asm__("" : "+r"(integers));
  return wasm_f32x4_convert_i32x4(integers);
}

// Four bytes as floats: a pixel's red, green and blue, and a value that nobody reads.
static inline v128_t to_floats(v128_t bytes) {
  return signed_to_floats(wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(bytes)));
}

static inline v128_t pixel(const u8 *at) {
  return to_floats(wasm_v128_load32_zero(at));
}

static inline v128_t add_product(v128_t sum, v128_t weight, v128_t integers) {
  return wasm_f32x4_add(sum, wasm_f32x4_mul(weight, signed_to_floats(integers)));
}

// Weighted mean of `count` rows of `length` bytes, `stride` bytes apart. Up to 15 values past the end of `mean` are written.
EXPORT(mean_of_rows)
void mean_of_rows(const u8 *rows, int stride, const float *weights, int count, int length, float *mean) {
  for (int i = 0; i < length; i += 16) {
    v128_t sum0 = wasm_f32x4_const_splat(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (int k = 0; k < count; k++) {
      const v128_t weight = wasm_v128_load32_splat(weights + k);
      const v128_t bytes = wasm_v128_load(rows + k * stride + i);
      const v128_t low = wasm_u16x8_extend_low_u8x16(bytes);
      const v128_t high = wasm_u16x8_extend_high_u8x16(bytes);
      sum0 = add_product(sum0, weight, wasm_u32x4_extend_low_u16x8(low));
      sum1 = add_product(sum1, weight, wasm_u32x4_extend_high_u16x8(low));
      sum2 = add_product(sum2, weight, wasm_u32x4_extend_low_u16x8(high));
      sum3 = add_product(sum3, weight, wasm_u32x4_extend_high_u16x8(high));
    }
    wasm_v128_store(mean + i, sum0);
    wasm_v128_store(mean + i + 4, sum1);
    wasm_v128_store(mean + i + 8, sum2);
    wasm_v128_store(mean + i + 12, sum3);
  }
}

// Resizes one row of interleaved RGB to `width` pixels in three planes: red, green, blue. Pixel x is the weighted sum of `counts[x]`
// pixels from `first[x]` on, its weights from `weights[x * most]` on.
EXPORT(narrow_row)
void narrow_row(const float *row, const int *first, const int *counts, const float *weights, int most, int width,
                float *planes) {
  for (int x = 0; x < width; x++) {
    const float *from = row + 3 * first[x];
    const float *weight = weights + x * most;
    v128_t sum = wasm_f32x4_const_splat(0);
    for (int k = 0; k < counts[x]; k++) {
      sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_f32x4_splat(weight[k]), wasm_v128_load(from + 3 * k)));
    }
    planes[x] = wasm_f32x4_extract_lane(sum, 0);
    planes[width + x] = wasm_f32x4_extract_lane(sum, 1);
    planes[2 * width + x] = wasm_f32x4_extract_lane(sum, 2);
  }
}

// Summed-area table of `rows` rows of RGB: the row before them lies at `sums`, theirs are written after it, each of 3 (width + 1) values,
// the first three 0. One value past the end is written.
EXPORT(sum_rows)
void sum_rows(const u8 *bytes, int width, int rows, int *sums) {
  const int length = 3 * (width + 1);
  for (int y = 0; y < rows; y++) {
    v128_t sum = wasm_i32x4_const_splat(0);
    wasm_v128_store(sums + length, sum);
    for (int x = 0; x < width; x++, bytes += 3) {
      const v128_t value = wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(bytes)));
      const int *above = sums + 3 * (x + 1);
      sum = wasm_i32x4_add(sum, value);
      wasm_v128_store(sums + length + 3 * (x + 1), wasm_i32x4_add(sum, wasm_v128_load(above)));
    }
    sums += length;
  }
}

// An area's sums over its number of pixels, the quotient of whole numbers rounded once: in floats where those hold both, which is the same.
static inline v128_t quotient(v128_t sums, int count) {
  if (count <= 65793) return wasm_f32x4_div(signed_to_floats(sums), wasm_f32x4_splat(count));
  const v128_t counts = wasm_f64x2_splat(count);
  const v128_t low = wasm_f64x2_div(wasm_f64x2_convert_low_i32x4(sums), counts);
  const v128_t high = wasm_f64x2_div(wasm_f64x2_convert_low_i32x4(wasm_i32x4_shuffle(sums, sums, 2, 3, 2, 3)), counts);
  return wasm_i32x4_shuffle(wasm_f32x4_demote_f64x2_zero(low), wasm_f32x4_demote_f64x2_zero(high), 0, 1, 4, 5);
}

// Means over areas of an image, out of its summed-area table whose rows are `stride` values long: the pixel in column x of row y is that of the
// image's rows from `tops[y]` up to `bottoms[y]` and columns from `starts[x]` up to `ends[x]`, of under 8 million pixels. Three planes of `width` x
// `height`. Of the table one value past its end is read.
EXPORT(mean_of_areas)
void mean_of_areas(const int *sums, int stride, const int *tops, const int *bottoms, int height, const int *starts, const int *ends,
                   int width, float *planes) {
  const int plane = width * height;
  for (int y = 0; y < height; y++) {
    const int *top = sums + tops[y] * stride;
    const int *bottom = sums + bottoms[y] * stride;
    const int rows = bottoms[y] - tops[y];
    for (int x = 0; x < width; x++, planes++) {
      const int start = 3 * starts[x];
      const int end = 3 * ends[x];
      const v128_t right = wasm_i32x4_sub(wasm_v128_load(bottom + end), wasm_v128_load(top + end));
      const v128_t left = wasm_i32x4_sub(wasm_v128_load(bottom + start), wasm_v128_load(top + start));
      const v128_t mean = quotient(wasm_i32x4_sub(right, left), rows * (ends[x] - starts[x]));
      planes[0] = wasm_f32x4_extract_lane(mean, 0);
      planes[plane] = wasm_f32x4_extract_lane(mean, 1);
      planes[2 * plane] = wasm_f32x4_extract_lane(mean, 2);
    }
  }
}

static inline v128_t pixel_or_black(const u8 *image, int width, int height, int x, int y, float share) {
  if (x < 0 || y < 0 || x >= width || y >= height) return wasm_f32x4_const_splat(0);
  return wasm_f32x4_mul(pixel(image + 3 * (y * width + x)), wasm_f32x4_splat(share));
}

// The image, bilinearly, at a point of which one of the four pixels may lie outside, which is black.
static v128_t sample_at_border(const u8 *image, int width, int height, double x, double y) {
  // Far outside, and where a whole number could not hold it.
  if (!(x > -1 && y > -1 && x < width && y < height)) return wasm_f32x4_const_splat(0);
  const int left = (int)__builtin_floor(x);
  const int top = (int)__builtin_floor(y);
  const float right = x - left;
  const float bottom = y - top;
  return wasm_f32x4_add(
      wasm_f32x4_add(pixel_or_black(image, width, height, left, top, (1 - right) * (1 - bottom)),
                     pixel_or_black(image, width, height, left + 1, top, right * (1 - bottom))),
      wasm_f32x4_add(pixel_or_black(image, width, height, left, top + 1, (1 - right) * bottom),
                     pixel_or_black(image, width, height, left + 1, top + 1, right * bottom)));
}

static inline v128_t between(v128_t from, v128_t to, v128_t share) {
  return wasm_f32x4_add(from, wasm_f32x4_mul(share, wasm_f32x4_sub(to, from)));
}

// The image, bilinearly, at the point (x, y) of doubles; black outside.
static inline v128_t sample(const u8 *image, int width, int height, v128_t point) {
  const v128_t corner = wasm_f64x2_floor(point);
  const v128_t whole = wasm_i32x4_trunc_sat_f64x2_zero(corner);
  const unsigned left = wasm_i32x4_extract_lane(whole, 0);
  const unsigned top = wasm_i32x4_extract_lane(whole, 1);
  if (left >= (unsigned)(width - 1) || top >= (unsigned)(height - 1)) {
    return sample_at_border(image, width, height, wasm_f64x2_extract_lane(point, 0), wasm_f64x2_extract_lane(point, 1));
  }
  const v128_t shares = wasm_f32x4_demote_f64x2_zero(wasm_f64x2_sub(point, corner));
  const v128_t right = wasm_i32x4_shuffle(shares, shares, 0, 0, 0, 0);
  const v128_t bottom = wasm_i32x4_shuffle(shares, shares, 1, 1, 1, 1);
  const u8 *at = image + 3 * (top * width + left);
  const u8 *below = at + 3 * width;
  return between(between(pixel(at), pixel(at + 3), right), between(pixel(below), pixel(below + 3), right), bottom);
}

// Cuts a `size` x `size` crop into three planes: its pixel (x, y) shows the image at (a x - b y + shift_x, b x + a y + shift_y), the mean of
// `per_side` x `per_side` samples over its footprint, rounded.
EXPORT(warp)
void warp(const u8 *image, int width, int height, double a, double b, double shift_x, double shift_y, int size,
          int per_side, u8 *planes) {
  const double step = 1.0 / per_side;
  const double first = (step - 1) / 2;
  const v128_t share = wasm_f32x4_splat(1.0f / (per_side * per_side));
  const v128_t next = wasm_f64x2_make(a * step, b * step);
  const int plane = size * size;
  for (int y = 0; y < size; y++) {
    for (int x = 0; x < size; x++) {
      v128_t sum = wasm_f32x4_const_splat(0);
      for (int row = 0; row < per_side; row++) {
        const double crop_y = y + first + row * step;
        const double crop_x = x + first;
        v128_t point = wasm_f64x2_make(a * crop_x - b * crop_y + shift_x, b * crop_x + a * crop_y + shift_y);
        for (int column = 0; column < per_side; column++) {
          sum = wasm_f32x4_add(sum, sample(image, width, height, point));
          point = wasm_f64x2_add(point, next);
        }
      }
      const v128_t mean = wasm_f32x4_add(wasm_f32x4_mul(sum, share), wasm_f32x4_const_splat(0.5f));
      const v128_t rounded = wasm_i32x4_trunc_sat_f32x4(mean);
      planes[y * size + x] = wasm_i32x4_extract_lane(rounded, 0);
      planes[plane + y * size + x] = wasm_i32x4_extract_lane(rounded, 1);
      planes[2 * plane + y * size + x] = wasm_i32x4_extract_lane(rounded, 2);
    }
  }
}
