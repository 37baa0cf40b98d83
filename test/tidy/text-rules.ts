// What no text in this repository may contain, as one pure function over (path, text).

const linesMax = 720;
const isCode = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path);
const isData = (path: string): boolean =>
  /\.(json|jsonl|csv|svg|png|ico)$/.test(path) || path === 'lib/core/catalog/data.ts'; // a table of figures
const mustExplainItself = /^(lib|lambdas|agent|cli)\/.*\.ts$/;

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
  if (!isData(path) && lines.length - 1 > linesMax)
    objections.push(`${path} has ${lines.length - 1} lines (${linesMax} at most)`);
  if (mustExplainItself.test(path) && !/^(#!.*\n)?\s*\/[/*]/.test(text)) {
    objections.push(`${path} does not begin with a comment that says why it exists`);
  }
  return objections;
}
