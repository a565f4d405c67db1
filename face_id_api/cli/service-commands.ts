import type { ListedCommand } from './run-program.ts';
import type { CliDeps } from './service-command.ts';

/** The commands that ask a running service, in the order of the help. */
export function serviceCommands(deps: CliDeps): Readonly<Record<string, ListedCommand>> {
  return {
    infer: {
      summary: 'say who is in photos',
      load: async () => (await import('./infer-command.ts')).createInferCommand(deps),
    },
    enrol: {
      summary: 'enrol a person from photos, or a folder of people',
      load: async () => (await import('./enrol-command.ts')).createEnrolCommand(deps),
    },
    verify: {
      summary: 'say whether two photos show the same person',
      load: async () => (await import('./verify-command.ts')).createVerifyCommand(deps),
    },
    identities: {
      summary: 'list, look up, correct and erase who is enrolled',
      load: async () => (await import('./identities-command.ts')).createIdentitiesCommand(deps),
    },
    review: {
      summary: 'list who may be enrolled twice, and unknown faces; settle them',
      load: async () => (await import('./review-command.ts')).createReviewCommand(deps),
    },
  };
}
