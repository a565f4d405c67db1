import type { InferenceCore } from '../inference-core.ts';
import type { LogValue } from '../log-settings.ts';
import { StatusError } from '../status-error.ts';
import type { SettingValues } from '../trace-settings.ts';
import { type HttpReply, jsonReply } from './http-reply.ts';
import { asArray, asBoolean, asString, asUnsigned, findMember } from './json/json-value.ts';
import { type JsonValue, parseJson } from './json/parse-json.ts';
import type { HttpRequest, Route } from './route.ts';

/** Triton's logging and trace extensions: GET reads, POST sets what it names and reads. */
export function settingsRoutes({ logSettings, traceSettings }: InferenceCore): Route[] {
  const json = { methods: ['GET', 'POST'], errorType: 'application/json' } as const;
  const trace = async (model: string, request: HttpRequest): Promise<HttpReply> => {
    // An unknown model is told before what is sent is read.
    traceSettings.update({}, model);
    const settings = request.method === 'GET' ? {} : traceValues(parseJson(await request.body()));
    return jsonReply(traceJson(traceSettings.update(settings, model)));
  };
  return [
    {
      ...json,
      path: /^\/v2\/logging$/,
      async answer(_groups, { method, body }) {
        const settings = method === 'GET' ? {} : logValues(parseJson(await body()));
        return jsonReply(JSON.stringify(logSettings.update(settings)));
      },
    },
    { ...json, path: /^\/v2\/trace\/setting$/, answer: (_groups, request) => trace('', request) },
    {
      ...json,
      path: /^\/v2\/models\/([^/]+)\/trace\/setting$/,
      answer: ([model = ''], request) => trace(model, request),
    },
  ];
}

/** Null leaves a setting as it is. */
function logValues(sent: JsonValue): Record<string, LogValue> {
  const readers: Readonly<Record<string, (value: JsonValue) => LogValue>> = {
    // Never set over the network, whatever it is.
    log_file: () => '',
    log_info: asBoolean,
    log_warning: asBoolean,
    log_error: asBoolean,
    log_verbose_level: value => Number(BigInt.asUintN(32, asUnsigned(value))),
    log_format: asLogFormat,
  };
  const given = Object.keys(readers).flatMap(name => {
    const value = findMember(sent, name) ?? null;
    const read = readers[name];
    return value === null || read === undefined ? [] : [[name, read(value)] as const];
  });
  return Object.fromEntries(given);
}

/** With a status and words that gRPC does not have. */
function asLogFormat(value: JsonValue): string {
  const format = asString(value);
  if (format === 'default' || format === 'ISO8601') return format;
  throw new StatusError('UNAVAILABLE', `invalid argument for --log_format, got: ${format}`);
}

/** Null gives a setting its default back. */
function traceValues(sent: JsonValue): SettingValues {
  const readers: Readonly<Record<string, (value: JsonValue) => string[]>> = {
    // Never set over the network, whatever it is.
    trace_file: () => [],
    trace_level: value => asArray(value).map(level => asString(level)),
    trace_rate: value => [asString(value)],
    trace_count: value => [asString(value)],
    log_frequency: value => [asString(value)],
  };
  const given = Object.keys(readers).flatMap(name => {
    const value = findMember(sent, name);
    return value === undefined ? [] : [[name, value === null ? [] : (readers[name]?.(value) ?? [])] as const];
  });
  return Object.fromEntries(given);
}

/** Levels are a list, every other setting is one text. */
function traceJson(settings: SettingValues): string {
  const members = Object.entries(settings).map(([name, values]) => [name, name === 'trace_level' ? values : values[0]]);
  return JSON.stringify(Object.fromEntries(members));
}
