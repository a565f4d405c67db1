/** A line that is longer than allowed; what is behind it cannot be told from it. */
export class LineTooLong extends Error {
  constructor(line: number, maxBytes: number) {
    super(`line ${line}: expected at most ${maxBytes} bytes, got more`);
    this.name = 'LineTooLong';
  }
}

const newline = 0x0a;

/**
 * The lines of a stream of bytes, without their ends and each with its number, from 1. The last one needs no end. No more than one line
 * and one chunk are held.
 * @throws LineTooLong
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<{ readonly line: number; readonly bytes: Uint8Array }> {
  let line = 1;
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (part: Uint8Array): void => {
    length += part.length;
    if (length > maxBytes) throw new LineTooLong(line, maxBytes);
    parts.push(part);
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      take(chunk.subarray(from, end));
      yield { line, bytes: Buffer.concat(parts, length) };
      [line, parts, length, from] = [line + 1, [], 0, end + 1];
    }
    if (from < chunk.length) take(chunk.subarray(from));
  }
  if (length > 0) yield { line, bytes: Buffer.concat(parts, length) };
}
