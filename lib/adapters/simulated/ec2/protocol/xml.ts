// Answers as EC2 writes them. Text is kept as one character per byte of its UTF-8 form, so that an answer goes
// out without being encoded again.

/** XML that is ready: bytes, which go out as they are, or text of one character per byte, which is put together. */
export type ReadyPart = Buffer | string;

/** Parts of large lists that are not written again, made when the answer is put together. */
export class ReadyXml {
  readonly parts: () => readonly ReadyPart[];
  constructor(parts: () => readonly ReadyPart[]) {
    this.parts = parts;
  }
}

/** Keys are EC2's element names; lists become `<item>`s; undefined and null are left out. */
export type Wire =
  string | number | boolean | Date | null | undefined | ReadyXml | readonly Wire[] | { readonly [name: string]: Wire };

/** Times of which EC2 shows whole seconds only. */
export function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

const namespace = 'http://ec2.amazonaws.com/doc/2016-11-15/';
const head = '<?xml version="1.0" encoding="UTF-8"?>\n';

export function answerXml(action: string, requestId: string, wire: Wire): Buffer {
  return toBytes(answerParts(action, requestId, wire));
}

/** The answer in the parts that it is made of: large ones need not be copied together to be sent. */
export function answerParts(action: string, requestId: string, wire: Wire): readonly ReadyPart[] {
  const out = new Output();
  out.text += `${head}<${action}Response xmlns="${namespace}"><requestId>${requestId}</requestId>`;
  write(wire, out);
  out.text += `</${action}Response>`;
  return out.parts();
}

export function errorXml(requestId: string, code: string, message: string): Buffer {
  return Buffer.from(
    `${head}<Response><Errors><Error><Code>${escape(code)}</Code><Message>${escape(message)}</Message></Error>`
      + `</Errors><RequestID>${requestId}</RequestID></Response>`,
    'latin1',
  );
}

/** The wire form as text of one character per byte, e.g. for {@link ReadyXml}. */
export function toXmlText(wire: Wire): string {
  return toXmlBytes(wire).toString('latin1');
}

/** The wire form in bytes. */
export function toXmlBytes(wire: Wire): Buffer {
  const out = new Output();
  write(wire, out);
  return toBytes(out.parts());
}

function toBytes(parts: readonly ReadyPart[]): Buffer {
  const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part));
  const [only] = bytes;
  return bytes.length === 1 && only ? only : Buffer.concat(bytes);
}

class Output {
  private readonly chunks: ReadyPart[] = [];
  text = '';

  add(parts: readonly ReadyPart[]): void {
    for (const part of parts) {
      if (typeof part === 'string') this.text += part;
      else {
        this.flush();
        this.chunks.push(part);
      }
    }
  }

  parts(): readonly ReadyPart[] {
    this.flush();
    return this.chunks;
  }

  private flush(): void {
    if (this.text === '') return;
    this.chunks.push(this.text);
    this.text = '';
  }
}

function write(wire: Wire, out: Output): void {
  if (wire === null || wire === undefined) return;
  if (typeof wire === 'string') out.text += escape(wire);
  else if (typeof wire === 'number' || typeof wire === 'boolean') out.text += String(wire);
  else if (wire instanceof ReadyXml) out.add(wire.parts());
  else if (wire instanceof Date) out.text += wire.toISOString();
  else if (isList(wire)) {
    for (const member of wire) {
      out.text += '<item>';
      write(member, out);
      out.text += '</item>';
    }
  } else {
    for (const [name, value] of Object.entries(wire)) {
      if (value === undefined || value === null) continue;
      out.text += `<${name}>`;
      write(value, out);
      out.text += `</${name}>`;
    }
  }
}

function isList(wire: Wire): wire is readonly Wire[] {
  return Array.isArray(wire);
}

/** Anything but plain printable ASCII needs work. */
const needsWork = /[^\n\t -%'-;=?-~]/;

function escape(value: string): string {
  if (!needsWork.test(value)) return value;
  let out = '';
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '&') out += '&amp;';
    else if (character === '<') out += '&lt;';
    else if (character === '>') out += '&gt;';
    // Control characters cannot be written in XML 1.0 at all, not even as references.
    else if ((code < 0x20 && code !== 9 && code !== 10 && code !== 13) || code === 0xfffe || code === 0xffff)
      out += '?';
    else if (code === 13) out += '&#xd;';
    // Not as references: SDKs read those beyond 16 bits wrongly.
    else if (code > 0x7e) out += code >= 0xd800 && code <= 0xdfff ? '?' : Buffer.from(character).toString('latin1');
    else out += character;
  }
  return out;
}
