// Sizes, shares of CPUs and durations as Compose and Kubernetes write them.

/** Of Kubernetes: `500m`, `0.5`, `2`. undefined: it is none. */
export function cpusOf(value: unknown): number | undefined {
  const [, number, milli] = /^(\d+(?:\.\d+)?|\.\d+)(m?)$/.exec(String(value)) ?? [];
  return number === undefined ? undefined : Number(number) / (milli === 'm' ? 1000 : 1);
}

const powers = { '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 } as const;
const binary = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 } as const;
const units: Readonly<Record<string, number>> = { ...powers, ...binary };

/** Of Kubernetes: `128974848`, `129e6`, `129M`, `123Mi`; in whole MiB, rounded up. */
export function memoryMibOf(value: unknown): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?(?:e\d+)?)([A-Za-z]*)$/.exec(String(value)) ?? [];
  const factor = units[unit];
  return number === undefined || factor === undefined ? undefined : Math.ceil((Number(number) * factor) / 2 ** 20);
}

/** Of Compose: `512m`, `1.5gb`, `1073741824`; units are powers of 1024. In whole MiB, rounded up. */
export function byteMibOf(value: unknown): number | undefined {
  const [, number, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([bkmgt]?)b?$/i.exec(String(value)) ?? [];
  if (number === undefined) return undefined;
  return Math.ceil((Number(number) * 1024 ** Math.max(0, 'bkmgt'.indexOf(unit.toLowerCase()))) / 2 ** 20);
}

const seconds = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 } as const;

/** Of Compose: `1m30s`, `500ms`, `10s`. */
export function durationSecondsOf(value: unknown): number | undefined {
  const text = String(value);
  if (!/^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number = '0', unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g))
    sum += Number(number) * seconds[unit as keyof typeof seconds];
  return sum;
}

/** As a shell splits them: quotes and backslashes keep blanks. undefined: a quote is not closed. */
export function wordsOf(text: string): readonly string[] | undefined {
  const words: string[] = [];
  const part = /\s+|'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^\s'"\\]+)/gsy;
  let word: string | null = null;
  while (part.lastIndex < text.length) {
    const found = part.exec(text);
    if (found === null) return undefined;
    const [all, single, double, escaped, plain] = found;
    const piece = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain;
    if (piece !== undefined) word = (word ?? '') + piece;
    else if (all !== '' && word !== null) {
      words.push(word);
      word = null;
    }
  }
  return word === null ? words : [...words, word];
}
