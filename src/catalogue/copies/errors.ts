import { VarveError } from '../../base/errors.ts';

/** A file that is to take the catalogue's place cannot: it is another thing, or damaged. */
export class UnusableCopyError extends VarveError {
  constructor(file: string, problem: string, cause?: unknown) {
    super('UNUSABLE_COPY', `${file} ${problem}`, { advice: 'Nothing was changed. Use another copy.', cause });
  }
}

/** There is a file where a copy was to be written. */
export class CopyExistsError extends VarveError {
  constructor(file: string) {
    super('EXISTS', `there is a file already: ${file}`, { advice: 'Name another one, or replace it with --force.' });
  }
}

/** The catalogue itself is not as it has to be, so a copy of it would not be either. */
export class DamagedCatalogueError extends VarveError {
  constructor(catalogue: string, violations: number) {
    super('CATALOGUE_DAMAGED', `${catalogue} is not sound (${violations} violations), and was not copied`, {
      advice: 'See what is wrong with: varve check. To go back to an earlier copy: varve catalogue restore FILE',
    });
  }
}
