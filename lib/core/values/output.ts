// What is kept of a stream that is too long: its head and its tail, and a line between them.
// It is bytes, kept as text and back without loss: what tasks write travels in JSON, and need not be UTF-8. A byte that
// is part of no character becomes half of a surrogate pair, U+DC80 to U+DCFF, which no UTF-8 decodes to
// ("surrogateescape" of Python, PEP 383). JSON writes it as \udc80 and reads it back.

/** In UTF-8, of what the task wrote and the text has not. */
export interface LeftOutBytes {
  readonly stdout: number;
  readonly stderr: number;
}

export const nothingLeftOut: LeftOutBytes = { stdout: 0, stderr: 0 };

/** The line between head and tail. */
export function leftOutLine(bytes: number): string {
  return `\n[… ${String(bytes)} bytes left out …]\n`;
}

/** Of each stream, so much at most is kept whole where that is asked for. */
export const outputKeepMibMax = 256;
export const bytesPerMib = 2 ** 20;

/** What an attempt wrote, whole, where it is short enough to travel with the attempt's end. */
export interface SmallOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Something of it is missing: the task deleted a file of it. */
  readonly truncated: boolean;
}

/** Of a small output, as JSON: what is longer goes to where outputs are kept. */
export const smallOutputBytesMax = 8_192;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const escapedFrom = 0xdc00;

/** Not for people: {@link shownText} is. */
export function textOfBytes(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  if (!text.includes('\ufffd')) return text;
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterBytes(bytes, at);
    if (length === 0) {
      parts.push(decoder.decode(bytes.subarray(from, at)), String.fromCharCode(escapedFrom + (bytes[at] ?? 0)));
      from = at + 1;
    }
    at += Math.max(1, length);
  }
  parts.push(decoder.decode(bytes.subarray(from)));
  return parts.join('');
}

/** What {@link textOfBytes} was made of. */
export function bytesOfText(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  // With `u` only halves without their other half match. Every second part is a run of them.
  const parts = text
    .split(/([\udc80-\udcff]+)/u)
    .map((part, n) => (n % 2 === 0 ? encoder.encode(part) : escaped(part)));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function escaped(run: string): Uint8Array {
  return Uint8Array.from({ length: run.length }, (_, n) => run.charCodeAt(n) - escapedFrom);
}

/** Each byte that is part of no character is a U+FFFD. */
export function shownText(text: string): string {
  return text.toWellFormed();
}

/**
 * So many of the first bytes have a text of at most `bytesMax` bytes of UTF-8, no character split: what is part of no
 * character is three bytes in the text.
 */
export function headWithin(bytes: Uint8Array, bytesMax: number): number {
  let left = bytesMax;
  for (let at = 0; at < bytes.length;) {
    const length = characterBytes(bytes, at);
    left -= length === 0 ? 3 : length;
    if (left < 0) return at;
    at += Math.max(1, length);
  }
  return bytes.length;
}

/** So many of the last bytes. */
export function tailWithin(bytes: Uint8Array, bytesMax: number): number {
  let left = bytesMax;
  for (let end = bytes.length; end > 0;) {
    const length = characterBytesBefore(bytes, end);
    left -= length === 0 ? 3 : length;
    if (left < 0) return bytes.length - end;
    end -= Math.max(1, length);
  }
  return bytes.length;
}

function characterBytesBefore(bytes: Uint8Array, end: number): number {
  for (let length = 1; length <= 4 && length <= end; length += 1)
    if (characterBytes(bytes, end - length) === length) return length;
  return 0;
}

/** Where the character begins or ends that a cut at `at` would split; `at` itself where it splits none. */
export function borderOf(bytes: Uint8Array, at: number, side: 'before' | 'after'): number {
  for (let back = 1; back <= 3 && back <= at; back += 1) {
    const length = characterBytes(bytes, at - back);
    if (length > back) return side === 'before' ? at - back : at - back + length;
  }
  return at;
}

/** How many bytes the character has that begins there; 0: none does. After Unicode's table 3-7, "Well-Formed UTF-8". */
function characterBytes(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0xff;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  if (second < (seconds.least[first] ?? 0x80) || second > (seconds.most[first] ?? 0xbf)) return 0;
  if (first < 0xe0) return 2;
  if (!continues(bytes[at + 2])) return 0;
  if (first < 0xf0) return 3;
  return continues(bytes[at + 3]) ? 4 : 0;
}

/** Of second bytes, where it is not 80 to BF: no overlong forms, no surrogates, nothing above U+10FFFF. */
const seconds: Readonly<Record<'least' | 'most', Readonly<Record<number, number>>>> = {
  least: { 0xe0: 0xa0, 0xf0: 0x90 },
  most: { 0xed: 0x9f, 0xf4: 0x8f },
};

function continues(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80 && byte <= 0xbf;
}
