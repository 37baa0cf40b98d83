// Variables in files of Compose, and in the env files that they name.
import { ownValue } from '../../../lib/core/values/dictionary.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:+other}`, `${NAME:?message}`, `$$`; what follows
 * the sign may have variables itself. `missing`: is called with what is not set.
 */
export function interpolate(text: string, variables: Variables, missing: (what: string) => void): string {
  let result = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return result + text.slice(at);
    result += text.slice(at, dollar);
    const [plain = ''] = /^[A-Za-z_]\w*/.exec(text.slice(dollar + 1)) ?? [];
    if (text[dollar + 1] === '$') {
      result += '$';
      at = dollar + 2;
    } else if (text[dollar + 1] === '{') {
      const end = endOfBraces(text, dollar + 1);
      const inside = text.slice(dollar + 2, end);
      const [, name, sign, other = ''] = /^([A-Za-z_]\w*)(?:(:?[-?+])(.*))?$/s.exec(inside) ?? [];
      if (end < 0 || name === undefined) missing(`${text.slice(dollar, end < 0 ? undefined : end + 1)} is no variable`);
      else result += valueOf(name, sign, other, variables, missing);
      at = end < 0 ? text.length : end + 1;
    } else if (plain !== '') {
      result += valueOf(plain, undefined, '', variables, missing);
      at = dollar + 1 + plain.length;
    } else {
      result += '$';
      at = dollar + 1;
    }
  }
  return result;
}

/** -1: they are not closed. */
function endOfBraces(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}' && (depth -= 1) === 0) return at;
  }
  return -1;
}

function valueOf(
  name: string,
  sign: string | undefined,
  other: string,
  variables: Variables,
  missing: (what: string) => void,
): string {
  const given = ownValue(variables, name);
  const isThere = given !== undefined && !(sign?.startsWith(':') === true && given === '');
  if (sign?.endsWith('+') === true) return isThere ? interpolate(other, variables, missing) : '';
  if (isThere) return given;
  if (sign?.endsWith('-') === true) return interpolate(other, variables, missing);
  missing(`${name} is not set${other === '' ? '' : `: ${other}`}; export it`);
  return '';
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** `NAME=VALUE` a line, with comments. In double quotes escapes and variables are replaced, in single ones nothing. */
export function* envLines(
  text: string,
  variables: Variables,
  object: (message: string) => void,
): Generator<[string, string]> {
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, key, rest = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? [];
    const where = `line ${String(at + 1)}`;
    if (key === undefined) {
      object(`${where} is not NAME=VALUE`);
      continue;
    }
    const replaced = (value: string): string => interpolate(value, variables, (what) => object(`${where}: ${what}`));
    const [, double] = /^"((?:\\.|[^"\\])*)"\s*(?:#.*)?$/.exec(rest) ?? [];
    const [, single] = /^'([^']*)'\s*(?:#.*)?$/.exec(rest) ?? [];
    if (single !== undefined) yield [key, single];
    else if (double !== undefined)
      yield [key, replaced(double.replace(/\\(.)/g, (_all, one: string) => escapes[one] ?? one))];
    else yield [key, replaced(rest.replace(/(^|\s)#.*$/, '').trim())];
  }
}
