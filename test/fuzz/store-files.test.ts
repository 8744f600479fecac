import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { encodeCheckedJson } from '../../src/base/checked-json.ts';
import { VarveError } from '../../src/base/errors.ts';
import { blake3 } from '../../src/hash/blake3.ts';
import { digestToText } from '../../src/hash/digest.ts';
import { ArchiveFile } from '../../src/store/archive-file.ts';
import { readCondemned } from '../../src/store/datadir/condemned.ts';
import { createHeader, readHeader } from '../../src/store/datadir/header.ts';
import { PendingRows } from '../../src/store/datadir/index/pending.ts';
import { KEY_BYTES } from '../../src/store/datadir/index/row.ts';
import { PAGE_BYTES, Run, writeRun } from '../../src/store/datadir/index/run.ts';
import { Layout } from '../../src/store/datadir/layout.ts';
import { liveSessions } from '../../src/store/datadir/sessions.ts';
import { Archive } from '../../src/tree/archive.ts';
import { encodeRevision } from '../../src/tree/revision-line.ts';
import { fuzz } from '../support/fuzz.ts';
import type { Random } from '../support/random.ts';
import { scratchFolder } from '../support/scratch.ts';

const CHUNKING = { minBytes: 512, targetBytes: 1024, maxBytes: 4096 };
const SEGMENT = 'a'.repeat(32);

function runFile(file: string): (random: Random) => Buffer {
  return (random) => {
    const pending = new PendingRows();
    for (let i = random.below(300); i >= 0; i--)
      pending.add(blake3.hash(random.bytes(8)), 2, { segment: SEGMENT, offset: 64 + i, recordBytes: 100, block: i });
    pending.cover(SEGMENT, 1000);
    fs.rmSync(file, { force: true });
    writeRun(file, [pending.sorted()], pending.coverage());
    return fs.readFileSync(file);
  };
}

/** Makes the checksums of all pages right. */
function sealed(run: Buffer): Buffer {
  for (let at = 0; at + PAGE_BYTES <= run.length; at += PAGE_BYTES) {
    run.writeUInt32LE(crc32(run.subarray(at, at + PAGE_BYTES - 4)), at + PAGE_BYTES - 4);
  }
  return run;
}

function readRun(file: string): void {
  const run = new Run(file);
  try {
    for (let number = 0; number < run.pages; number++) {
      const page = run.page(number);
      for (let row = 0; row < run.rowsOf(number); row++) run.location(page, row);
      run.find(page.slice(0, KEY_BYTES), () => true);
    }
    run.find(blake3.hash(Buffer.of()).subarray(2), () => true);
  } finally {
    run.close();
  }
}

describe('whatever is in the other files of a store', () => {
  for (const [what, seal] of [
    ['is', (run: Buffer) => run],
    ['with checksums that fit is', sealed],
  ] as const) {
    test(`an index run ${what} read or refused`, (context) => {
      const folder = scratchFolder(context);
      const file = join(folder, 'mutated');
      return fuzz(
        context,
        runFile(join(folder, 'valid')),
        (input) => {
          fs.writeFileSync(file, seal(Buffer.from(input)));
          readRun(file);
        },
        0.1,
      );
    });
  }

  test('a header is read, or its copy is, or it is refused', (context) => {
    const layout = new Layout(scratchFolder(context));
    fs.mkdirSync(layout.segments);
    createHeader(layout, blake3, CHUNKING);
    const valid = fs.readFileSync(layout.header);
    return fuzz(
      context,
      () => valid,
      (input) => {
        fs.writeFileSync(layout.header, input);
        assert.ok(readHeader(layout));
      },
      0.25,
    );
  });

  test('a list of the condemned is read, or counts as empty', (context) => {
    const file = join(scratchFolder(context), 'condemned.json');
    const valid = Buffer.from(encodeCheckedJson({ segments: [SEGMENT], waitFor: ['b'.repeat(32)] }));
    return fuzz(
      context,
      () => valid,
      (input) => {
        fs.writeFileSync(file, input);
        for (const segment of readCondemned(file).segments) assert.equal(segment, SEGMENT);
      },
      0.25,
    );
  });

  test('a session that a dead process left is removed', (context) => {
    const folder = scratchFolder(context);
    const valid = Buffer.from(encodeCheckedJson({ pins: [digestToText(blake3.hash(Buffer.of()))] }));
    return fuzz(
      context,
      () => valid,
      (input) => {
        fs.writeFileSync(join(folder, `${SEGMENT}.session`), input);
        assert.deepEqual(liveSessions(folder), []);
        assert.deepEqual(fs.readdirSync(folder), []);
      },
      0.25,
    );
  });

  test('an archive is read line by line, and damaged lines are told', fuzzArchive);
});

async function fuzzArchive(context: TestContext): Promise<void> {
  const log = new ArchiveFile('a', join(scratchFolder(context), 'a.varve'), { tip: false });
  const line = (day: number) =>
    encodeRevision({
      time: `2026-01-0${day}T00:00:00Z`,
      tree: digestToText(blake3.hash(Buffer.of(day))),
      files: day,
      bytes: day,
      host: 'h',
      user: 'u',
    });
  const lines = [1, 2, 3].map(line);
  const valid = Buffer.from(`${lines.join('\n')}\n`);
  await fuzz(
    context,
    () => valid,
    async (input) => {
      fs.writeFileSync(log.path, input);
      const { revisions, damaged } = await new Archive(log).read();
      assert.equal(revisions.length + damaged.length, (await log.lines()).length);
      for (const revision of revisions) assert.ok(lines.includes(revision.line.trimEnd()) || revision.line.length > 0);
      await log.append(line(4)).catch((error: unknown) => assert.ok(error instanceof VarveError));
      assert.ok((await new Archive(log).read()).revisions.some(({ files }) => files === 4));
    },
    0.1,
  );
}
