import { FormatError } from '../base/errors.ts';
import { toWire } from './wire-error.ts';

/** Far above any line that is written. */
const LONGEST_LINE_CHARACTERS = 1 << 20;

/**
 * A stream of `lines` as JSON, one a line. The next is asked for when the reader wants it, so a slow reader makes its source wait. When the reader goes,
 * `abort` is called; an error of the source becomes the last line and is told to `onError`.
 */
export function toNdjson(lines: AsyncIterable<unknown>, abort: () => void, onError: (error: unknown) => void): ReadableStream<Uint8Array> {
  const iterator = lines[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await iterator.next();
          if (done) controller.close();
          else controller.enqueue(Buffer.from(`${JSON.stringify(value)}\n`));
        } catch (error) {
          onError(error);
          controller.enqueue(Buffer.from(`${JSON.stringify(toWire(error))}\n`));
          controller.close();
        }
      },
      async cancel() {
        abort();
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The values of such a stream. Throws FormatError for a line that is no JSON or longer than any that is written. */
export async function* fromNdjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) yield parseLine(line);
    if (rest.length > LONGEST_LINE_CHARACTERS) throw new FormatError("the daemon's answer", 'a line is too long');
  }
  if (rest !== '') throw new FormatError("the daemon's answer", 'the last line is cut off');
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new FormatError("the daemon's answer", 'a line is no JSON');
  }
}
