/** A start that cannot happen, in words for the operator: what is wrong, where, and what to do. Paths are fine here. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/** Another process, a service perhaps, has the data_dir. */
export class DataDirInUse extends StartError {}
