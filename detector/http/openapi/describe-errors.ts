import { type ErrorCode, errorTable } from '../../errors.ts';
import { problemExample } from './problem-examples.ts';

const requestId = { description: 'Finds the request in the log.', schema: { type: 'string' } };
const retryAfter = { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } };
const scheme = { description: 'How a key is sent (RFC 9110).', schema: { type: 'string' } };
const headersOf: Readonly<Record<number, object>> = {
  401: { 'www-authenticate': scheme },
  429: { 'retry-after': retryAfter },
  503: { 'retry-after': retryAfter },
};

/** Any request can be wrong, and any can meet a fault of ours, or our end. */
const everywhere: readonly ErrorCode[] = ['INVALID_REQUEST', 'INTERNAL', 'SHUTTING_DOWN'];

/** The responses of a route that answers with these codes: one problem document per status, an example per code. */
export function describeErrors(codes: readonly ErrorCode[]): Record<string, object> {
  const all = [...new Set([...everywhere, ...codes])];
  const byStatus = Object.groupBy(all, code => errorTable[code].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes = []]) => [status, errorResponse(Number(status), codes)]),
  );
}

function errorResponse(status: number, codes: readonly ErrorCode[]): object {
  const here = { properties: { status: { const: status }, code: { enum: codes } } };
  const examples = Object.fromEntries(codes.map(code => [code, { value: problemExample(code) }]));
  return {
    description: codes.map(code => `\`${code}\`: ${errorTable[code].title}`).join('\n\n'),
    headers: { 'x-request-id': requestId, ...headersOf[status] },
    content: {
      'application/problem+json': { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, here] }, examples },
    },
  };
}
