export type HttpCase = {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | Uint8Array | object;
  readonly status: number;
  readonly type: 'application/json' | 'application/octet-stream' | 'text/plain';
  /** The body as a real Triton 2.51 gave it, whole; an object is compared as JSON. */
  readonly answer: string | object;
};

/** Little-endian float32 bytes of 1, 2, 3, …. */
export function ones(count: number): Buffer {
  return Buffer.from(Float32Array.from({ length: count }, (_, index) => index + 1).buffer);
}

/** Models of `fixture-repository.ts`. Their `identity` takes FP32 [n,4]. */
export const input = (more: object = {}): object => ({
  name: 'INPUT0',
  datatype: 'FP32',
  shape: [1, 4],
  data: [1, 2, 3, 4],
  ...more,
});

export const output = (more: object = { data: [1, 2, 3, 4] }): object => ({
  name: 'OUTPUT0',
  datatype: 'FP32',
  shape: [1, 4],
  ...more,
});

export const answerOf = (outputs: object[] = [output()], more: object = {}): object => ({
  ...more,
  model_name: 'identity',
  model_version: '1',
  outputs,
});

export const inferPath = '/v2/models/identity/infer';

export const refusal = (name: string, body: HttpCase['body'], status: number, error: string): HttpCase => ({
  name,
  path: inferPath,
  body,
  status,
  type: 'application/json',
  answer: { error },
});

/** JSON with bytes behind it, and the header that says where they begin. */
export function withBinary(request: object, data: Uint8Array, length?: string): Pick<HttpCase, 'body' | 'headers'> {
  const head = Buffer.from(JSON.stringify(request));
  return {
    body: Buffer.concat([head, data]),
    headers: { 'Inference-Header-Content-Length': length ?? String(head.length) },
  };
}

export const noElements = {
  model_name: 'int32',
  model_version: '1',
  outputs: [{ name: 'OUT', datatype: 'INT32', shape: [1, 0], data: [] }],
};
