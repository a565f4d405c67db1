import { Option } from 'commander';
import { gateModes } from '../core/gate-mode.ts';

/** `--gate`, of the commands that enrol. */
export function gateOption(): Option {
  const what = "a photo that falls short: warn of it, or refuse it (default: what the service's quality.gate says)";
  return new Option('--gate <mode>', what).choices(gateModes.filter(mode => mode !== 'off'));
}
