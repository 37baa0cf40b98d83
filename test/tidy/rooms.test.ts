// Imports go one way: no circles, and no arrow upwards between the layers of lib/core. Folders are small.

import { describe, expect, test } from '@jest/globals';
import { circlesOf, graphOf, upwardImports } from './import-graph.ts';
import type { ImportGraph } from './import-graph.ts';
import { coreLayers, foldersWithCircles, knownUpward } from './dependency-rule.ts';
import { entriesMax, fullFolders, objectionsToFolders } from './folder-size.ts';
import { importsIn, listFiles, readText } from './tree.ts';

const files = listFiles();
const sources = files.filter((path) => /\.tsx?$/.test(path));
const graph = graphOf(sources, (path) => importsIn(readText(path)));

describe('imports between files', () => {
  test('make no circle, besides those in the folders that are listed', () => {
    const circles = circlesOf(graph);
    expect(circles.filter((circle) => !foldersWithCircles.some((folder) => isIn(circle, folder)))).toEqual([]);
  });

  test('go from higher layers of lib/core to lower ones', () => {
    const upward = upwardImports(graph, 'lib/core', coreLayers);
    expect(upward.filter((one) => !knownUpward.some((known) => one.startsWith(`${known} `)))).toEqual([]);
  });

  test('the lists of circles and of arrows upwards name none that is mended', () => {
    const circles = circlesOf(graph);
    const upward = upwardImports(graph, 'lib/core', coreLayers);
    expect(foldersWithCircles.filter((folder) => !circles.some((circle) => isIn(circle, folder)))).toEqual([]);
    expect(knownUpward.filter((known) => !upward.some((one) => one.startsWith(`${known} `)))).toEqual([]);
  });
});

function isIn(circle: readonly string[], folder: string): boolean {
  return circle.every((file) => file.startsWith(folder));
}

describe('folders', () => {
  test(`have at most ${String(entriesMax)} entries, besides those that are listed`, () => {
    expect(objectionsToFolders(files)).toEqual([]);
  });

  test('the list of full folders names none that has become small', () => {
    const all = objectionsToFolders(files, {});
    expect(Object.keys(fullFolders).filter((folder) => !all.some((one) => one.startsWith(`${folder} `)))).toEqual([]);
  });
});

describe('the rules bite', () => {
  const graphFrom = (imports: Readonly<Record<string, readonly string[]>>): ImportGraph =>
    graphOf(Object.keys(imports), (path) => imports[path] ?? []);

  test('on a circle of three, and on a file that imports itself', () => {
    const circle = graphFrom({ 'a.ts': ['./b.ts'], 'b.ts': ['./c.ts'], 'c.ts': ['./a.ts'], 'd.ts': ['./a.ts'] });
    expect(circlesOf(circle)).toEqual([['a.ts', 'b.ts', 'c.ts']]);
    expect(circlesOf(graphFrom({ 'a.ts': ['./a.ts'] }))).toEqual([['a.ts']]);
  });

  test('but not on two ways to one file', () => {
    const diamond = graphFrom({ 'a.ts': ['./b.ts', './c.ts'], 'b.ts': ['./d.ts'], 'c.ts': ['./d.ts'], 'd.ts': [] });
    expect(circlesOf(diamond)).toEqual([]);
  });

  test('on an arrow upwards and on a folder without a layer; a file may have a layer of its own', () => {
    const layers = ['low', 'high', 'low/top.ts'];
    const imports = graphFrom({
      'core/low/a.ts': ['../high/b.ts'],
      'core/low/top.ts': ['../high/b.ts'],
      'core/high/b.ts': ['../low/c.ts'],
      'core/low/c.ts': [],
      'core/attic/d.ts': [],
    });
    expect(upwardImports(imports, 'core', layers)).toEqual([
      'core/low/a.ts imports core/high/b.ts, which is in a higher layer',
      'core/attic/d.ts is in no layer of core: add its folder to the order',
    ]);
  });

  test('on a folder with too many entries, counting folders in it once', () => {
    const crowd = Array.from({ length: entriesMax }, (_, n) => `lib/x/${String(n)}.ts`);
    expect(objectionsToFolders([...crowd], {})).toEqual([]);
    expect(objectionsToFolders([...crowd, 'lib/x/y/a.ts', 'lib/x/y/b.ts'], {})).toHaveLength(1);
  });
});
