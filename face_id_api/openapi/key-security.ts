import type { FastifyContextConfig } from 'fastify';
import type { OpenApiInfo, RouteSecurity } from '../../detector/http/openapi/register-openapi.ts';

/** The two ways in which a key is sent. */
export const keySecuritySchemes: OpenApiInfo['securitySchemes'] = {
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'A key of `face-id keys add`.' },
  bearer: { type: 'http', scheme: 'bearer', description: 'The same key, as `Authorization: Bearer`.' },
};

/**
 * What a route wants of who asks, and how it says no. Without any key configured everything is open, and pages of other sites are refused.
 */
export function securityOf({ scope }: FastifyContextConfig): RouteSecurity {
  if (scope === undefined || scope === 'open') return { security: [], errors: [] };
  return {
    security: [{ apiKey: [scope] }, { bearer: [scope] }],
    errors: ['UNAUTHENTICATED', 'FORBIDDEN', 'FORBIDDEN_HOST', 'FORBIDDEN_ORIGIN', 'RATE_LIMITED'],
  };
}
