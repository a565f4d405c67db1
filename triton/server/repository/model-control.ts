import type { TritonConfig } from '../../config.ts';

/**
 * Who decides what is served, as Triton's --model-control-mode: `none` the repository as it is at the start, `poll` the
 * repository as it changes, `explicit` who asks for loads and unloads.
 */
export type ModelControl =
  | { readonly mode: 'none' }
  | { readonly mode: 'poll'; readonly intervalMs: number }
  /** `loadModels`: at the start; `*` alone: every model of the repository. */
  | { readonly mode: 'explicit'; readonly loadModels: readonly string[] };

type ControlConfig = Pick<TritonConfig, 'model_control_mode' | 'repository_poll_secs' | 'load_models'>;

/** @param needed a model that the product cannot do without: it is loaded at the start, whatever `load_models` names */
export function toModelControl(config: ControlConfig, needed: string): ModelControl {
  const { model_control_mode: mode, repository_poll_secs: pollSecs, load_models: loadModels } = config;
  if (mode === 'none') return { mode };
  if (mode === 'poll') return { mode, intervalMs: pollSecs * 1000 };
  if (isEveryModel(loadModels)) return { mode, loadModels };
  return { mode, loadModels: [...new Set([...loadModels, needed])] };
}

/** Whether a list of models stands for all that there are. */
export function isEveryModel(loadModels: readonly string[]): boolean {
  return loadModels.length === 1 && loadModels[0] === '*';
}
