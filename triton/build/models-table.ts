import Table from 'cli-table3';
import type { ModelState } from './inspect-model.ts';
import type { KnownModel } from './registry/known-model.ts';
import type { SourcePlace, Sources } from './sources/source.ts';

export type ListedModel = { readonly model: KnownModel; readonly state: ModelState };

/** The table of `npm run models`, and below it why each model is cleared for commercial use or not. */
export function renderModelsTable(listed: readonly ListedModel[], sources: Sources): string {
  const table = new Table({
    head: ['model', 'purpose', 'sources, in order', 'licence', 'commercial', 'size', 'installed'],
    colWidths: [17, 19, 29, 15, 12, 9, 11],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { model, state } of listed) {
    const near = model.places.filter(place => sources.has(place));
    // What only a mirror has says so, where none is configured.
    const places = near.length > 0 ? near : model.places;
    table.push([
      model.name,
      model.purpose,
      places.map(place => `${place.kind}: ${shortPlace(place, sources)}`).join('\n'),
      model.licence,
      model.commercial ? 'cleared' : 'no',
      sizeOf(model, state),
      describe(state),
    ]);
  }
  const notes = listed.map(({ model }) => `${model.name}: ${model.commercialNote}`);
  return `${table.toString()}\n\nCommercial use:\n${notes.map(note => `  ${note}`).join('\n')}\n`;
}

/** The same for programs. */
export function toModelJson({ model, state }: ListedModel, sources: Sources): object {
  const { name, kind, purpose, licence, commercial, commercialNote: commercial_note, places } = model;
  return {
    ...{ name, kind, purpose, licence, commercial, commercial_note },
    state: state.state,
    reason: 'reason' in state ? state.reason : null,
    sources: places.map(place => ({
      kind: place.kind,
      location: sources.locate(place),
      available: sources.has(place),
    })),
  };
}

function describe(state: ModelState): string {
  if (state.state === 'ready') return 'yes';
  return state.state === 'absent' ? 'no' : state.state;
}

/** Where a word of the column still ends: the commit stands in the card. */
function shortPlace(place: SourcePlace, sources: Sources): string {
  return place.kind === 'https' || place.kind === 'release' ? place.repository : sources.locate(place);
}

/** What the model takes on this disk, or what has to be fetched for it. */
function sizeOf(model: KnownModel, state: ModelState): string {
  const files = state.state === 'ready' || state.state === 'outdated' ? state.card.files : model.weights;
  return `${(files.reduce((sum, file) => sum + file.bytes, 0) / 1e6).toFixed(1)} MB`;
}
