import type { Format } from '../types.ts';
import { type HeaderParser, HeaderWalker } from './header-walker.ts';

const TAG_HEADER_BYTES = 10;
const FRAME_HEADER_BYTES = 4;

/** Kilobits a second by the four bits of a frame's header, for layer III of MPEG 1, and of MPEG 2 and 2.5 (ISO/IEC 11172-3, 13818-3). */
const BITRATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const BITRATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44100, 48000, 32000];

/** MP3: an ID3v2 tag (id3.org), then frames, then at times an ID3v1 tag of 128 bytes. Blocks of the sound begin at its first frame, so that they outlive another tag. */
export const mp3: Format = {
  name: 'mp3',
  extensions: ['mp3'],
  exclusive: false,
  matches: (head) => id3Bytes(head) > 0 || frameBytes(head) > 0,
  open: () => new HeaderWalker(frames),
};

function* frames(suggest: (offset: number) => void): HeaderParser {
  const tag = yield { at: 0, bytes: TAG_HEADER_BYTES };
  let at = id3Bytes(tag);
  if (at === 0 && frameBytes(tag) === 0) return;
  if (at > 0) suggest(at);
  else at = TAG_HEADER_BYTES + Math.max(0, frameBytes(tag) - TAG_HEADER_BYTES);
  for (;;) {
    const header = yield { at, bytes: FRAME_HEADER_BYTES };
    const size = frameBytes(header);
    if (size === 0) {
      suggest(at);
      return;
    }
    at += size;
  }
}

/** The length of the ID3v2 tag that begins with these bytes, 0 when they begin none. Its size counts seven bits a byte. */
function id3Bytes(bytes: Uint8Array): number {
  if (bytes.length < TAG_HEADER_BYTES || Buffer.from(bytes.subarray(0, 3)).toString('latin1') !== 'ID3') return 0;
  const size = bytes.subarray(6, 10);
  if (size.some((byte) => byte > 0x7f)) return 0;
  const footerBytes = ((bytes[5] as number) & 0x10) === 0 ? 0 : TAG_HEADER_BYTES;
  return TAG_HEADER_BYTES + footerBytes + size.reduce((sum, byte) => sum * 128 + byte, 0);
}

/** The length of the frame with this header, 0 when it is none. */
function frameBytes(header: Uint8Array): number {
  const [sync, kind, rates] = header;
  if (sync === undefined || kind === undefined || rates === undefined || sync !== 0xff || (kind & 0xe6) !== 0xe2) return 0;
  const version = (kind >> 3) & 3;
  const bitrate = (version === 3 ? BITRATES_1 : BITRATES_2)[rates >> 4];
  const sampleRate = SAMPLE_RATES[(rates >> 2) & 3];
  if (version === 1 || !bitrate || !sampleRate) return 0;
  const divisor = version === 3 ? 1 : version === 2 ? 2 : 4;
  const samplesPerByte = version === 3 ? 144 : 72;
  return Math.floor((samplesPerByte * bitrate * 1000) / (sampleRate / divisor)) + ((rates >> 1) & 1);
}
