import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelConfigSchema } from '../../../proto/gen/model_config_pb.ts';
import { parseTextFormat } from '../../../triton/server/text-format/parse-text-format.ts';
import { TextFormatError } from '../../../triton/server/text-format/text-format-error.ts';
import { fixtureModels } from '../../contract/triton/fixture-repository.ts';
import { fuzz, resultOr } from '../fuzz.ts';
import { mutated } from '../mutate.ts';

const unusual = `
  # Every kind of value.
  name: 'a\\x41\\101\\u00e9\\U0001F600' "joined"  max_batch_size: 0x10
  version_policy < specific { versions: [ 1, 2, 0o7 ] } >
  instance_group [ { count: -1 kind: KIND_CPU gpus: [ ] rate_limiter { resources [ { name: "r" count: 1 } ] } } ]
  parameters { key: "k" value: { string_value: "{\\"json\\": true}" } }
  metric_tags [ { key: "" value: "" } ]; dynamic_batching { priority_queue_policy { key: 18446744073709551615 value { } } }
  optimization { execution_accelerators { gpu_execution_accelerator { name: "t" parameters { key: "p" value: "v" } } } }
  model_warmup [ { name: "w" inputs { key: "I" value { data_type: TYPE_FP32 dims: 1 random_data: true } } } ]
  sequence_batching { direct { minimum_slot_utilization: 1.5e-3f } }
`;
const configs = [...Object.values(fixtureModels).map(({ config }) => config), unusual].map(text => Buffer.from(text));

async function parses(text: string): Promise<void> {
  const isOurs = (error: unknown): error is TextFormatError => error instanceof TextFormatError;
  const parsed = await resultOr(() => parseTextFormat(ModelConfigSchema, text), isOurs);
  if (parsed instanceof TextFormatError) expect(parsed.message).toMatch(/^\d+:\d+: ./);
}

test('a damaged config.pbtxt is parsed or refused at a place', async () => {
  await fuzz(mutated(configs), file => parses(Buffer.from(file).toString('utf8')));
});

test('any sequence of the format’s pieces is parsed or refused at a place', async () => {
  const words = Buffer.concat(configs)
    .toString()
    .split(/\s+|(?=[[\]{}<>:;,])|(?<=[[\]{}<>:;,])/);
  const pieces = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 4 }), fc.double().map(String));
  await fuzz(fc.array(pieces, { maxLength: 60 }), parts => parses(parts.join(' ')));
});
