import { z } from 'zod';

/** A number in a query string; an empty one is no zero. */
export function queryNumber<T extends z.ZodType>(schema: T) {
  return z.preprocess(value => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), schema);
}
