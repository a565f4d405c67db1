import os from 'node:os';

/** The machine of a measurement, in one line. */
export function machine(): string {
  const cpu = os.cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  return `${os.availableParallelism()} cores of ${cpu} · ${memory} · Node ${process.version} · ${os.type()} ${os.release()}`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`);
}

export function fixed(value: number, digits = 0): string {
  return value.toFixed(digits);
}
