import type { ModelFiles } from './fixture-repository.ts';

export type OpenOptions = {
  /** What its repository holds, by name; those of `fixture-repository.ts` where nothing is said. */
  readonly models?: Readonly<Record<string, ModelFiles>>;
  /** Loads these at the start (`*`: all) and then what it is told to (control mode explicit); where nothing is said, all and for good (none). */
  readonly loadAtStart?: readonly string[];
};

export type OpenedTriton = {
  /** `host:port` of gRPC. */
  readonly address: string;
  /** `host:port` of HTTP. */
  readonly httpAddress: string;
  /** The model repository's folder, which tests may change. */
  readonly repository: string;
  close(): Promise<void>;
};

/** Starts one of the servers that the contract holds for, over a repository of its own, on free ports. */
export type OpenTriton = (options?: OpenOptions) => Promise<OpenedTriton>;
