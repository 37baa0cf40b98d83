// Runs the command that a task has for its end, and says what became of it.
import { execute } from '../execute.ts';
import type { Command } from '../launcher.ts';

const shownCharacters = 150;

/** Continues the sentence "its preStop command …". `command` null: not on this node. Never rejects. */
export async function endOfCommand(command: Command | null, timeoutMs: number): Promise<string> {
  if (command === null) return 'was not run: this node runs commands beside containers only';
  const { code, stderr, stdout } = await execute(command, command.args, { timeoutMs: Math.max(1, timeoutMs) });
  if (code === 0) return 'ended with 0';
  const said = (stderr.trim() || stdout.trim()).slice(-shownCharacters);
  const end = code === null ? 'was ended by its time' : `ended with ${String(code)}`;
  return said === '' ? end : `${end}: ${said}`;
}
