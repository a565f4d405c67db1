import type { IncomingHttpHeaders } from 'node:http';
import type { ModelInferResponse } from '../../../proto/gen/grpc_service_pb.ts';
import type { InferenceCore } from '../inference-core.ts';
import { StatusError } from '../status-error.ts';
import { acceptedCompression, compress, decompress, isCompressed, largestInflation } from './content-coding.ts';
import { errorReply, type HttpReply, statusReply } from './http-reply.ts';
import { type ParsedInferRequest, parseInferRequest } from './infer-request.ts';
import { inferReply } from './infer-response.ts';
import { rawInferRequest } from './raw-request.ts';
import { modelPath, type Route } from './route.ts';

/** `POST …/infer`. `maxBodyBytes` bounds what a body decompresses to, and every tensor in it. */
export function inferRoute(core: InferenceCore, maxBodyBytes: number): Route {
  return {
    path: modelPath('/infer'),
    methods: ['POST'],
    errorType: 'text/plain',
    async answer([model = '', version = ''], { headers, body, signal, hold }) {
      // Whether there is such a model is told before its request is read.
      const config = core.modelConfig(model, version);
      const compressed = isCompressed(headers);
      if (compressed === undefined) return unsupportedCompression();
      const sent = await body();
      if (compressed) hold.take(Math.min(sent.length * largestInflation, maxBodyBytes));
      const bytes = compressed ? await decompress(sent, maxBodyBytes) : sent;
      const headerLength = inferenceHeaderLength(headers, bytes.length);
      let parsed: ParsedInferRequest | undefined;
      let response: ModelInferResponse;
      try {
        parsed =
          headerLength === 0
            ? rawInferRequest(config, version, bytes)
            : parseInferRequest({ model, version, bytes, headerLength, maxTensorBytes: maxBodyBytes });
        // Its queue counts the inputs.
        hold.giveBack();
        response = await core.infer(parsed.request, signal);
      } catch (error) {
        // A model's own failure is text to Triton, a request's is JSON.
        const isRefusal = error instanceof StatusError && (parsed === undefined || error.code !== 'INTERNAL');
        if (isRefusal) return statusReply(error, 'application/json');
        throw error;
      }
      return await encodeReply(inferReply(response, parsed.isBinary), headers);
    },
  };
}

function unsupportedCompression(): HttpReply {
  const reply = errorReply(501, 'Unsupported compression type', 'text/plain');
  return { ...reply, headers: { 'Accept-Encoding': 'gzip, deflate' } };
}

/** Bytes of a body's JSON, read as C's `atoi` reads: all of them where nothing is said, 0 for what is no number. */
function inferenceHeaderLength(headers: IncomingHttpHeaders, bodyLength: number): number {
  const given = headers['inference-header-content-length'];
  if (typeof given !== 'string') return bodyLength;
  const length = Number.parseInt(given, 10) || 0;
  if (length >= 0 && length <= bodyLength) return length;
  throw new StatusError(
    'INVALID_ARGUMENT',
    `inference header size should be in range (0, ${bodyLength}), got: ${given}`,
  );
}

async function encodeReply(reply: HttpReply, headers: IncomingHttpHeaders): Promise<HttpReply> {
  const compression = acceptedCompression(headers);
  if (compression === undefined) return reply;
  return {
    ...reply,
    headers: { ...reply.headers, 'Content-Encoding': compression },
    body: [await compress(reply.body, compression)],
  };
}
