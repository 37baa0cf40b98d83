// What a check of an account or an installation found, and how it is printed.
import { plural, table } from '../text.ts';

export interface Finding {
  readonly name: string;
  /**
   * `missing`: something would fail. `wrong`: something fails or stands still. `note`: somebody wanted it so.
   * `unknown`: nobody here may look.
   */
  readonly state: 'ok' | 'missing' | 'wrong' | 'note' | 'unknown';
  readonly what: string;
  /** A command or a place in the console. */
  readonly cure: string | null;
}

export function ok(name: string, what: string, cure: string | null = null): Finding {
  return { name, state: 'ok', what, cure };
}

export function missing(name: string, what: string, cure: string): Finding {
  return { name, state: 'missing', what, cure };
}

export function wrong(name: string, what: string, cure: string): Finding {
  return { name, state: 'wrong', what, cure };
}

export function note(name: string, what: string, cure: string): Finding {
  return { name, state: 'note', what, cure };
}

export function unknown(name: string, what: string, cure: string | null): Finding {
  return { name, state: 'unknown', what, cure };
}

/** As a table, each finding with its cure below it, and a last line. `said`: of how many that are bad. */
export function findingsText(
  findings: readonly Finding[],
  said: { readonly none: string; readonly some: (count: number) => string },
): string {
  const bad = badIn(findings);
  const unclear = findings.filter((one) => one.state === 'unknown').length;
  const last = bad === 0 ? said.none : said.some(bad);
  return [
    table(
      ['', 'CHECK', 'FOUND'],
      findings.flatMap((one) => [
        [one.state, one.name, one.what],
        ...(one.cure === null ? [] : [['', '', `cure: ${one.cure}`]]),
      ]),
    ),
    '',
    unclear === 0 ? last : `${last}; ${plural(unclear, 'thing')} could not be seen`,
  ].join('\n');
}

export function badIn(findings: readonly Finding[]): number {
  return findings.filter((one) => one.state === 'missing' || one.state === 'wrong').length;
}
