import type { ModelVersionPolicy } from '../../../proto/gen/model_config_pb.ts';

/** The names of version folders, by number: a whole number above zero, written as such. Others are not versions. */
export function versionNumbers(folderNames: readonly string[]): number[] {
  return folderNames
    .filter(name => /^[1-9]\d{0,14}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** The versions that the policy serves, ascending; one latest version when there is no policy. */
export function selectVersions(available: readonly number[], policy: ModelVersionPolicy | undefined): number[] {
  const choice = policy?.policyChoice;
  if (choice?.case === 'all') return [...available];
  if (choice?.case === 'specific') return available.filter(version => choice.value.versions.includes(BigInt(version)));
  const count = choice?.case === 'latest' ? Math.max(1, choice.value.numVersions) : 1;
  return available.slice(-count);
}
