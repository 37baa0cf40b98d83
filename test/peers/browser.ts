// Chromium of the machine, driven by playwright-core, which is no dependency of ours: what is used of it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { npmPackage } from './tools.ts';

export interface Page {
  goto: (url: string) => Promise<unknown>;
  on: (event: string, hear: (what: { url?: () => string; text?: () => string; message?: string }) => void) => void;
  evaluate: <T>(script: string) => Promise<T>;
  mouse: { move: (x: number, y: number) => Promise<void> };
  keyboard: { press: (key: string) => Promise<void> };
  click: (selector: string) => Promise<void>;
  fill: (selector: string, text: string) => Promise<void>;
  selectOption: (selector: string, value: string) => Promise<unknown>;
  waitForSelector: (selector: string) => Promise<unknown>;
  textContent: (selector: string) => Promise<string | null>;
  screenshot: (options: { path: string; fullPage: boolean }) => Promise<unknown>;
  close: () => Promise<void>;
}

export interface Browser {
  newPage: (options: { viewport: object; colorScheme: string; isMobile?: boolean }) => Promise<Page>;
  close: () => Promise<void>;
}

interface Playwright {
  readonly chromium: { launch: (options: { executablePath: string; args: string[] }) => Promise<Browser> };
}

export async function openBrowser(): Promise<Browser> {
  const entry = join(npmPackage('playwright-core', '1.65.1'), 'index.mjs');
  const { chromium } = (await import(pathToFileURL(entry).href)) as Playwright;
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
}
