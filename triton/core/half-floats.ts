/**
 * The 16-bit floating-point formats: FP16 is IEEE 754-2008 binary16 (5 bits of exponent, 10 of fraction), BF16 the upper half
 * of a binary32. Both round to the nearest value, ties to even.
 */

/** The FP16 bit pattern nearest to a number: infinity beyond 65,520, a signed zero below 2⁻²⁵. */
export function toFloat16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  // Subnormal, in steps of 2⁻²⁴; one that rounds up to 2¹⁰ is the smallest normal number, bit for bit.
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = exponentOf(size);
  // A fraction that rounds up to 2¹¹ carries into the exponent, as it should.
  return sign | (((exponent + 15) << 10) + roundToEven(size * 2 ** (10 - exponent)) - 0x400);
}

/** The number that an FP16 bit pattern stands for. */
export function fromFloat16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

/** The BF16 bit pattern nearest to a number, which is rounded to FP32 first. */
export function toBfloat16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  float32[0] = value;
  const bits = float32Bits[0] ?? 0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The number that a BF16 bit pattern stands for. */
export function fromBfloat16Bits(bits: number): number {
  float32Bits[0] = bits << 16;
  return float32[0] ?? 0;
}

const float32 = new Float32Array(1);
const float32Bits = new Uint32Array(float32.buffer);
const float64 = new Float64Array(1);
const float64Words = new Uint32Array(float64.buffer);

/** Of a positive, normal number, without the bias; little-endian, as tensors are. */
function exponentOf(size: number): number {
  float64[0] = size;
  return ((float64Words[1] ?? 0) >>> 20) - 1023;
}

/** Below 2⁵¹: adding 2⁵² leaves no bit for a fraction, and the processor rounds ties to even. */
function roundToEven(value: number): number {
  return value + 2 ** 52 - 2 ** 52;
}
