import { system } from '../../../src/sys/system.ts';

type Report = (a: string, b: string) => void;
/** Where data lies: from, up to but not including. */
type Extent = readonly [start: number, end: number];

const bufferA = Buffer.alloc(2 ** 20);
const bufferB = Buffer.alloc(2 ** 20);

/** Reports the first difference of two files of one size. What is a hole in both is not read. */
export function compareContents(a: number, b: number, sizeBytes: number, report: Report): void {
  for (let at = firstData(a, b, 0); at < sizeBytes; ) {
    const [countA, countB] = [readFully(a, bufferA, at), readFully(b, bufferB, at)];
    const [pieceA, pieceB] = [bufferA.subarray(0, countA), bufferB.subarray(0, countB)];
    if (!pieceA.equals(pieceB)) {
      const first = pieceA.findIndex((byte, index) => byte !== pieceB[index]);
      report(`byte ${at + first} is ${pieceA[first]}`, `byte ${at + first} is ${pieceB[first]}`);
      return;
    }
    if (countA === 0) return;
    at = firstData(a, b, at + countA);
  }
}

/** Reports holes that only one of the files has; both are of one size. Borders are rounded to blocks, for no hole can be finer. */
export function compareHoles(a: number, b: number, sizeBytes: number, blockBytes: number, report: Report): void {
  const [ofA, ofB] = [a, b].map((fd) => JSON.stringify(dataExtents(fd, sizeBytes, blockBytes))) as [string, string];
  if (ofA !== ofB) report(ofA, ofB);
}

/** Where data of either file begins at or after `at`; infinity when there is none. */
function firstData(a: number, b: number, at: number): number {
  const sys = system();
  return Math.min(sys.nextData(a, at) ?? Infinity, sys.nextData(b, at) ?? Infinity);
}

function readFully(fd: number, buffer: Buffer, position: number): number {
  let done = 0;
  while (done < buffer.length) {
    const count = system().read(fd, buffer.subarray(done), position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

function dataExtents(fd: number, sizeBytes: number, blockBytes: number): Extent[] {
  const sys = system();
  const extents: Extent[] = [];
  for (let at = sys.nextData(fd, 0); at !== undefined && at < sizeBytes; ) {
    const end = Math.ceil(sys.nextHole(fd, at) / blockBytes) * blockBytes;
    const start = Math.floor(at / blockBytes) * blockBytes;
    const last = extents.at(-1);
    if (last !== undefined && last[1] >= start) extents[extents.length - 1] = [last[0], end];
    else extents.push([start, end]);
    at = end < sizeBytes ? sys.nextData(fd, end) : undefined;
  }
  return extents;
}
