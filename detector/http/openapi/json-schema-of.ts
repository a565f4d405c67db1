import { z } from 'zod';

/**
 * The JSON Schema 2020-12 of what a client sends or gets by a zod schema, as it stands inside an OpenAPI 3.1 document, which
 * names the dialect once.
 */
export function jsonSchemaOf(schema: z.ZodType): object {
  // `input`, because what is read may have further members.
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', override: simplify });
  return rest;
}

type JsonSchema = {
  additionalProperties?: unknown;
  prefixItems?: readonly unknown[] | undefined;
  minimum?: number | undefined;
  maximum?: number | undefined;
  items?: unknown;
  minItems?: number | undefined;
  maxItems?: number | undefined;
};

/** For zod's `override`: says what a schema means in words that every reader of OpenAPI knows. */
export function simplify({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  // Later versions answer with further members, and clients have to expect them.
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  // The bounds of a double's integers bound nobody's.
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  // n numbers, not a number and a number and …: many generators of clients know no prefixItems.
  const [first, ...others] = jsonSchema.prefixItems ?? [];
  if (first === undefined || !others.every(other => JSON.stringify(other) === JSON.stringify(first))) return;
  delete jsonSchema.prefixItems;
  Object.assign(jsonSchema, { items: first, minItems: others.length + 1, maxItems: others.length + 1 });
}
