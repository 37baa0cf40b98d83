// Answers as EC2 writes them. Everything outside of ASCII becomes a character reference, so that an answer
// is one byte per character and goes out without being encoded again.

/** XML that is ready: cached parts of large lists. */
export class ReadyXml {
  readonly xml: string;
  constructor(xml: string) {
    this.xml = xml;
  }
}

/** Keys are EC2's element names; lists become `<item>`s; undefined and null are left out. */
export type Wire = string | number | boolean | Date | null | undefined | ReadyXml | readonly Wire[] | { readonly [name: string]: Wire };

const namespace = 'http://ec2.amazonaws.com/doc/2016-11-15/';
const head = '<?xml version="1.0" encoding="UTF-8"?>\n';

export function answerXml(action: string, requestId: string, wire: Wire): string {
  return `${head}<${action}Response xmlns="${namespace}"><requestId>${requestId}</requestId>${toXml(wire)}</${action}Response>`;
}

export function errorXml(requestId: string, code: string, message: string): string {
  return `${head}<Response><Errors><Error><Code>${escape(code)}</Code><Message>${escape(message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
}

export function toXml(wire: Wire): string {
  if (wire === null || wire === undefined) return '';
  if (typeof wire === 'string') return escape(wire);
  if (typeof wire === 'number' || typeof wire === 'boolean') return String(wire);
  if (wire instanceof ReadyXml) return wire.xml;
  if (wire instanceof Date) return wire.toISOString();
  let xml = '';
  if (isList(wire)) {
    for (const member of wire) xml += member instanceof ReadyXml ? member.xml : `<item>${toXml(member)}</item>`;
    return xml;
  }
  for (const [name, value] of Object.entries(wire)) {
    if (value !== undefined && value !== null) xml += `<${name}>${toXml(value)}</${name}>`;
  }
  return xml;
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
    else if ((code < 0x20 && code !== 9 && code !== 10 && code !== 13) || code === 0xfffe || code === 0xffff) out += '?';
    else if (code > 0x7e || code === 13) out += code >= 0xd800 && code <= 0xdfff ? '?' : `&#x${code.toString(16)};`;
    else out += character;
  }
  return out;
}
