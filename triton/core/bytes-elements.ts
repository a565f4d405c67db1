/** Bytes before each element of a BYTES tensor: its length, unsigned and little-endian. */
const lengthBytes = 4;

/** The raw form of a BYTES tensor: each element with its length before it. */
export function encodeBytesElements(elements: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(elements.reduce((sum, { length }) => sum + lengthBytes + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const element of elements) {
    view.setUint32(at, element.length, true);
    bytes.set(element, at + lengthBytes);
    at += lengthBytes + element.length;
  }
  return bytes;
}

/**
 * The elements of a raw BYTES tensor, as views.
 * @throws RangeError when a length or an element ends beyond the bytes
 */
export function decodeBytesElements(bytes: Uint8Array): Uint8Array[] {
  const elements: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = elementEnd(bytes, at, elements.length);
    elements.push(bytes.subarray(at + lengthBytes, end));
    at = end;
  }
  return elements;
}

/**
 * Where the `count` elements end that begin at `from`: elements have no size in common, so rows have to be walked.
 * @throws RangeError when there are fewer
 */
export function skipBytesElements(bytes: Uint8Array, from: number, count: number): number {
  let at = from;
  for (let index = 0; index < count; index++) at = elementEnd(bytes, at, index);
  return at;
}

function elementEnd(bytes: Uint8Array, at: number, index: number): number {
  const rest = bytes.length - at;
  if (rest < lengthBytes)
    throw new RangeError(`element ${index}: expected ${lengthBytes} bytes of length, got ${rest}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset + at, lengthBytes).getUint32(0, true);
  if (length > rest - lengthBytes) {
    throw new RangeError(`element ${index}: expected ${length} bytes, got ${rest - lengthBytes}`);
  }
  return at + lengthBytes + length;
}
