import { checkDataDir } from './checks/check-data-dir.ts';
import { checkEncryption } from './checks/check-encryption.ts';
import { checkKeys } from './checks/check-keys.ts';
import { checkModels } from './checks/check-models.ts';
import { checkPorts } from './checks/check-ports.ts';
import { checkRuntime, type Runtime } from './checks/check-runtime.ts';
import { checkServices } from './checks/check-services.ts';
import { checkStore } from './checks/check-store.ts';
import { type Check, type CheckContext, type Finding, fault, ok, reasonOf } from './finding.ts';

export type DoctorDeps = {
  readonly runtime: Runtime;
  /** Rejects, in words for people, where there is no usable configuration. */
  readonly context: () => Promise<CheckContext>;
  /** The configuration file that is meant, whether it is there or not. */
  readonly configFile: string;
};

/** In the order in which they are told; what names ports and services comes before what asks them. */
const checks: Readonly<Record<string, Check>> = {
  data_dir: checkDataDir,
  models: checkModels,
  encryption: checkEncryption,
  store: checkStore,
  ports: checkPorts,
  services: checkServices,
  keys: checkKeys,
};

/** Looks at everything, one after another; without a usable configuration only at what needs none. */
export async function runChecks({ runtime, context, configFile }: DoctorDeps): Promise<Finding[]> {
  const findings = await checkRuntime(runtime);
  let given: CheckContext;
  try {
    given = await context();
  } catch (error) {
    const remedy = `Correct ${configFile} or the FACE_ID__* variable; the project's config.yaml has every key with its default.`;
    return [...findings, fault('configuration', reasonOf(error), remedy)];
  }
  findings.push(ok('configuration', configFile));
  for (const [name, check] of Object.entries(checks)) {
    try {
      findings.push(...(await check(given)));
    } catch (error) {
      given.signal.throwIfAborted();
      findings.push(
        fault(name, `could not be looked at: ${reasonOf(error)}`, 'Please report this with the output of --json.'),
      );
    }
  }
  return findings;
}
