import type { InferParameter } from '../../../proto/gen/grpc_service_pb.ts';
import { StatusError } from '../status-error.ts';

type Choice = InferParameter['parameterChoice']['case'];

/** The parameters that Triton knows, with the kinds of value it takes and how it names them. */
const known: Readonly<Record<string, { readonly kinds: readonly Choice[]; readonly expected: string }>> = {
  sequence_id: { kinds: ['int64Param', 'stringParam'], expected: 'int64_param or string_param' },
  sequence_start: { kinds: ['boolParam'], expected: 'bool_param' },
  sequence_end: { kinds: ['boolParam'], expected: 'bool_param' },
  priority: { kinds: ['int64Param', 'uint64Param'], expected: 'int64_param or uint64_param' },
  timeout: { kinds: ['int64Param'], expected: 'int64_param' },
  triton_enable_empty_final_response: { kinds: ['boolParam'], expected: 'bool_param' },
};

/**
 * Refuses request parameters that Triton refuses. Others are accepted and have no effect here: no served model has
 * sequences or priorities, and parameters of one's own reach no ONNX model.
 * @throws StatusError `INVALID_ARGUMENT`
 */
export function checkParameters(parameters: Readonly<Record<string, InferParameter>>): void {
  for (const [key, { parameterChoice }] of Object.entries(parameters)) {
    const rule = Object.hasOwn(known, key) ? known[key] : undefined;
    if (rule === undefined && key.startsWith('triton_')) {
      throw new StatusError(
        'INVALID_ARGUMENT',
        "parameter keys starting with 'triton_' are reserved for Triton usage. Only the following keys starting with 'triton_' are allowed: triton_enable_empty_final_response",
      );
    }
    const isAccepted =
      rule === undefined ? parameterChoice.case !== undefined : rule.kinds.includes(parameterChoice.case);
    if (isAccepted) continue;
    const expected = rule?.expected ?? 'int64_param, bool_param, or string_param';
    throw new StatusError('INVALID_ARGUMENT', `invalid value type for '${key}' parameter, expected ${expected}.`);
  }
}
