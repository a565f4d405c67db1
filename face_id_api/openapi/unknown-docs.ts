import type { RouteDoc } from '../../detector/http/openapi/route-doc.ts';
import { galleryErrors, unwantedBody } from './common-errors.ts';
import { teachingExamples as examples } from './teaching-examples.ts';

const clusterErrors = ['MODEL_MISMATCH', 'OVERLOADED', 'DEADLINE', ...galleryErrors] as const;

/** The routes over faces that nobody was found for. */
export const unknownDocs = {
  listClusters: {
    operationId: 'listClusters',
    summary: 'Unknown faces, in groups that are likely to be one person',
    description:
      'Faces that `/infer` answered with `unknown` by the configured rule, where `unknowns.keep` is set, until `unknowns.days` have ' +
      'passed; with `quality.gate: refuse` without those that fall short. Grouped by average linkage: a group grows as long as the ' +
      'mean cosine between its members reaches the threshold.',
    replies: { 200: { description: 'The groups.', content: { 'application/json': { examples: examples.clusters } } } },
    errors: clusterErrors,
  },
  enrolCluster: {
    operationId: 'enrolCluster',
    summary: 'Enrol a group of unknown faces as one identity',
    description:
      'Beside what the id has. The faces of the group are unknown no more, those that become no templates are erased.',
    request: { 'application/json': { examples: examples.enrolCluster } },
    replies: {
      200: { description: 'Enrolled.', content: { 'application/json': { examples: examples.enrolledCluster } } },
    },
    errors: ['CLUSTER_NOT_FOUND', 'IDENTITY_FULL', 'CONSENT_REQUIRED', ...clusterErrors, ...unwantedBody],
  },
  deleteCluster: {
    operationId: 'deleteCluster',
    summary: 'Erase a group of unknown faces',
    replies: {
      200: { description: 'Erased.', content: { 'application/json': { examples: examples.deletedUnknowns } } },
    },
    errors: ['CLUSTER_NOT_FOUND', ...clusterErrors, ...unwantedBody],
  },
  deleteUnknowns: {
    operationId: 'deleteUnknowns',
    summary: 'Erase every unknown face of a gallery',
    replies: {
      200: { description: 'Erased.', content: { 'application/json': { examples: examples.deletedUnknowns } } },
    },
    errors: ['CONFIRMATION_REQUIRED', 'OVERLOADED', ...galleryErrors, ...unwantedBody],
  },
} satisfies Record<string, RouteDoc>;
