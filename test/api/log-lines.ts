import { type Logger, pino } from 'pino';

/** A logger at its most talkative, and everything that it was told. */
export function createLogLines(): { readonly logger: Logger; text(): string; lines(): Record<string, unknown>[] } {
  const written: string[] = [];
  const logger = pino({ level: 'trace' }, { write: line => void written.push(line) });
  return {
    logger,
    text: () => written.join(''),
    lines: () => written.map(line => JSON.parse(line)),
  };
}
