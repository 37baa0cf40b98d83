// How many entries a folder may have: what a reader takes in at a look.

export const entriesMax = 14;

/** Folders that may have more, each with the reason. Those of the second part shrink to nothing. */
export const fullFolders: Readonly<Record<string, string>> = {
  docs: 'one page per concept, found by name from the index in README.md',
  test: 'mirrors lib/, with a folder for each further kind of test',
  // Not grouped yet.
  'test/control': 'to be grouped',
  'test/control/claims': 'to be grouped',
};

export function objectionsToFolders(
  files: readonly string[],
  exempt: Readonly<Record<string, string>> = fullFolders,
): readonly string[] {
  const entries = new Map<string, Set<string>>();
  for (const file of files) {
    const parts = file.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      const known = entries.get(folder) ?? new Set<string>();
      entries.set(folder, known.add(parts[depth] ?? ''));
    }
  }
  return [...entries]
    .filter(([folder, names]) => names.size > entriesMax && !Object.hasOwn(exempt, folder))
    .map(
      ([folder, names]) => `${folder} has ${String(names.size)} entries (${String(entriesMax)} at most): group them`,
    );
}
