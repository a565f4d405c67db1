/** A value out of its bounds, and which of those that were given it is: `name`, `consent.expires`. */
export class FieldError extends RangeError {
  readonly field: string;
  readonly expected: string;

  constructor(field: string, expected: string) {
    super(`${field}: ${expected}`);
    this.name = 'FieldError';
    this.field = field;
    this.expected = expected;
  }
}
