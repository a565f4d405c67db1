import { buildApiApp } from '../../face_id_api/app.ts';
import { fakeDeps } from '../api/face_id_api/fake-deps.ts';

/** The OpenAPI document that the API serves at /openapi.json, as it stands in docs/openapi.json. */
export async function apiDocument(): Promise<string> {
  const deps = fakeDeps();
  const app = await buildApiApp(deps);
  try {
    await app.ready();
    return `${JSON.stringify(app.swagger(), null, 1)}\n`;
  } finally {
    await app.close();
    await deps.store.close();
  }
}
