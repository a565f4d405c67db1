import { fromBinary } from '@bufbuild/protobuf';
import { ModelInferResponseSchema } from '../../proto/gen/grpc_service_pb.ts';

/** One request, encoded, and the values of its only output. */
export type WireRequest = { readonly message: Uint8Array; readonly expected: Float32Array };

/** What is wrong with an answer, as a sentence; undefined when it is right. */
export function checkAnswer(
  message: Buffer | undefined,
  expected: Float32Array,
  tolerance: number,
): string | undefined {
  if (message === undefined) return 'the server ended a call without an answer';
  const values = outputValues(message, expected.length);
  if (values === undefined) return `expected ${expected.length} values in the answer, got another message`;
  for (const [index, value] of expected.entries()) {
    const got = values[index] ?? Number.NaN;
    if (!(Math.abs(got - value) <= tolerance)) return `value ${index}: expected ${value}, got ${got}`;
  }
  return undefined;
}

/** The last field of the message where it is the raw output, as servers write it; whatever it says, decoded, elsewhere. */
function outputValues(message: Buffer, count: number): Float32Array | undefined {
  const size = 4 * count;
  const prefix = rawOutputPrefix(size);
  const at = message.length - size;
  if (at >= prefix.length && message.subarray(at - prefix.length, at).equals(prefix))
    return floatsOf(message.subarray(at));
  const [raw] = fromBinary(ModelInferResponseSchema, message).rawOutputContents;
  return raw?.length === size ? floatsOf(raw) : undefined;
}

/** Tag and length of `raw_output_contents`. */
function rawOutputPrefix(size: number): Buffer {
  const bytes = [(ModelInferResponseSchema.field.rawOutputContents.number << 3) | 2];
  for (let rest = size; ; rest >>>= 7) {
    bytes.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) return Buffer.from(bytes);
  }
}

const floatsOf = (bytes: Uint8Array): Float32Array => new Float32Array(new Uint8Array(bytes).buffer);
