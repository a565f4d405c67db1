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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const rest = bytes.length - at;
    if (rest < lengthBytes) {
      throw new RangeError(`element ${elements.length}: expected ${lengthBytes} bytes of length, got ${rest}`);
    }
    const length = view.getUint32(at, true);
    at += lengthBytes;
    if (length > bytes.length - at) {
      throw new RangeError(`element ${elements.length}: expected ${length} bytes, got ${bytes.length - at}`);
    }
    elements.push(bytes.subarray(at, at + length));
    at += length;
  }
  return elements;
}
