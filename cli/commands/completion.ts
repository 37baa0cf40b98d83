// `completion`: a script with which a shell completes commands and options. It is made of the command table itself.
import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Run } from '../context.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** What may follow each command: its commands and long options, by its words, e.g. `pool apply`. */
interface Step {
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly text: string }[];
}

export function registerCompletion(program: Command, run: Run): void {
  run(
    program
      .command('completion')
      .description("prints a script for your shell, e.g. source <(bellows completion bash), or into fish's completions")
      .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish'])),
    async (context, [shell]) => {
      context.out(scripts[shell as Shell](stepsOf(program, '')));
    },
  );
}

function stepsOf(command: Command, path: string): readonly Step[] {
  const words = [
    ...command.commands.map((one) => ({ word: one.name(), text: one.description() })),
    ...command.options.flatMap(({ long, description }) => (long ? [{ word: long, text: description }] : [])),
    { word: '--help', text: 'display help for command' },
  ];
  return [
    { path, words },
    ...command.commands.flatMap((one) => stepsOf(one, path === '' ? one.name() : `${path} ${one.name()}`)),
  ];
}

const scripts: Readonly<Record<Shell, (steps: readonly Step[]) => string>> = { bash, zsh, fish };

/** Inside single quotes of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(steps: readonly Step[]): string {
  const cases = steps.map(
    ({ path, words }) => `    ${quoted(path)}) words=${quoted(words.map((one) => one.word).join(' '))} ;;`,
  );
  return [
    ...pathFunction,
    '_bellows() {',
    '  local words taken',
    '  taken=$(_bellows_path "${COMP_WORDS[@]:1:COMP_CWORD-1}")',
    '  case "$taken" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -F _bellows bellows ./bellows',
    ...pathCases(steps),
  ].join('\n');
}

function zsh(steps: readonly Step[]): string {
  const cases = steps.map(({ path, words }) => {
    const items = words.map(({ word, text }) => quoted(`${word.replaceAll(':', '\\:')}:${text}`));
    return `    ${quoted(path)}) items=(${items.join(' ')}) ;;`;
  });
  return [
    '#compdef bellows',
    ...pathFunction,
    '_bellows() {',
    '  local taken; local -a items',
    '  taken=$(_bellows_path "${(@)words[2,CURRENT-1]}")',
    '  case "$taken" in',
    ...cases,
    '  esac',
    "  _describe 'bellows' items || _files",
    '}',
    'compdef _bellows bellows ./bellows',
    ...pathCases(steps),
  ].join('\n');
}

function fish(steps: readonly Step[]): string {
  return [
    'function __bellows_path',
    '  set -l path ""',
    '  for word in (commandline -opc)[2..]',
    '    set -l longer (string trim "$path $word")',
    `    contains -- "$longer" ${steps.flatMap(({ path }) => (path === '' ? [] : [quoted(path)])).join(' ')}`,
    '    and set path $longer',
    '  end',
    '  echo $path',
    'end',
    ...steps.flatMap(({ path, words }) =>
      words.map(({ word, text }) => {
        const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
        return `complete -c bellows -n 'test "$(__bellows_path)" = "${path}"' ${what} -d ${quoted(text)}`;
      }),
    ),
  ].join('\n');
}

/** The longest row of words that is a command; what is no command (options and their values) is passed over. */
const pathFunction = [
  '_bellows_path() {',
  // Not `path`: in zsh that is PATH.
  '  local taken="" longer word',
  '  for word in "$@"; do',
  '    longer="${taken:+$taken }$word"',
  '    _bellows_is_command "$longer" && taken=$longer',
  '  done',
  `  printf '%s' "$taken"`,
  '}',
] as const;

function pathCases(steps: readonly Step[]): readonly string[] {
  const paths = steps.flatMap(({ path }) => (path === '' ? [] : [quoted(path)]));
  return ['_bellows_is_command() {', `  case "$1" in ${paths.join('|')}) return 0 ;; esac`, '  return 1', '}'];
}
