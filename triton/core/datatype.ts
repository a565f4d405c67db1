/** The tensor datatypes of the KServe v2 protocol that this project's models use, with their size in bytes. */
export const datatypeBytes = {
  BOOL: 1,
  UINT8: 1,
  INT8: 1,
  UINT16: 2,
  INT16: 2,
  FP16: 2,
  UINT32: 4,
  INT32: 4,
  FP32: 4,
  UINT64: 8,
  INT64: 8,
  FP64: 8,
} as const;

/** A fixed-size datatype of the protocol. BYTES (strings) has no fixed size and is not among them. */
export type Datatype = keyof typeof datatypeBytes;

export function isDatatype(value: string): value is Datatype {
  return Object.hasOwn(datatypeBytes, value);
}
