// What no text in this repository may contain, as one pure function over (path, text).

const linesMax = 600;
/** Files that are longer and not split yet: the list shrinks to nothing. */
export const notYetSplit: readonly string[] = [];
const columnsMax = 120;
const isCode = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path);
const isData = (path: string): boolean =>
  /\.(json|jsonl|csv|svg|png|ico)$/.test(path)
  || path === 'lib/core/catalog/data.ts' // a table of figures
  || path === 'docs/ec2-simulator-actions.md' // made from the table of actions: as long as EC2's are
  || path === 'clients/typescript/api.ts' // made from the route table, as the next two
  || path === 'clients/python/src/bellows/api.py'
  || path === 'docs/api.md';
const mustExplainItself = /^(clients|lib|lambdas|agent|cli)\/.*\.ts$/;

// Absolute paths of the machine that this was written on; written so that the rule does not find itself.
const machinePath = new RegExp(`(?<![\\w.$}/-])/(${['work', 'root'].join('|')})/`);
const ownerlessTodo = new RegExp(`\\b${'TO' + 'DO'}\\b(?!\\([\\w@-]+\\))`);
const outsideFolder = new RegExp(`(\\.\\./|(?<![\\w/.@-]))${'sha' + 'red'}/(data|design)\\b`);

/** Everything that is wrong with one file, one sentence each. */
export function objectionsToText(path: string, text: string): readonly string[] {
  const objections: string[] = [];
  const lines = text.split('\n');
  const firstLineWith = (pattern: RegExp): number => lines.findIndex((line) => pattern.test(line)) + 1;
  const object = (pattern: RegExp, why: string): void => {
    const line = firstLineWith(pattern);
    if (line > 0) objections.push(`${path}:${line} ${why}`);
  };

  object(machinePath, 'names a path of one machine');
  if (isCode(path)) object(ownerlessTodo, 'has a to-do without an owner');
  // Benchmarks may name their input data in their usage text.
  if (!isData(path) && !path.startsWith('scripts/bench/'))
    object(outsideFolder, 'refers to a folder outside of the repository');
  if (isTooLong(path, text) && !notYetSplit.includes(path))
    objections.push(`${path} has ${lines.length - 1} lines (${linesMax} at most)`);
  if (path.endsWith('.md')) objections.push(...objectionsToWidth(path, lines));
  if (mustExplainItself.test(path) && !/^(#!.*\n)?\s*\/[/*]/.test(text)) {
    objections.push(`${path} does not begin with a comment that says why it exists`);
  }
  return objections;
}

export function isTooLong(path: string, text: string): boolean {
  return !isData(path) && text.split('\n').length - 1 > linesMax;
}

/** Rows of tables and addresses cannot be broken. The linter sees to the width of code. */
function objectionsToWidth(path: string, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line, index) =>
    [...line].length <= columnsMax || /^\s*\||:\/\//.test(line)
      ? []
      : [`${path}:${index + 1} is wider than ${columnsMax} columns: wrap it`],
  );
}
