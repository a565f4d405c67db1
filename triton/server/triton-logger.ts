/** The part of a pino logger that the server uses. */
export type TritonLogger = {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
};
