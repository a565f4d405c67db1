/** The tensor datatypes of fixed size of the KServe v2 protocol, with the bytes of an element. */
export const datatypeBytes = {
  BOOL: 1,
  UINT8: 1,
  INT8: 1,
  UINT16: 2,
  INT16: 2,
  FP16: 2,
  BF16: 2,
  UINT32: 4,
  INT32: 4,
  FP32: 4,
  UINT64: 8,
  INT64: 8,
  FP64: 8,
} as const;

/** A datatype whose elements all have the same size. */
export type FixedDatatype = keyof typeof datatypeBytes;

/** A datatype of the protocol. An element of BYTES is as long as it says itself (`bytes-elements.ts`). */
export type Datatype = FixedDatatype | 'BYTES';

export function isDatatype(value: string): value is Datatype {
  return value === 'BYTES' || isFixedDatatype(value);
}

export function isFixedDatatype(value: string): value is FixedDatatype {
  return Object.hasOwn(datatypeBytes, value);
}
