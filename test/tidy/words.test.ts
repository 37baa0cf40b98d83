// Old words stay out of identifiers, of the texts that people read, and of the docs.

import { describe, expect, test } from '@jest/globals';
import { listFiles, readText } from './tree.ts';
import { objectionToIdentifier, objectionsToComments, objectionsToPhrases, objectionsToWords } from './words.ts';

/** The rule and its test name what they ban. */
const isExempt = (path: string): boolean => /^test\/tidy\/words/.test(path);
const isRead = (path: string): boolean =>
  /^(?:agent|cli|docs|lambdas|lib|scripts|test)\/.*\.(?:ts|md)$|^[A-Z]+\.md$/.test(path);

test('the words of the field are used where old words were', () => {
  const read = listFiles().filter((path) => isRead(path) && !isExempt(path));
  expect(read.length).toBeGreaterThan(0);
  expect(read.flatMap((path) => objectionsToWords(path, readText(path)))).toEqual([]);
});

test('comments are in the words of the field', () => {
  const read = listFiles().filter((path) => /^(?:agent|cli|lambdas|lib|scripts)\/.*\.ts$/.test(path));
  expect(read.length).toBeGreaterThan(0);
  expect(read.flatMap((path) => objectionsToComments(path, readText(path)))).toEqual([]);
});

describe('the rule bites', () => {
  test.each(['heldVolumes', 'is_held', 'HOLDS_MAX', 'tellsOwed', 'Draft', 'brokenPromises', 'groupsWorn'])(
    'on the identifier %s',
    (identifier) => {
      expect(objectionToIdentifier(identifier)).not.toBeNull();
    },
  );

  test.each(['threshold', 'withheld', 'placeholder', 'PlanDraft', 'holder', 'retold', 'constructor'])(
    'but not on the identifier %s',
    (identifier) => {
      expect(objectionToIdentifier(identifier)).toBeNull();
    },
  );

  test.each([
    'the volume is held until its lease ends',
    'nodes are given back after a minute',
    'the drain gives everything back',
    'the group that a machine wears',
    'the alarm rings',
    "Lost needs EC2's word",
    'the end is told once',
    'a tick is owed',
  ])('on the text: %s', (text) => {
    expect(objectionsToPhrases(text)).not.toEqual([]);
  });

  test.each(['the file holds one line', 'a string of words', 'the lock holder', 'it brings rings of keys', 'tell why'])(
    'but not on the text: %s',
    (text) => {
      expect(objectionsToPhrases(text)).toEqual([]);
    },
  );

  test.each(["// EC2's word on it", ' * In its words, a range.', '  // The caller is told.'])(
    'on the comment: %s',
    (line) => {
      expect(objectionsToComments('lib/a.ts', `const a = 1;\n${line}\n`)).toHaveLength(1);
    },
  );

  test.each(['// Volumes are told apart by their tag', '// A reserved word of DynamoDB'])(
    'but not on the comment: %s',
    (line) => {
      expect(objectionsToComments('lib/a.ts', line)).toEqual([]);
    },
  );

  test('names the line, and the word to use instead', () => {
    expect(objectionsToWords('lib/a.ts', "const a = 1;\nconst b = 'it is owed';\n")).toEqual([
      'lib/a.ts:2 "owed": say due',
    ]);
    expect(objectionsToWords('docs/a.md', 'one\ntwo\nis owed\n')).toEqual(['docs/a.md:3 "owed": say due']);
  });
});
