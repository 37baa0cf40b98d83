// What the server that served the page says about itself.
import type { PageSettings } from '../serve/pages.ts';

const given = document.querySelector<HTMLMetaElement>('meta[name="bellows-dashboard"]')?.content;

export const settings: PageSettings = given
  ? (JSON.parse(given) as PageSettings)
  : { refreshMs: 1_500, idleRefreshMs: 1_500, restRefreshMs: 1_500, where: '' };
