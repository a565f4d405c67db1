import { TextFormatError } from './text-format-error.ts';
import { unescapeString } from './unescape-string.ts';

/** `offset` is the place in the text, for messages. A string's bytes are unescaped; several strings in a row stay several. */
export type Token =
  | { readonly kind: 'word' | 'number' | 'mark' | 'end'; readonly text: string; readonly offset: number }
  | { readonly kind: 'string'; readonly text: string; readonly bytes: Uint8Array; readonly offset: number };

const patterns = {
  blank: /(?:\s|#[^\n]*)+/y,
  word: /[A-Za-z_][A-Za-z0-9_]*/y,
  // Hexadecimal and octal before decimal; a letter may not follow a number without a blank.
  number: /(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?)(?![A-Za-z0-9_.])/y,
  mark: /[{}<>[\]:;,-]/y,
  string: /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'/y,
} as const;

/**
 * Tokens of protobuf's text format (https://protobuf.dev/reference/protobuf/textformat-spec/), ending with one of kind `end`.
 * @throws TextFormatError at the first place that begins no token
 */
export function* tokenize(text: string): Generator<Token> {
  let offset = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    const matched = pattern.exec(text)?.[0];
    offset += matched?.length ?? 0;
    return matched;
  };
  for (;;) {
    take(patterns.blank);
    const start = offset;
    if (start === text.length) break;
    const word = take(patterns.word);
    const number = word === undefined ? take(patterns.number) : undefined;
    const mark = word === undefined && number === undefined ? take(patterns.mark) : undefined;
    if (word !== undefined) yield { kind: 'word', text: word, offset: start };
    else if (number !== undefined) yield { kind: 'number', text: number, offset: start };
    else if (mark !== undefined) yield { kind: 'mark', text: mark, offset: start };
    else {
      const quoted = take(patterns.string);
      if (quoted === undefined) throw new TextFormatError(text, start, unexpected(text, start));
      const bytes = unescapeString(quoted.slice(1, -1), (at, problem) => {
        throw new TextFormatError(text, start + 1 + at, problem);
      });
      yield { kind: 'string', text: quoted, bytes, offset: start };
    }
  }
  yield { kind: 'end', text: 'the end of the text', offset };
}

function unexpected(text: string, offset: number): string {
  const character = text[offset] ?? '';
  if (character === '"' || character === "'") return 'a string has no closing quote on its line';
  if (/[\d.]/.test(character)) return `not a number: ${JSON.stringify(/[\w.]+/y.exec(text.slice(offset))?.[0])}`;
  return `unexpected character ${JSON.stringify(character)}`;
}
