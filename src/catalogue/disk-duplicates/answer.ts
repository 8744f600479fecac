import { listBelow } from './list.ts';
import { marksOf } from './marks.ts';
import type { DiskReply, DiskRequest } from './messages.ts';
import { hashesOf } from './whole.ts';

/** Does what a thread is asked. */
export async function answer(request: DiskRequest): Promise<DiskReply> {
  const { isCold } = request;
  if (request.kind === 'list') return listBelow(request.folders, request.minBytes, isCold);
  return request.kind === 'ends' ? marksOf(request.files, isCold) : hashesOf(request.files, isCold);
}
