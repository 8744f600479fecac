import type { ByteName } from '../base/names.ts';
import { directoryState } from './look/disk-state.ts';
import { joined } from './look/paths.ts';
import type { Cause, NodeId } from './types.ts';
import type { Root } from './write/roots.ts';
import type { Writer } from './write/writer.ts';

/**
 * Has the top of a root become a folder of one around it, by a move: it keeps its number, and so its history, with all below. Folders on the way come into being. Within a transaction;
 * the top has been looked at. Throws SystemError.
 */
export function joinRoot(writer: Writer, outer: { readonly node: NodeId; readonly path: ByteName }, inner: Root, cause: Cause): void {
  const top = writer.rows.get(inner.node);
  const names = inner.path.slice(outer.path.length).split('/') as ByteName[];
  const last = names.pop();
  if (top === undefined || last === undefined) return;
  let { node: parent, path } = outer;
  for (const name of names.filter((each) => each !== '')) {
    path = joined(path, name);
    parent = writer.rows.idAt({ parent, name }) ?? writer.create({ parent, name }, directoryState(path), cause);
  }
  writer.move(top, { parent, name: last }, top, cause);
}
