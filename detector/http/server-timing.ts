import { type FindSeconds, type FindStage, findStages } from '../face-finder.ts';

/** No photo is looked at for longer. */
const maxMs = 3_600_000;

/** Seconds by stage as a `Server-Timing` header: `decode;dur=12.3, detect;dur=80.1`, in milliseconds (https://www.w3.org/TR/server-timing/). */
export function encodeServerTiming(seconds: FindSeconds): string {
  const entries = findStages.flatMap(stage => {
    const value = seconds[stage];
    return value === undefined ? [] : [`${stage};dur=${(value * 1000).toFixed(3)}`];
  });
  return entries.join(', ');
}

/** What `encodeServerTiming` wrote. Whatever else a header holds is passed over: other servers on the way may add to it. */
export function decodeServerTiming(header: string | null): FindSeconds {
  const seconds: Partial<Record<FindStage, number>> = {};
  for (const entry of (header ?? '').slice(0, 1024).split(',')) {
    const [, name, text] = /^\s*(\w+);dur=(\d{1,8}(?:\.\d{1,6})?)\s*$/.exec(entry) ?? [];
    const stage = findStages.find(known => known === name);
    const ms = Number(text);
    if (stage !== undefined && ms <= maxMs) seconds[stage] = ms / 1000;
  }
  return seconds;
}
