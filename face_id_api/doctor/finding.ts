import type { DetectorConfig } from '../../detector/config.ts';
import type { InstallOptions } from '../../triton/build/install-model.ts';
import type { ModelsConfig, TritonConfig } from '../../triton/config.ts';
import { systemErrorText } from '../cli/system-error.ts';
import type { ApiConfig, EncryptionConfig, StoreConfig } from '../config.ts';

/** One thing that was looked at, and what to do where it is not as it should be. */
export type Finding =
  | { readonly check: string; readonly state: 'ok'; readonly message: string }
  | {
      readonly check: string;
      /** `warning`: it runs, with less; `fault`: it does not. */
      readonly state: 'warning' | 'fault';
      readonly message: string;
      readonly remedy: string;
    };

/** The slices of the configuration that are looked at. */
export type CheckedConfig = {
  readonly api: ApiConfig;
  readonly detector: DetectorConfig;
  readonly triton: TritonConfig;
  readonly models: ModelsConfig;
  readonly store: StoreConfig;
  readonly encryption: EncryptionConfig;
  readonly data_dir: string;
};

export type CheckContext = {
  readonly config: CheckedConfig;
  /** How models are looked for, as the service does it. */
  readonly models: InstallOptions & { readonly dataDir: string };
  readonly signal: AbortSignal;
};

export type Check = (context: CheckContext) => Promise<readonly Finding[]>;

export const ok = (check: string, message: string): Finding => ({ check, state: 'ok', message });
export const warning = (check: string, message: string, remedy: string): Finding => ({
  check,
  state: 'warning',
  message,
  remedy,
});
export const fault = (check: string, message: string, remedy: string): Finding => ({
  check,
  state: 'fault',
  message,
  remedy,
});

export function reasonOf(error: unknown): string {
  return systemErrorText(error) ?? (error instanceof Error ? error.message : String(error));
}
