/** Text that is not a message in protobuf's text format; the message begins with `line:column`. */
export class TextFormatError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(text: string, offset: number, message: string) {
    const before = text.slice(0, offset).split('\n');
    const line = before.length;
    const column = (before.at(-1) ?? '').length + 1;
    super(`${line}:${column}: ${message}`);
    this.name = 'TextFormatError';
    this.line = line;
    this.column = column;
  }
}
