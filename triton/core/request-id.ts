const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text from outside is a request id as our services make them: a UUID in lower case, which tells nothing about anybody. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && uuid.test(value);
}
