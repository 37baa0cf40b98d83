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
  const token = /<(\/?)([^\s/>!?]+)[^>]*?(\/?)>|<[!?][^>]*>|([^<]+)/g;
  for (const [, closing, name, selfClosing, text] of xml.matchAll(token)) {
    const current = open.at(-1) ?? root;
    if (text !== undefined) current.text += unescape(text);
    else if (name === undefined) continue;
    else if (closing === '/') {
      if (open.length < 2 || current.name !== name) throw new SyntaxError(`</${name}> closes nothing`);
      open.pop();
    } else {
      const element = { name, text: '', children: [] };
      current.children.push(element);
      if (selfClosing !== '/') open.push(element);
    }
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
