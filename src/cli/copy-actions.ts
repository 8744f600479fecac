import { UsageError, VarveError } from '../base/errors.ts';
import { type ByteName, showName } from '../base/names.ts';
import { isInTrash } from '../catalogue/duplicate-actions/in-trash.ts';
import type { CopyAction } from '../catalogue/duplicate-actions/types.ts';
import type { DuplicateGroup } from '../catalogue/questions/duplicates.ts';
import type { Context } from './context.ts';
import { counted, formatSize } from './output/amounts.ts';

interface ActionFlags {
  readonly link: boolean;
  readonly reflink: boolean;
  readonly trash: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly ignoreMetadata: boolean;
}

/** What became, or would become, of one further copy. */
export interface ShownAction {
  readonly path: ByteName;
  readonly action: CopyAction;
  readonly isDone: boolean;
  readonly trashed?: ByteName;
  /** Why it is left as it is. */
  readonly failure?: VarveError;
}

type Acting = typeof import('../catalogue/duplicate-actions/act-on-copy.ts');

const ACTIONS = ['link', 'reflink', 'trash'] as const;
const PAST: Readonly<Record<CopyAction, string>> = { link: 'linked', reflink: 'made to share blocks', trash: 'put into the trash' };

/** The action that was asked for, if any. Throws UsageError. */
export function wantedAction(flags: ActionFlags): CopyAction | undefined {
  const [action, other] = ACTIONS.filter((each) => flags[each]);
  if (other !== undefined) throw new UsageError('--link, --reflink and --trash exclude each other');
  if (flags.yes && flags.dryRun) throw new UsageError('--yes and --dry-run exclude each other');
  if (action === undefined && (flags.yes || flags.dryRun)) throw new UsageError('--yes and --dry-run need --link, --reflink or --trash');
  if (action !== 'link' && flags.ignoreMetadata) throw new UsageError('--ignore-metadata needs --link');
  return action;
}

/** The copies that anything may be done with: not those in a trash, of which none may be the one that stays. Undefined when there are not several. */
export function outsideTrash(group: DuplicateGroup): DuplicateGroup | undefined {
  const paths = group.paths.filter((path) => !isInTrash(path));
  return paths.length > 1 ? { ...group, paths, copies: paths.length, waste: group.size * (paths.length - 1) } : undefined;
}

/** Does away with further copies, group after group, or tells what would be done. The first path of a group is the file that stays. */
export class CopyActions {
  readonly #acting: Acting;
  readonly #context: Context;
  readonly #action: CopyAction;
  readonly #flags: ActionFlags;
  #count = 0;
  #bytes = 0;

  private constructor(acting: Acting, context: Context, action: CopyAction, flags: ActionFlags) {
    this.#acting = acting;
    this.#context = context;
    this.#action = action;
    this.#flags = flags;
  }

  static async prepare(context: Context, action: CopyAction, flags: ActionFlags): Promise<CopyActions> {
    return new CopyActions(await import('../catalogue/duplicate-actions/act-on-copy.ts'), context, action, flags);
  }

  async take({ paths, size }: DuplicateGroup): Promise<ShownAction[]> {
    const [kept, ...copies] = paths;
    const shown: ShownAction[] = [];
    for (const copy of copies) {
      this.#context.signal.throwIfAborted();
      shown.push(await this.#act(kept as ByteName, copy, size));
    }
    return shown;
  }

  /** One sentence about all. */
  summary(): string {
    const copies = counted(this.#count, 'copy', 'copies');
    // What is in the trash takes its space still.
    const freed = this.#action === 'trash' ? '' : `, ${formatSize(this.#bytes)} freed`;
    const what = `${PAST[this.#action]}${freed}`;
    return this.#flags.yes ? `${copies} ${what}.` : `${copies} would be ${what}; --yes does it.`;
  }

  async #act(kept: ByteName, path: ByteName, size: number): Promise<ShownAction> {
    const options = { ignoreMetadata: this.#flags.ignoreMetadata, signal: this.#context.signal };
    const action = this.#action;
    try {
      const outcome = this.#flags.yes
        ? await this.#acting.actOnCopy(action, kept, path, options)
        : this.#acting.checkCopy(action, kept, path, options);
      this.#count++;
      this.#bytes += size;
      return { path, action, isDone: this.#flags.yes, ...outcome };
    } catch (error) {
      if (!(error instanceof VarveError)) throw error;
      if (error.code !== 'SAME_FILE') {
        this.#context.partial();
        this.#context.output.itemError({ path: showName(path), code: error.code, message: error.message });
      }
      return { path, action, isDone: false, failure: error };
    }
  }
}
