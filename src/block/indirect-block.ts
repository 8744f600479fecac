import { CborReader } from '../base/cbor-reader.ts';
import { CborWriter } from '../base/cbor-writer.ts';
import { MAX_CHILDREN } from './limits.ts';
import { readRecordHead, writeRecordHead } from './record.ts';
import { readRef, writeRef } from './ref-codec.ts';
import type { LeafRef, Ref, TreeRef } from './types.ts';

const VERSION = 1;

/** An indirect block, decoded: `ends[i]` is the offset behind child `i` within the sequence of this block. */
export interface IndirectBlock {
  readonly depth: number;
  readonly children: readonly Ref[];
  readonly ends: Float64Array;
}

const writer = new CborWriter();

/**
 * The record `["refs", 1, depth, [child…]]`, in a buffer of its own. At depth 1 the children are leaves, above they are trees one level
 * down.
 */
export function encodeIndirectBlock(depth: number, children: readonly Ref[]): Uint8Array {
  writer.clear();
  writeRecordHead(writer, 'refs', VERSION, 4);
  writer.uint(depth);
  writer.array(children.length);
  for (const child of children) writeRef(writer, child);
  return writer.copy();
}

/**
 * Decodes the block that `ref` names, and holds it against what `ref` says: its depth, and its size as the sum of its children's. So the
 * depth falls with each step down, whoever made the blocks. Throws FormatError.
 */
export function decodeIndirectBlock(ref: TreeRef, block: Uint8Array): IndirectBlock {
  const reader = new CborReader(block, 'indirect block');
  if (readRecordHead(reader, 'refs', VERSION) !== 2) reader.fail('wrong number of items', 0);
  const depth = reader.uint();
  if (depth !== ref.depth) reader.fail(`depth ${depth}, expected ${ref.depth}`, 0);
  const count = reader.array(MAX_CHILDREN);
  const children: Ref[] = [];
  const ends = new Float64Array(count);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const child = readRef(reader);
    if (!mayStandAt(depth, child)) reader.fail(`a ${child.kind} at depth ${depth}`);
    if (child.size === 0) reader.fail('an empty child');
    children.push(child);
    end += child.size;
    ends[i] = end;
  }
  reader.end();
  if (end !== ref.size) reader.fail(`${end} bytes, expected ${ref.size}`, 0);
  return { depth, children, ends };
}

function mayStandAt(depth: number, child: Ref): boolean {
  return depth === 1 ? isLeafRef(child) : child.kind === 'tree' && child.depth === depth - 1;
}

/** True when the ref needs no indirect block. */
export function isLeafRef(ref: Ref): ref is LeafRef {
  return ref.kind !== 'tree' && !(ref.kind === 'slice' && ref.of.kind === 'tree');
}
