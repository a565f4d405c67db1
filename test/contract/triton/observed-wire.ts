import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type DescMessage,
  type DescMethod,
  type DescMethodUnary,
  type JsonValue,
  type Message,
  type MessageShape,
  toJson,
} from '@bufbuild/protobuf';
import { GRPCInferenceService } from '../../../proto/gen/grpc_service_pb.ts';
import { parseTextFormat } from '../../../triton/server/text-format/parse-text-format.ts';

/** One unary call that a real Triton 2.51 was asked, and what it answered. */
export type ObservedCall = {
  readonly section: string;
  readonly title: string;
  readonly method: DescMethodUnary;
  readonly request: Message;
  readonly answer: { readonly json: JsonValue } | { readonly code: string; readonly text: string };
};

const file = path.resolve(import.meta.dirname, '../../../../shared/services/triton/observed-wire.md');

/** The record of a real server, beside the checkout; null where it is absent. */
export const observedWire: string | null = existsSync(file) ? readFileSync(file, 'utf8') : null;

/**
 * The calls of such a record, in its order: a heading, a request and a response or an error, each in protobuf's text format. Calls that were
 * written down in another way, or shortened by `…`, are left out.
 */
export function parseObservedWire(text: string): ObservedCall[] {
  return text.split(/^## /m).flatMap(part => {
    const [section = '', ...calls] = part.split(/^### /m);
    return calls.flatMap(call => parseCall(section.split('\n')[0] ?? '', call));
  });
}

const unaryMethods = GRPCInferenceService.methods.filter(isUnary);

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === 'unary';
}

function parseCall(section: string, text: string): ObservedCall[] {
  const title = text.split('\n')[0] ?? '';
  const asked = /^Request `(\w+)`:\n```\n(.*?)```/ms.exec(text);
  const answered = /^Response OK `(\w+)`.*?:\n```\n(.*?)```/ms.exec(text);
  const refused = /^Error: code `(\w+)`.*?:\n```\n(.*?)\n```/ms.exec(text);
  const method = unaryMethods.find(({ input }) => input.name === asked?.[1]);
  if (!asked || method === undefined || `${asked[2]}${answered?.[2]}`.includes('…')) return [];
  const request = parse(method.input, asked[2]!);
  const call = { section, title, method, request };
  if (refused) return [{ ...call, answer: { code: refused[1]!, text: refused[2]! } }];
  return answered ? [{ ...call, answer: { json: toJson(method.output, parse(method.output, answered[2]!)) } }] : [];
}

function parse<Desc extends DescMessage>(descriptor: Desc, text: string): MessageShape<Desc> {
  return parseTextFormat(descriptor, text.replace('(empty message)', ''));
}
