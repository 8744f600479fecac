import { type ByteName, showName } from '../base/names.ts';
import { timeOf } from '../catalogue/history/past-tree.ts';
import type { Maker, PastEvent } from '../catalogue/history/types.ts';
import type { Version } from '../catalogue/history/versions.ts';
import type { NodeState } from '../catalogue/types.ts';
import { digestToText } from '../hash/digest.ts';
import type { Digest } from '../hash/types.ts';
import { system } from '../sys/system.ts';
import { isoTime } from './output/times.ts';

/** An event for programs. */
export function eventJson({ id, time, kind, path, from, origin, maker, before, after, within }: PastEvent): Record<string, unknown> {
  return {
    time: isoTime(timeOf(time)),
    kind,
    path: path === undefined ? null : showName(path),
    ...(from !== undefined && { from: showName(from) }),
    ...stateJson(after ?? before),
    origin,
    ...makerJson(maker),
    ...(within !== undefined && { within }),
    id,
  };
}

/** A version for programs. What does not apply or is not known is left out. */
export function versionJson({ time, kind, path, from, origin, maker, state, kept, event }: Version): Record<string, unknown> {
  return {
    time: isoTime(timeOf(time)),
    ...stateJson(state),
    kind,
    path: path === undefined ? null : showName(path),
    ...(from !== undefined && { from: showName(from) }),
    ...(origin !== undefined && { origin }),
    ...makerJson(maker),
    ...(state !== undefined && { mtime: isoTime(timeOf(state.mtime)), kept }),
    ...(event !== undefined && { id: event }),
  };
}

export function makerJson(maker: Partial<Maker> | undefined): Record<string, unknown> {
  if (maker === undefined) return {};
  const { pid, executable, unit, uid } = maker;
  return {
    ...(executable !== undefined && { process: showName(executable) }),
    ...(pid !== undefined && { pid }),
    ...(unit !== undefined && { unit }),
    ...(uid !== undefined && { user: userText(uid), uid }),
  };
}

/** Who it was, in a word or two: program and user; empty when nobody said. */
export function makerText(maker: Partial<Maker> | undefined): string {
  if (maker === undefined) return '';
  const { pid, executable, unit, uid } = maker;
  const program = executable === undefined ? (unit ?? (pid === undefined ? 'not known' : `pid ${pid}`)) : baseName(executable);
  return uid === undefined ? program : `${program} (${userText(uid)})`;
}

function stateJson(state: NodeState | undefined): Record<string, unknown> {
  if (state === undefined) return {};
  const { kind, size, digest } = state;
  return { type: kind, ...(kind === 'file' && { size }), ...(digest !== undefined && { digest: digestToText(digest as Digest) }) };
}

function userText(uid: number): string {
  return system().userName(uid) ?? String(uid);
}

function baseName(path: ByteName): string {
  return showName(path.slice(path.lastIndexOf('/') + 1) as ByteName);
}
