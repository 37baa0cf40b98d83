// Bundles one program for Lambda or for nodes: `bundle.ts ENTRY OUTFILE [ENTRY OUTFILE]…`. What only weighs and
// never runs is left out, because every cold start reads the rest.
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import type { BuildResult, Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The catalog is 75 KB of text that packs to a quarter; unpacking it takes a millisecond. */
const packedCatalog: Plugin = {
  name: 'packed-catalog',
  setup(build) {
    build.onLoad({ filter: /lib[\\/]core[\\/]catalog[\\/]data\.ts$/ }, async ({ path }) => {
      const table = /^export const table = `([^`$\\]*)`;$/m.exec(await readFile(path, 'utf8'))?.[1];
      if (table === undefined)
        return { errors: [{ text: `${path} does not hold one plain table; change scripts/bundle.ts with it` }] };
      return {
        loader: 'js',
        contents: `import { brotliDecompressSync } from "node:zlib";\nexport const table = ${unpacked(table)};`,
      };
    });
  },
};

/** The API's description never changes after the build: its text is made here, and what makes it stays here. */
const readyOpenApi: Plugin = {
  name: 'ready-open-api',
  setup(build) {
    build.onLoad({ filter: /lib[\\/]api[\\/]openapi\.ts$/ }, async ({ path }) => {
      const { openApiDocument } = (await import(pathToFileURL(path).href)) as { openApiDocument: () => unknown };
      return {
        loader: 'js',
        contents:
          `import { brotliDecompressSync } from "node:zlib";\nexport function openApiDocument() { return `
          + `JSON.parse(${unpacked(JSON.stringify(openApiDocument()))}); }`,
      };
    });
  },
};

/**
 * Every zod schema can describe itself as JSON Schema. No function asks: the description above
 * was made at build time.
 */
const noJsonSchema: Plugin = {
  name: 'no-json-schema',
  setup(build) {
    build.onLoad(
      { filter: /zod[\\/]v4[\\/]core[\\/](?:json-schema-processors|to-json-schema)\.js$/ },
      async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const names = [
          ...source.matchAll(/^export (?:const|function) (\w+)/gm),
          ...source.matchAll(/^export \{ \w+ as (\w+) \};$/gm),
        ].map(([, name = '']) => name);
        const refuse = "() => { throw new Error('JSON Schema is left out of bundles: see scripts/bundle.ts'); }";
        return {
          loader: 'js',
          contents: `const refuse = ${refuse};\n${names.map((name) => `export { refuse as ${name} };`).join('\n')}`,
        };
      },
    );
  },
};

/** An expression that gives the text. */
function unpacked(text: string): string {
  return `brotliDecompressSync(Buffer.from("${brotliCompressSync(text).toString('base64')}", "base64")).toString()`;
}

/** Into `outfile`, with esbuild's account of what went in. */
export async function bundle(entry: string, outfile: string): Promise<BuildResult<{ metafile: true }>> {
  return esbuild.build({
    entryPoints: [entry],
    outfile,
    absWorkingDir: root,
    metafile: true,
    logLevel: 'error',
    legalComments: 'none',
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    plugins: [packedCatalog, readyOpenApi, noJsonSchema],
    // Packages in CommonJS call `require` for Node's own modules.
    banner: {
      js:
        "import { createRequire as __createRequire } from 'node:module'; const require = "
        + '__createRequire(import.meta.url);',
    },
  });
}

if (import.meta.main) {
  const paths = process.argv.slice(2);
  const pairs = paths.flatMap((entry, at) => (at % 2 === 0 ? [[entry, paths[at + 1]] as const] : []));
  if (pairs.length === 0 || paths.length % 2 !== 0) {
    process.stderr.write('usage: bundle.ts ENTRY OUTFILE [ENTRY OUTFILE]…\n');
    process.exitCode = 2;
  } else {
    await Promise.all(pairs.map(([entry, outfile = '']) => bundle(entry, outfile)));
  }
}
