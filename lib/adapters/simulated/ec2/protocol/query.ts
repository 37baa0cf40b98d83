// The EC2 Query protocol's way of writing structures: `Filter.1.Value.2=x` is a tree, drawn with dots.
import { Ec2Error } from '../../cloud/errors.ts';

export interface QueryNode {
  /** null for an inner node without a value of its own. */
  value: string | null;
  readonly children: Map<string, QueryNode>;
}

/** More than any honest call has; a wrong client shall not eat the memory. */
const parametersMax = 50_000;

/** Parses a form body or query string. `Action`, `Version` and signature parts are the caller's to take out. */
export function parseQuery(text: string): QueryNode {
  const root: QueryNode = { value: null, children: new Map() };
  let count = 0;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    if (++count > parametersMax)
      throw new Ec2Error('InvalidRequest', `The request has more than ${parametersMax} parameters`);
    const at = pair.indexOf('=');
    const name = decode(at < 0 ? pair : pair.slice(0, at));
    place(root, name, at < 0 ? '' : decode(pair.slice(at + 1)));
  }
  return root;
}

function place(root: QueryNode, name: string, value: string): void {
  let node = root;
  for (const part of name.split('.')) {
    let child = node.children.get(part);
    if (!child) node.children.set(part, (child = { value: null, children: new Map() }));
    node = child;
  }
  node.value = value;
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.includes('+') ? text.replaceAll('+', ' ') : text);
  } catch {
    throw new Ec2Error('MalformedQueryString', `The query string contains a syntax error in '${text.slice(0, 100)}'`);
  }
}

/** The tree as one canonical text: equal texts are equal parameters, whatever their order. */
export function canonicalQuery(node: QueryNode, without: ReadonlySet<string> = new Set()): string {
  const children = [...node.children].filter(([name]) => !without.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const own = node.value === null ? '' : JSON.stringify(node.value);
  return children.length === 0
    ? own
    : `${own}{${children.map(([name, child]) => `${name}:${canonicalQuery(child)}`).join(',')}}`;
}
