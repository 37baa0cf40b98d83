// Answers a browser's GETs of the page and its files. No other origin may frame it, and nothing foreign runs in it.
import type { Asset } from './asset.ts';
import { readAssets } from './assets.ts';

export interface PageSettings {
  /** How often the page asks: while somebody uses it, untouched for five minutes, and for an hour. */
  readonly refreshMs: number;
  readonly idleRefreshMs: number;
  readonly restRefreshMs: number;
  /** What it shows, for people: "this laptop", or the address of the deployed API. */
  readonly where: string;
}

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Whether a path is the page's, whatever is there. */
export function isPagePath(path: string): boolean {
  return path === '/' || path.startsWith('/dashboard/');
}

/** Answers paths of the page; null: nothing is there. The files are read, or built, at the first call. */
export function createPages(settings: PageSettings): (path: string) => Promise<PageAnswer | null> {
  let files: Promise<readonly Asset[]> | undefined;
  const read = async (): Promise<readonly Asset[]> => {
    files ??= readAssets();
    try {
      return await files;
    } catch (error) {
      // The next call tries again: somebody may have mended the sources.
      files = undefined;
      throw error;
    }
  };
  return async (path) => {
    const asset = (await read()).find((one) => one.path === path);
    return asset === undefined ? null : answerOf(asset, settings);
  };
}

function answerOf({ path, type, text }: Asset, settings: PageSettings): PageAnswer {
  const isPage = path === '/';
  return {
    status: 200,
    headers: {
      'content-type': type,
      'cache-control': isPage ? 'no-cache' : 'public, max-age=31536000, immutable',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    body: isPage ? text.replace('{{settings}}', () => escaped(JSON.stringify(settings))) : text,
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
