/** Control characters, which move a terminal's cursor or speak to it, and those that turn the direction of writing. */
const unprintable = /\p{Cc}|\p{Bidi_Control}/gu;

/** Text that somebody else wrote, for a terminal: what would not be shown as a character is shown as its number. */
export function printable(text: string): string {
  return text.replace(unprintable, character => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
