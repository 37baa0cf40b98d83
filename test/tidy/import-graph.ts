// The imports between files of this repository as a graph: its circles, and its arrows from a lower room of lib/core
// to a higher one.
import { posix } from 'node:path';

/** From each file to the files that it imports. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

export function graphOf(files: readonly string[], importsIn: (file: string) => readonly string[]): ImportGraph {
  const known = new Set(files);
  return new Map(
    files.map((file) => [
      file,
      importsIn(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => posix.join(posix.dirname(file), specifier))
        .filter((target) => known.has(target)),
    ]),
  );
}

/** Groups of files that import each other, directly or not (Tarjan 1972); each sorted. */
export function circlesOf(graph: ImportGraph): readonly (readonly string[])[] {
  const circles: string[][] = [];
  const numbers = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): number => {
    const own = numbers.size;
    numbers.set(file, own);
    stack.push(file);
    let lowest = own;
    for (const target of graph.get(file) ?? []) {
      if (!numbers.has(target)) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, numbers.get(target) ?? own);
    }
    if (lowest === own) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1 || (graph.get(file) ?? []).includes(file)) circles.push(group.sort());
    }
    return lowest;
  };
  for (const file of graph.keys()) if (!numbers.has(file)) visit(file);
  return circles.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

/** Imports from a layer to a later one of `layers`, and files without a layer; a layer is a folder or a file. */
export function upwardImports(graph: ImportGraph, root: string, layers: readonly string[]): readonly string[] {
  const layerOf = (file: string): number => {
    // The longest name decides: a file may have another layer than its folder.
    const name = layers
      .filter((layer) => file === `${root}/${layer}` || file.startsWith(`${root}/${layer}/`))
      .sort((a, b) => b.length - a.length)[0];
    return name === undefined ? -1 : layers.indexOf(name);
  };
  return [...graph].flatMap(([file, targets]) => {
    if (!file.startsWith(`${root}/`)) return [];
    const own = layerOf(file);
    if (own < 0) return [`${file} is in no layer of ${root}: add its folder to the order`];
    return targets
      .filter((target) => target.startsWith(`${root}/`) && layerOf(target) > own)
      .map((target) => `${file} imports ${target}, which is in a higher layer`);
  });
}
