import { isUtf8 } from 'node:buffer';
import { StatusError } from '../status-error.ts';

const lengthBytes = 4;

/**
 * Walks the elements of a raw BYTES tensor as a real Triton 2.51 does, with its texts, and looks that each is UTF-8
 * without NUL: ONNX Runtime's JavaScript binding takes text, and would cut it off at a NUL. NVIDIA Triton takes any bytes.
 * @param count elements that the shape holds
 * @param refuse throws with the request's id before the text; an element without all its bytes is told without it
 * @throws StatusError `INVALID_ARGUMENT`
 */
export function checkStrings(
  data: Uint8Array,
  count: bigint,
  inputName: string,
  modelName: string,
  refuse: (text: string) => never,
): void {
  const input = `inference input '${inputName}'`;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let found = 0;
  let at = 0;
  for (; data.length - at >= lengthBytes; found += 1) {
    if (found >= count) {
      refuse(
        `unexpected number of string elements ${found + 1} for ${input} for model '${modelName}', expecting ${count}`,
      );
    }
    const length = view.getUint32(at, true);
    at += lengthBytes;
    if (length > data.length - at) {
      throw new StatusError(
        'INVALID_ARGUMENT',
        `incomplete string data for ${input}, expecting string of length ${length} but only ${data.length - at} bytes available`,
      );
    }
    if (!isText(data.subarray(at, at + length))) {
      refuse(
        `string element ${found} for ${input} for model '${modelName}': expected UTF-8 without NUL, which is all that the embedded server's strings hold: use NVIDIA Triton for other bytes`,
      );
    }
    at += length;
  }
  if (at < data.length) {
    refuse(
      `incomplete string length indicator for ${input} for model '${modelName}', expecting ${lengthBytes} bytes but only ${data.length - at} bytes available. Please make sure the string length indicator is in one buffer.`,
    );
  }
  if (BigInt(found) !== count)
    refuse(`expected ${count} string elements for ${input} for model '${modelName}', got ${found}`);
}

function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
