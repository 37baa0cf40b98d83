// Colours of states, for terminals: what failed is red, what is well is green, what moves is yellow.

const red = '31';
const green = '32';
const yellow = '33';
const colourOf: Readonly<Record<string, string>> = {
  failed: red,
  expired: red,
  lost: red,
  dead: red,
  succeeded: green,
  active: green,
  ready: green,
  running: green,
  pending: yellow,
  waiting: yellow,
  launching: yellow,
  starting: yellow,
  draining: yellow,
  releasing: yellow,
};

/** A state that stands alone in its cell: columns are two blanks apart. */
const cell = new RegExp(`(?<=^| {2})(${Object.keys(colourOf).join('|')})(?=$| {2}|: )`, 'gm');

export function coloured(text: string): string {
  return text.replace(cell, (state) => `\u001b[${colourOf[state] ?? '0'}m${state}\u001b[0m`);
}
