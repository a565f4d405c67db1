import { modelDir } from '../../../triton/build/model-folders.ts';
import { findKnownModel } from '../../../triton/build/registry/known-models.ts';
import { readCard } from '../../../triton/card.ts';
import { besideOf, isBeside, mainOf } from '../../store/beside-name.ts';
import { createStore } from '../../store/create-store.ts';
import { inspectDatabase } from '../../store/inspect-database.ts';
import type { GalleryModel, GallerySummary } from '../../store/store.ts';
import { embedderModelOf } from '../../triton-embedder.ts';
import { askOwnService } from '../ask-own-service.ts';
import { type CheckContext, type Finding, fault, ok, reasonOf, warning } from '../finding.ts';
import { whyNotWritable } from '../why-not-writable.ts';

const check = 'store';

/** Whether the galleries can be opened, and hold the configured model's vectors. */
export async function checkStore(context: CheckContext): Promise<Finding[]> {
  const model = await configuredModel(context);
  return context.config.store.kind === 'local'
    ? await localFindings(context, model)
    : await elasticsearchFindings(context, model);
}

async function localFindings(context: CheckContext, model: GalleryModel | null): Promise<Finding[]> {
  const dataDir = context.config.data_dir;
  const found = inspectDatabase(dataDir);
  switch (found.state) {
    case 'absent':
      return [ok(check, 'nobody is enrolled yet: the first start makes the database')];
    case 'locked':
      return [await locked(context)];
    case 'damaged': {
      const remedy = 'Restore it from a backup, or move it away to start anew.';
      return [fault(check, `${found.file} is damaged: ${found.reason}`, remedy)];
    }
    case 'unreadable':
      return [await unreadable(dataDir, found)];
    case 'open':
      return compare(found.galleries, model);
  }
}

/** No advice here to move it away: there may be nothing wrong with it. */
async function unreadable(
  dataDir: string,
  found: { readonly file: string; readonly reason: string },
): Promise<Finding> {
  const { file, reason } = found;
  if ((await whyNotWritable(dataDir)) !== null) {
    const message = `${file} cannot be opened (${reason}), as the folder ${dataDir} cannot be written`;
    return fault(check, message, 'Let the user that runs the service write there; leave the database as it is.');
  }
  const remedy = 'Let the user that runs the service read and write it, and look at its disk; leave it as it is.';
  return fault(check, `${file} cannot be opened: ${reason}`, remedy);
}

async function locked(context: CheckContext): Promise<Finding> {
  const dataDir = context.config.data_dir;
  const { readiness } = await askOwnService(context);
  if (readiness !== null) return ok(check, 'is open in the service that runs, which looks after it itself');
  const remedy = 'Stop that one, or give this one a data_dir of its own.';
  return fault(check, `${dataDir} is in use by another process, and no service answers on api.port`, remedy);
}

async function elasticsearchFindings({ config }: CheckContext, model: GalleryModel | null): Promise<Finding[]> {
  const remedy = 'Look at store.urls, its credentials and ca_file, and at Elasticsearch itself: docs/elasticsearch.md.';
  try {
    const anyModel = model ?? { name: config.models.embedder, fingerprint: '', dimension: 1 };
    const store = await createStore(config, {
      dataDir: config.data_dir,
      model: anyModel,
      logger: { warn: () => {} },
    });
    try {
      const galleries = await store.listGalleries();
      const state = await store.ready();
      if (!state.ok) return [...compare(galleries, model), fault(check, state.reason, remedy)];
      const told = state.degraded === undefined ? [] : [warning(check, state.degraded, remedy)];
      return [...compare(galleries, model), ...told];
    } finally {
      await store.close();
    }
  } catch (error) {
    return [fault(check, `Elasticsearch does not answer: ${reasonOf(error)}`, remedy)];
  }
}

function compare(galleries: readonly GallerySummary[], model: GalleryModel | null): Finding[] {
  if (model === null) {
    const message = 'the galleries are not compared: models.embedder is not installed';
    return [warning(check, message, 'See models.embedder above.')];
  }
  const others = galleries.filter(
    ({ model: { fingerprint }, templates }) => fingerprint !== model.fingerprint && templates > 0,
  );
  const templates = galleries.reduce((sum, gallery) => sum + gallery.templates, 0);
  const sum = ok(check, `${galleries.length} galleries, ${templates} templates`);
  return [sum, ...others.map(gallery => toFinding(gallery, galleries, model))];
}

/** What a gallery of another model means: beside another one it is as it should be. */
function toFinding(gallery: GallerySummary, galleries: readonly GallerySummary[], model: GalleryModel): Finding {
  const holds = `gallery '${gallery.name}' holds ${gallery.templates} templates of ${describe(gallery.model, model)}`;
  if (isBeside(gallery.name)) return ok(check, `${holds}, beside '${mainOf(gallery.name)}'`);
  const beside = galleries.find(({ name }) => name === besideOf(gallery.name));
  const remedy =
    beside?.model.fingerprint === model.fingerprint
      ? `Switch to '${beside.name}', which holds the configured model's: \`npm run gallery -- switch\` (docs/changing-the-model.md).`
      : `Set models.embedder to ${gallery.model.name}, carry the gallery over (docs/changing-the-model.md), take another data_dir, or ` +
        'erase that gallery and enrol again.';
  return fault(check, `${holds}, which the configured model cannot compare`, remedy);
}

function describe(theirs: GalleryModel, ours: GalleryModel): string {
  return theirs.name === ours.name ? `another build of ${theirs.name}` : theirs.name;
}

async function configuredModel({ config, models }: CheckContext): Promise<GalleryModel | null> {
  try {
    const known = findKnownModel(config.models.embedder);
    const { name, fingerprint, dimension } = embedderModelOf(await readCard(modelDir(known, models)));
    return { name, fingerprint, dimension };
  } catch {
    // Said where the models are looked at.
    return null;
  }
}
