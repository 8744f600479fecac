import { fingerprints } from './fingerprint.ts';
import { listBelow } from './list.ts';
import type { DiskReply, DiskRequest } from './messages.ts';

/** Does what a thread is asked. */
export async function answer(request: DiskRequest): Promise<DiskReply> {
  if (request.kind === 'list') return listBelow(request.folders, request.minBytes);
  return fingerprints(request.files, request.kind);
}
