import { listBelow } from './list.ts';
import { marksOf } from './marks.ts';
import type { DiskReply, DiskRequest } from './messages.ts';
import { hashesOf } from './whole.ts';

/** Does what a thread is asked. */
export async function answer(request: DiskRequest): Promise<DiskReply> {
  const { ahead } = request;
  if (request.kind === 'list') return listBelow(request.folders, request.minBytes, ahead);
  return request.kind === 'ends' ? marksOf(request.files, ahead) : hashesOf(request.files, ahead);
}
