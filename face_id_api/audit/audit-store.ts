import type { IdentityPatch } from '../core/identity-fields.ts';
import type { Erased, Gallery, Store } from '../store/store.ts';
import type { Audit, Deed } from './audit.ts';

/**
 * The same store, whose changes are written down. Every operation of a gallery stands here, so that none that is added can be
 * forgotten: the compiler asks whether it is a change.
 */
export function auditStore(store: Store, audit: Audit): Store {
  return {
    gallery: name => auditGallery(store.gallery(name), name, audit),
    createGallery: given =>
      audit.record({ action: 'gallery.make', gallery: given.name, ids: [] }, () => store.createGallery(given)),
    deleteGallery: name =>
      audit.record(
        { action: 'gallery.erase', gallery: name, ids: 'everybody' },
        () => store.deleteGallery(name),
        toDetails,
      ),
    switchBeside: (name, to, options) =>
      audit.record({ action: 'gallery.switch', gallery: name, ids: 'everybody', details: { to } }, () =>
        store.switchBeside(name, to, options),
      ),
    compareBeside: name => store.compareBeside(name),
    listGalleries: () => store.listGalleries(),
    recall: () => store.recall(),
    ready: () => store.ready(),
    close: () => store.close(),
  };
}

function auditGallery(gallery: Gallery, name: string, audit: Audit): Gallery {
  const deed = (action: Deed['action'], ids: Deed['ids'], details: Deed['details'] = {}): Deed => ({
    action,
    gallery: name,
    ids,
    details,
  });
  return {
    describe: () => gallery.describe(),
    search: (...given) => gallery.search(...given),
    get: id => gallery.get(id),
    list: page => gallery.list(page),
    listTemplates: id => gallery.listTemplates(id),
    readTemplate: (...given) => gallery.readTemplate(...given),
    see: days => gallery.see(days),
    listRejections: id => gallery.listRejections(id),
    people: page => gallery.people(page),
    listDistinct: id => gallery.listDistinct(id),
    listUnknowns: since => gallery.listUnknowns(since),
    oldestUnknown: () => gallery.oldestUnknown(),
    // A photo that shows a stranger is no change of anybody's, and there may be many a second.
    keepUnknowns: (...given) => gallery.keepUnknowns(...given),
    put(enrolment) {
      const { id, mode, fields = {}, templates } = enrolment;
      const details = { mode, templates: templates.length, fields: fieldsOf(fields) };
      return audit.record(
        deed('identity.enrol', [id], details),
        () => gallery.put(enrolment),
        ({ templates }) => ({ templates }),
      );
    },
    update: (id, patch) =>
      audit.record(deed('identity.update', [id], { fields: fieldsOf(patch) }), () => gallery.update(id, patch)),
    move(change) {
      const { from, to, toNew, templates, fields = {} } = change;
      const details = { templates: templates.length, split: toNew, fields: fieldsOf(fields) };
      return audit.record(deed('template.move', [from, to], details), () => gallery.move(change));
    },
    merge: (from, into) =>
      audit.record(
        deed('identity.merge', [from, into]),
        () => gallery.merge(from, into),
        ({ templates }) => ({ templates }),
      ),
    removeTemplate: (id, template) =>
      audit.record(deed('template.erase', [id]), () => gallery.removeTemplate(id, template), toDetails),
    remove: id => audit.record(deed('identity.erase', [id]), () => gallery.remove(id), toDetails),
    reject: (id, faces) =>
      audit.record(deed('rejection.add', [id], { faces: faces.length }), () => gallery.reject(id, faces)),
    removeRejection: (id, rejection) =>
      audit.record(deed('rejection.erase', [id]), () => gallery.removeRejection(id, rejection), toDetails),
    setDistinct: (a, b, areTwo) =>
      audit.record(deed(areTwo ? 'identities.distinguish' : 'identities.undistinguish', [a, b]), () =>
        gallery.setDistinct(a, b, areTwo),
      ),
    enrolUnknowns(enrolment, ids) {
      const { id, mode, fields = {}, templates } = enrolment;
      const details = { mode, templates: templates.length, fields: fieldsOf(fields), faces: ids.length };
      return audit.record(
        deed('unknowns.enrol', [id], details),
        () => gallery.enrolUnknowns(enrolment, ids),
        result => ({ templates: result.templates }),
      );
    },
    removeUnknowns: which => audit.record(deed('unknowns.erase', []), () => gallery.removeUnknowns(which), toDetails),
    removeAll: () => audit.record(deed('identities.erase', 'everybody'), () => gallery.removeAll(), toDetails),
    import(records) {
      const ids = records.map(({ id }) => id);
      const details = {
        templates: records.reduce((sum, { templates }) => sum + templates.length, 0),
        rejections: records.reduce((sum, { rejections = [] }) => sum + rejections.length, 0),
      };
      return audit.record(deed('identities.import', ids, details), () => gallery.import(records));
    },
    async *export() {
      await audit.note(deed('gallery.export', 'everybody'));
      yield* gallery.export();
    },
  };
}

/** Which are changed, not to what. */
function fieldsOf(patch: IdentityPatch): string[] {
  return Object.entries(patch).flatMap(([field, value]) => (value === undefined ? [] : field));
}

/** What a receipt says besides the hashes of ids. */
function toDetails({ identities, templates, places }: Erased): NonNullable<Deed['details']> {
  return { identities, templates, places };
}
