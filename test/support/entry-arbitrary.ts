import fc from 'fast-check';
import type { ByteName } from '../../src/base/names.ts';
import type { Entry, EntryKind, Owner, Time, Xattr } from '../../src/tree/types.ts';
import { anyBlockRef, anyDigest, anyRef } from './ref-arbitrary.ts';

const byteString = (minLength: number, maxLength: number, unit: fc.Arbitrary<number>) =>
  fc.array(unit, { minLength, maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1') as ByteName);
const nameByte = fc.oneof(fc.integer({ min: 0x61, max: 0x7a }), fc.integer({ min: 1, max: 255 })).filter((byte) => byte !== 0x2f);

/** Names that Linux allows, any bytes. */
export const anyName: fc.Arbitrary<ByteName> = byteString(1, 40, nameByte).filter((name) => name !== '.' && name !== '..');

const count = fc.oneof(fc.nat(1000), fc.nat(), fc.maxSafeNat());
export const anyTime: fc.Arbitrary<Time> = fc.record({
  seconds: fc.integer({ min: -(2 ** 35), max: 2 ** 35 }),
  nanoseconds: fc.nat(999_999_999),
});
const ownerName = fc.string({ minLength: 1, maxLength: 8 });
export const anyOwner: fc.Arbitrary<Owner> = fc.record(
  { uid: fc.nat(70_000), gid: fc.nat(3), user: ownerName, group: ownerName },
  { requiredKeys: ['uid', 'gid'], noNullPrototype: true },
);
const xattrs: fc.Arbitrary<Xattr[]> = fc
  .uniqueArray(fc.record({ name: byteString(1, 20, nameByte), value: fc.uint8Array({ maxLength: 50 }) }), {
    selector: ({ name }) => name,
    minLength: 1,
    maxLength: 4,
  })
  .map((list) => list.sort((a, b) => (a.name < b.name ? -1 : 1)));
const identity = fc.uint8Array({ minLength: 16, maxLength: 16 });

const fields = fc.record(
  {
    xattrs,
    identity,
    torn: fc.constant(true),
    mimeType: fc.constantFrom('text/plain', 'image/png'),
    previous: anyDigest,
    ctime: anyTime,
    btime: anyTime,
  },
  { requiredKeys: [], noNullPrototype: true },
);

function ofKind(kind: EntryKind): fc.Arbitrary<Partial<Entry>> {
  switch (kind) {
    case 'file':
      return fc.record({ content: anyRef });
    case 'directory':
      return fc.record({ content: anyBlockRef, summary: fc.record({ files: count, bytes: count }) });
    case 'symlink':
      return fc.record({ target: byteString(0, 60, nameByte) });
    case 'character':
    case 'block':
      return fc.record({ device: fc.record({ major: fc.nat(), minor: fc.nat() }) });
    case 'hardlink':
      return fc.record({ identity });
    default:
      return fc.constant({});
  }
}

const kinds: EntryKind[] = ['file', 'directory', 'symlink', 'fifo', 'socket', 'character', 'block', 'hardlink', 'whiteout'];

/** Entries of every kind, with every field. */
export const anyEntry: fc.Arbitrary<Entry> = fc
  .constantFrom('file' as EntryKind, ...kinds)
  .chain((kind) =>
    fc
      .tuple(
        fc.record({ name: anyName, kind: fc.constant(kind), mode: fc.nat(0o7777), owner: anyOwner, mtime: anyTime }),
        fc.oneof(fc.constant({}), fields),
        ofKind(kind),
      )
      .map(([base, more, own]): Entry => ({ ...base, ...more, ...own })),
  );
