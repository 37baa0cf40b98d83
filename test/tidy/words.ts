// Old words of the project's own and the field's words that replaced them, as one pure function over (path, text).
import ts from 'typescript';

/** Parts of identifiers: `isHeldBack` has the parts `is`, `held`, `back`. */
const identifierParts: Readonly<Record<string, string>> = {
  hold: 'claim',
  holds: 'claims',
  held: 'claimed',
  holding: 'claiming',
  worn: 'attached',
  wear: 'attach',
  wears: 'hasAttached',
  owed: 'due',
  owes: 'isDue',
  told: 'notified or published',
  untold: 'unpublished',
  lingers: 'waitForNextLook',
  awake: 'running',
  asleep: 'stopped',
  heed: 'apply',
  heeds: 'applies',
  fates: 'outcomes',
  endgame: 'end of run',
};

/** Whole identifiers whose parts are ordinary English. */
const identifiers: Readonly<Record<string, string>> = {
  freeLoose: 'detachUnclaimed',
  letGo: 'leave',
  giveUp: 'release',
  Draft: 'WorkingCopy, PlanDraft or StepBuilder',
  brokenPromises: 'violatedConstraints',
  wordOfDeath: 'evidence of termination',
  askToken: 'resolve a launch token',
};

/** In texts that people read: strings and pages of docs. */
const phrases: readonly (readonly [RegExp, string])[] = [
  [/\b(?:is|are|was|were|be|been|being) held\b/i, 'is claimed (or: kept, reserved)'],
  [/\bheld (?:by|until|for|all day|rather than)\b/i, 'claimed (or: kept) by, until, for'],
  [/\brequests? (?:that )?holds?\b/i, 'claim'],
  [/\bg(?:ive|ives|iven|iving|ave) (?:\w+ )?back\b/i, 'release'],
  [/\bwears?\b|\bworn\b|\bwearing\b/i, 'has attached'],
  [/\b(?:alarm|it|still|that) rings\b|\brings (?:when|then)\b/i, 'is in ALARM'],
  [/\bheeds?\b/i, 'applies the alarm event'],
  [/\bwords? of EC2\b|\bEC2's words?\b/i, 'evidence of termination (or: answer of EC2)'],
  [/\b(?:tells?|told) (?:the |its |an |of )?ends?\b|\bends? (?:is|are|be|was) told\b/i, 'publishes the end'],
  [/\bto be told\b|\bcould not be told\b|\bis told on\b/i, 'published (or: notified)'],
  [/\bowe[sd]?\b/i, 'due'],
  [/\bawake\b|\basleep\b/i, 'running, stopped'],
  [/\bmade up for\b/i, 'replaced'],
  [/\bholds\.md\b/, 'claims.md'],
  [/\b(?:EC2|AWS) g(?:ives|ave) up\b/, 'EC2 shows an error for it'],
  [/\bEC2 lists \S+ no more\b/, 'EC2 no longer lists it'],
];

/** In comments, besides those of {@link phrases}. */
const commentPhrases: readonly (readonly [RegExp, string])[] = [
  ...phrases,
  [/\b(?:AWS|DynamoDB)'s words?\b|\b(?:is|in) (?:its|no) words?\b/i, 'its answer, state or format'],
  [/\b(?:is|are|was|be|been) told\b(?! apart)/i, 'is published, reported or passed'],
  [/\bat this moment\b/i, 'now (or: at the same time)'],
  [/\bat the door\b/i, 'at submit'],
  [/\blets? go of\b/i, 'leaves, frees or detaches'],
  [/\bon (?:its|their) way\b/i, 'in flight, starting or being made'],
  [/\b(?:can(?:not)?|could(?: not)?|may(?: not)?|to) be had\b/i, 'is available, or can be launched'],
];

const partsOf = (identifier: string): readonly string[] =>
  identifier
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .split(/[\s_$]+/)
    .map((part) => part.toLowerCase());

/** What is wrong with one identifier; null: nothing. */
export function objectionToIdentifier(identifier: string): string | null {
  const whole = Object.hasOwn(identifiers, identifier) ? identifiers[identifier] : undefined;
  if (whole !== undefined) return `${identifier}: say ${whole}`;
  const part = partsOf(identifier).find((one) => Object.hasOwn(identifierParts, one));
  return part === undefined ? null : `${identifier}: for "${part}" say ${identifierParts[part] ?? ''}`;
}

const known = new Map<string, boolean>();

/** Whether a word of the text, be it code, text or comment, would be an old identifier. */
function hasOldIdentifier(text: string): boolean {
  for (const [word] of text.matchAll(/[A-Za-z_$][\w$]*/g)) {
    const isOld = known.get(word) ?? objectionToIdentifier(word) !== null;
    known.set(word, isOld);
    if (isOld) return true;
  }
  return false;
}

/** What is wrong with a text that people read. */
export function objectionsToPhrases(text: string, banned = phrases): readonly string[] {
  return banned.flatMap(([pattern, word]) => {
    const found = pattern.exec(text);
    return found === null ? [] : [`"${found[0]}": say ${word}`];
  });
}

/** Old words in a file's identifiers and strings, or in a page; one sentence each, with its line. */
export function objectionsToWords(path: string, text: string): readonly string[] {
  if (path.endsWith('.md')) {
    return text
      .split('\n')
      .flatMap((line, index) => objectionsToPhrases(line).map((why) => `${path}:${String(index + 1)} ${why}`));
  }
  // Most files have none of the words anywhere, and need not be parsed.
  if (objectionsToPhrases(text).length === 0 && !hasOldIdentifier(text)) return [];
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const objections: string[] = [];
  const visit = (node: ts.Node): void => {
    const found = objectionsToNode(node);
    if (found.length > 0) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      objections.push(...found.map((why) => `${path}:${String(line)} ${why}`));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...new Set(objections)];
}

/** Old words in the comments of a file that stand on lines of their own. */
export function objectionsToComments(path: string, text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      /^\s*(?:\/\/|\/\*\*|\*) /.test(line)
        ? objectionsToPhrases(line, commentPhrases).map((why) => `${path}:${String(index + 1)} ${why}`)
        : [],
    );
}

function objectionsToNode(node: ts.Node): readonly string[] {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
    const why = objectionToIdentifier(node.text.replace(/^#/, ''));
    return why === null ? [] : [why];
  }
  const isText =
    ts.isStringLiteral(node)
    || ts.isNoSubstitutionTemplateLiteral(node)
    || ts.isTemplateHead(node)
    || ts.isTemplateMiddle(node)
    || ts.isTemplateTail(node);
  return isText ? objectionsToPhrases(node.text) : [];
}
