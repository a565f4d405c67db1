import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { examples } from './examples.ts';

/** The routes about the service itself. */
export const serviceDocs = {
  models: {
    operationId: 'models',
    summary: 'What is installed',
    description: 'Licences, measured thresholds, and whether each can work now.',
    replies: { 200: { description: 'The models.', content: { 'application/json': { examples: examples.models } } } },
    errors: ['DEADLINE'],
  },
  health: {
    operationId: 'health',
    summary: 'The process answers',
    replies: { 200: { description: 'It does.', content: { 'application/json': { examples: examples.alive } } } },
    errors: [],
  },
  ready: {
    operationId: 'ready',
    summary: 'Photos can be answered',
    replies: {
      200: { description: 'They can.', content: { 'application/json': { examples: examples.ready } } },
      503: { description: 'What is missing.', content: { 'application/json': { examples: examples.notReady } } },
    },
    errors: [],
  },
} satisfies Record<string, RouteDoc>;
