// How many bytes of UTF-8 the JSON text of a value takes, without making the text. Records are never
// changed in place and share most of their parts with the records they follow from, so what was
// counted once is remembered.

const counted = new WeakMap<object, number>();

/** Bytes of `JSON.stringify(value)` in UTF-8. The value must not be changed in place afterwards. */
export function jsonBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return stringBytes(value);
    case 'number':
      return numberBytes(value);
    case 'boolean':
      return value ? 4 : 5;
    case 'object':
      return value === null ? 4 : objectBytes(value);
    default:
      return 4; // in an array JSON writes null; a property of this type is left out by objectBytes
  }
}

function objectBytes(value: object): number {
  objectsMet += 1;
  const known = counted.get(value);
  if (known !== undefined) return known;
  const met = objectsMet;
  const bytes = Array.isArray(value) ? arrayBytes(value) : propertiesBytes(value);
  // What is small and has no parts is counted again as fast as it is found, and remembering it would cost memory.
  if (bytes > rememberedFrom || objectsMet !== met) counted.set(value, bytes);
  return bytes;
}

const rememberedFrom = 512;
let objectsMet = 0;

/** Whole numbers, of which records are full, without making the text. */
function numberBytes(value: number): number {
  if (!Number.isSafeInteger(value)) return Number.isFinite(value) ? String(value).length : 4;
  const size = Math.abs(value);
  let bytes = value < 0 ? 2 : 1;
  for (let limit = 10; size >= limit; limit *= 10) bytes += 1;
  return bytes;
}

function arrayBytes(values: readonly unknown[]): number {
  let bytes = 2 + Math.max(0, values.length - 1);
  for (const one of values) bytes += jsonBytes(one);
  return bytes;
}

function propertiesBytes(value: object): number {
  let bytes = 1;
  for (const [name, part] of Object.entries(value))
    if (part !== undefined) bytes += stringBytes(name) + jsonBytes(part) + 2;
  return Math.max(2, bytes);
}

/** Quoted and escaped as JSON.stringify does: control characters, quotes, backslashes and halves of surrogate pairs. */
function stringBytes(text: string): number {
  let bytes = 2;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += unit === 0x22 || unit === 0x5c ? 2 : unit >= 0x20 ? 1 : controlBytes(unit);
    else if (unit < 0x800) bytes += 2;
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 3;
    else if (unit < 0xdc00 && isLowSurrogate(text.charCodeAt(at + 1))) {
      bytes += 4;
      at += 1;
    } else bytes += 6;
  }
  return bytes;
}

/** The text, cut so that it takes at most so many bytes of JSON, with `…` where it was cut. */
export function clipped(text: string, bytesMax: number): string {
  // No character takes more than six bytes.
  if (text.length * 6 + 2 <= bytesMax || stringBytes(text) <= bytesMax) return text;
  let [fits, exceeds] = [0, text.length];
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    [fits, exceeds] = stringBytes(text.slice(0, middle)) + 3 <= bytesMax ? [middle, exceeds] : [fits, middle];
  }
  const isHalf = (text.charCodeAt(fits - 1) & 0xfc00) === 0xd800;
  return `${text.slice(0, isHalf ? fits - 1 : fits)}…`;
}

/** `\b \t \n \f \r`, or `\u` and four digits. */
function controlBytes(unit: number): number {
  return unit === 0x0b || unit < 0x08 || unit > 0x0d ? 6 : 2;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
