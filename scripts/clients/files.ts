// The files of the clients that are generated, with their texts.
import { format, resolveConfig } from 'prettier';
import { contract } from './contract.ts';
import { pythonOf } from './python.ts';
import { typescriptOf } from './typescript.ts';

/** Paths from the project's root. */
export async function clientFiles(): Promise<readonly (readonly [path: string, text: string])[]> {
  const described = contract();
  const typescript = 'clients/typescript/api.ts';
  const options = await resolveConfig(new URL(`../../${typescript}`, import.meta.url));
  return [
    [typescript, await format(typescriptOf(described), { ...options, parser: 'typescript' })],
    ['clients/python/src/bellows/api.py', pythonOf(described)],
  ];
}
