import { VarveError } from '../errors.ts';

/** A setting cannot be meant. `where` names the place, `config.toml:12` or `VARVE_HASH`; `config edit` catches this, to open a file with faults. */
export class ConfigError extends VarveError {
  readonly where: string;

  constructor(where: string, problem: string, advice = 'Correct it, or run: varve config edit') {
    super('CONFIG', `${where}: ${problem}`, { advice });
    this.where = where;
  }
}
