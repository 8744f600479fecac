import { CborReader } from '../base/cbor-reader.ts';
import type { CborWriter } from '../base/cbor-writer.ts';
import { type ByteName, showName } from '../base/names.ts';
import { readRecordHead, writeRecordHead } from '../block/record.ts';
import { readDigest } from '../block/ref-codec.ts';
import type { BlockRef } from '../block/types.ts';
import { readEntry } from './entry-decoder.ts';
import { nameProblem } from './entry-names.ts';
import { MAX_NAME_BYTES, MAX_NODE_ITEMS, MAX_NODE_LEVEL, MAX_SALT_BYTES } from './limits.ts';
import { readOwners } from './owner-table.ts';
import type { Entry, Owner } from './types.ts';

const VERSION = 1;

/**
 * A node of a directory (T4). The leaves hold the entries, in order of the bytes of their names; the nodes above say which node holds which
 * names.
 */
export type DirectoryNode = LeafNode | InteriorNode;

export interface LeafNode {
  readonly level: 0;
  readonly entries: readonly Entry[];
  /** That of its directory, in each of its nodes (T5). */
  readonly salt?: Uint8Array;
}

export interface InteriorNode {
  readonly level: number;
  readonly children: readonly ChildNode[];
  readonly salt?: Uint8Array;
}

/** What an interior node says of a node below it. */
export interface ChildNode {
  /** The last name in it. */
  readonly lastName: ByteName;
  readonly ref: BlockRef;
  /** Entries of the directory in it. */
  readonly entries: number;
  /** As in the summary of a directory entry: what lies in it and below, all levels. */
  readonly files: number;
  readonly bytes: number;
}

/** Begins the record `["dir", 1, level, …, salt?]`, of which `items` are the node's own. */
export function writeNodeHead(writer: CborWriter, level: number, items: number, salt: Uint8Array | undefined): void {
  writeRecordHead(writer, 'dir', VERSION, 3 + items + (salt ? 1 : 0));
  writer.uint(level);
}

/** Writes a node above the leaves: `["dir", 1, level, [last name, size, digest, entries, files, bytes, …], salt?]`. */
export function writeInteriorNode(writer: CborWriter, level: number, children: readonly ChildNode[], salt: Uint8Array | undefined): void {
  writeNodeHead(writer, level, 1, salt);
  writer.array(6 * children.length);
  for (const { lastName, ref, entries, files, bytes } of children) {
    writer.byteName(lastName);
    writer.uint(ref.size);
    writer.bytes(ref.digest);
    writer.uint(entries);
    writer.uint(files);
    writer.uint(bytes);
  }
  if (salt) writer.bytes(salt);
}

/** Decodes a node and checks its names: safe, and in order. Digests, salts and the like are views of `block`. Throws FormatError. */
export function decodeDirectoryNode(block: Uint8Array): DirectoryNode {
  const reader = new CborReader(block, 'directory node');
  const items = readRecordHead(reader, 'dir', VERSION);
  const level = reader.uint();
  if (level > MAX_NODE_LEVEL) reader.fail(`level ${level}, where ${MAX_NODE_LEVEL} is allowed`);
  const own = level === 0 ? 3 : 1;
  const node = level === 0 ? readLeaf(reader) : readInterior(reader, level);
  const salt = items - 1 === own + 1 ? reader.bytes(MAX_SALT_BYTES) : undefined;
  if (items - 1 !== own && salt === undefined) reader.fail('wrong number of items', 0);
  reader.end();
  return salt === undefined ? node : { ...node, salt };
}

function readLeaf(reader: CborReader): LeafNode {
  const { owners, byEntry } = readOwners(reader);
  const items = reader.array(2 * MAX_NODE_ITEMS);
  if (items % 2 !== 0) reader.fail('entries not in pairs');
  const count = items / 2;
  if (byEntry.length !== (owners.length > 1 ? count : 0) || (owners.length === 0) !== (count === 0))
    reader.fail('owners do not match entries');
  const entries = new Array<Entry>(count);
  let previous = '' as ByteName;
  for (let i = 0; i < count; i++) {
    previous = readName(reader, previous);
    entries[i] = readEntry(reader, previous, owners[byEntry[i] ?? 0] as Owner);
  }
  return { level: 0, entries };
}

function readInterior(reader: CborReader, level: number): InteriorNode {
  const items = reader.array(6 * MAX_NODE_ITEMS);
  if (items === 0 || items % 6 !== 0) reader.fail('children not in groups of six');
  const children: ChildNode[] = [];
  let previous = '' as ByteName;
  for (let i = 0; i < items; i += 6) {
    previous = readName(reader, previous);
    const size = reader.uint();
    const digest = readDigest(reader);
    children.push({
      lastName: previous,
      ref: { kind: 'block', size, digest },
      entries: reader.uint(),
      files: reader.uint(),
      bytes: reader.uint(),
    });
  }
  return { level, children };
}

function readName(reader: CborReader, previous: ByteName): ByteName {
  const start = reader.at;
  const name = reader.byteName(MAX_NAME_BYTES);
  const problem = nameProblem(name);
  if (problem !== undefined) reader.fail(problem, start);
  if (name <= previous) reader.fail(`name "${showName(name)}" out of order`, start);
  return name;
}
