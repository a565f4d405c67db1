import type { HttpCase } from './http-case.ts';
import { observedHttpBinary } from './observed-http-binary.ts';
import { observedHttpRequests } from './observed-http-requests.ts';
import { observedHttpRoutes } from './observed-http-routes.ts';

/** What a real Triton 2.51 answers over HTTP, and how; both servers have to give these very answers. */
export const observedHttp: readonly HttpCase[] = [
  ...observedHttpRoutes,
  ...observedHttpRequests,
  ...observedHttpBinary,
];
