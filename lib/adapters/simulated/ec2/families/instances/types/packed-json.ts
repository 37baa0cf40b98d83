// Many JSON values that have much in common, as one text in which every part is written once, some on a line
// with `|` between them: a text, number or truth value as JSON has it; `[` and the parts of a list; `{`, the
// keys' part and the parts of the values. Parts are counted from 0, their numbers in base 36, and stand before
// what is made of them; the last is the whole list.
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Of the text, not of what is in it. */
const lineLength = 800;

/** @throws TypeError for what JSON cannot say */
export function packJson(values: unknown): string {
  const parts = new Map<string, number>();
  const numberOf = (value: unknown): string => {
    const line = lineOf(value);
    let at = parts.get(line);
    if (at === undefined) {
      at = parts.size;
      parts.set(line, at);
    }
    return at.toString(36);
  };
  const lineOf = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(numberOf).join(' ')}`;
    if (typeof value === 'object' && value !== null) {
      const names = Object.keys(value).sort();
      return (
        '{'
        + `${[numberOf(names), ...names.map((name) => numberOf((value as Record<string, unknown>)[name]))].join(' ')}`
      );
    }
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined || text.includes('`') || text.includes('|'))
      throw new TypeError(`a ${typeof value} cannot be packed`);
    return text;
  };
  numberOf(values);
  const lines = [''];
  for (const part of parts.keys()) {
    const line = lines.at(-1) ?? '';
    if (line.length + part.length > lineLength && line !== '') lines.push(part);
    else lines[lines.length - 1] = line === '' ? part : `${line}|${part}`;
  }
  return lines.join('\n');
}

/** Equal parts come out as the same object: nobody may change them. */
export function unpackJson(packed: string): unknown {
  const parts: Json[] = [];
  const partsOf = (text: string): Json[] =>
    text === '' ? [] : text.split(' ').map((one) => parts[Number.parseInt(one, 36)] ?? null);
  for (const line of packed.trim().split(/[|\n]/)) {
    if (line.startsWith('[')) parts.push(partsOf(line.slice(1)));
    else if (line.startsWith('{')) {
      const [names, ...values] = partsOf(line.slice(1));
      parts.push(Object.fromEntries((names as readonly string[]).map((name, at) => [name, values[at] ?? null])));
    } else parts.push(JSON.parse(line) as Json);
  }
  return parts.at(-1);
}
