/** Small files of each format, put together by hand from its specification: for tests that need many, fast, and no tool. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { corpus } from '../test-corpus.ts';

const parts = [700, 20, 0, 3000, 5000, 1].map((size, index) => corpus('random', size, index + 1));

const makers: Readonly<Record<string, () => Uint8Array>> = { tar, zip, gzip, mbox, mp3, mp4, sqlite, 'git-pack': gitPack };
const made = new Map<string, Uint8Array>();

/** The formats of which there are samples. */
export const sampleNames: readonly string[] = Object.keys(makers);

/** The sample of a format, made once; do not change it. */
export function sample(name: string): Uint8Array {
  const bytes = made.get(name) ?? (makers[name] as () => Uint8Array)();
  made.set(name, bytes);
  return bytes;
}

function tar(): Uint8Array {
  const members = parts.map((data, index) => {
    const header = Buffer.alloc(512);
    header.write(`member-${index}`);
    header.write('0000644\0', 100);
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        0ustar\x0000', 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
  });
  return Buffer.concat([...members, Buffer.alloc(1024)]);
}

function zip(): Uint8Array {
  const entries = parts.map((data, index) => {
    const packed = deflateRawSync(data);
    const name = Buffer.from(`entry-${index}`);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50);
    header.writeUInt16LE(20, 4);
    header.writeUInt16LE(8, 8);
    header.writeUInt32LE(crc32(data), 14);
    header.writeUInt32LE(packed.length, 18);
    header.writeUInt32LE(data.length, 22);
    header.writeUInt16LE(name.length, 26);
    return Buffer.concat([header, name, packed]);
  });
  return Buffer.concat(entries);
}

function gzip(): Uint8Array {
  return Buffer.concat(parts.map((data) => gzipSync(data)));
}

function mbox(): Uint8Array {
  const messages = parts.map(
    (_, index) => `From someone@example.org Thu Nov 20 10:0${index}:00 2026\nSubject: ${index}\n\n${'line\n'.repeat(index * 40)}\n`,
  );
  return Buffer.from(messages.join('\n'));
}

/** A tag of 300 bytes, then frames of 128 kbit/s at 44.1 kHz, then an ID3v1 tag. */
function mp3(): Uint8Array {
  const tag = Buffer.alloc(310);
  tag.write('ID3\x04');
  tag[8] = 300 >> 7;
  tag[9] = 300 & 0x7f;
  const frames = Array.from({ length: 30 }, (_, index) => {
    const frame = Buffer.from(corpus('random', 417, index + 1));
    frame.writeUInt32BE(0xfffb9000);
    return frame;
  });
  return Buffer.concat([tag, ...frames, Buffer.from('TAG'.padEnd(128))]);
}

function mp4(): Uint8Array {
  const box = (type: string, content: Uint8Array) => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(8 + content.length);
    header.write(type, 4);
    return Buffer.concat([header, content]);
  };
  return Buffer.concat([box('ftyp', Buffer.from('isom0000')), ...parts.map((data, index) => box(index === 0 ? 'moov' : 'mdat', data))]);
}

function gitPack(): Uint8Array {
  const header = Buffer.from('PACK\0\0\0\x02\0\0\0\x06', 'latin1');
  return Buffer.concat([header, ...parts.flatMap((data) => [Buffer.from([0xb0, 0x10]), deflateSync(data)])]);
}

function sqlite(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'varve-test-'));
  try {
    const path = join(folder, 'sample.sqlite');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE t(a); INSERT INTO t VALUES (zeroblob(9000)), (randomblob(9000))');
    database.close();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
