// Reads EC2's answers: elements and text, nothing else occurs in them. Not a general XML parser.

export interface Element {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Element[];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, entity: string) => {
    if (entity.startsWith('#x')) return String.fromCodePoint(parseInt(entity.slice(2), 16));
    if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)));
    return entities[entity] ?? whole;
  });
}

/** @throws SyntaxError for what is no element, or not closed */
export function parseXml(xml: string): Element {
  const root: { name: string; text: string; children: Element[] } = { name: '', text: '', children: [] };
  const open = [root];
  let current = root;
  // By hand: listings are megabytes, and most of a tick that watches a thousand machines is spent here.
  for (let at = 0; at < xml.length;) {
    const tag = xml.indexOf('<', at);
    if (tag < 0) break;
    // Text between elements is white space, or that of the element around it.
    if (tag > at && current.children.length === 0) current.text += unescape(xml.slice(at, tag));
    const end = xml.indexOf('>', tag);
    if (end < 0) throw new SyntaxError('the answer is cut off');
    at = end + 1;
    const first = xml[tag + 1];
    if (first === '?' || first === '!') continue;
    if (first === '/') {
      const name = xml.slice(tag + 2, end);
      if (open.length < 2 || current.name !== name) throw new SyntaxError(`</${name}> closes nothing`);
      open.pop();
      current = open.at(-1) ?? root;
      continue;
    }
    const isEmpty = xml[end - 1] === '/';
    const inner = xml.slice(tag + 1, isEmpty ? end - 1 : end);
    // Within the tag: the next space of the whole answer may be megabytes away.
    const space = inner.indexOf(' ');
    const element = { name: space < 0 ? inner : inner.slice(0, space), text: '', children: [] };
    current.children.push(element);
    if (isEmpty) continue;
    open.push(element);
    current = element;
  }
  const [document] = root.children;
  if (open.length !== 1 || !document) throw new SyntaxError('the answer is cut off');
  return document;
}

export function child(element: Element | undefined, ...path: readonly string[]): Element | undefined {
  let at = element;
  for (const name of path) at = at?.children.find((one) => one.name === name);
  return at;
}

/** '' where it is absent: EC2 leaves empty elements out. */
export function textOf(element: Element | undefined, ...path: readonly string[]): string {
  return child(element, ...path)?.text.trim() ?? '';
}

export function items(element: Element | undefined, ...path: readonly string[]): readonly Element[] {
  return child(element, ...path)?.children.filter((one) => one.name === 'item') ?? [];
}
