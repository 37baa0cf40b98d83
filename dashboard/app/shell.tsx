// What is around every page: where one can go, whether the server answers, light or dark.
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { ago } from '../logic/format.ts';
import { linkTo, pages } from '../logic/route.ts';
import type { Page } from '../logic/route.ts';
import { CostPage } from '../pages/cost.tsx';
import { NodePage } from '../pages/node.tsx';
import { NodesPage } from '../pages/nodes.tsx';
import { NowPage } from '../pages/now.tsx';
import { RequestPage } from '../pages/request.tsx';
import { RequestsPage } from '../pages/requests.tsx';
import { Dialog, Said } from './dialog.tsx';
import { lostSinceMs, nowMs } from './live.ts';
import { place } from './location.ts';
import { settings } from './settings.ts';

const titles: Readonly<Record<Page, string>> = { now: 'Now', requests: 'Requests', nodes: 'Nodes', cost: 'Cost' };
const themes = ['auto', 'light', 'dark'] as const;
const theme = signal<string>(localStorage.getItem('bellows-theme') ?? 'auto');

export function applyTheme(): void {
  document.documentElement.dataset['theme'] = theme.value;
}

function nextTheme(): void {
  const at = themes.findIndex((one) => one === theme.value);
  theme.value = themes[(at + 1) % themes.length] ?? 'auto';
  localStorage.setItem('bellows-theme', theme.value);
  applyTheme();
}

export function Shell(): JSX.Element {
  const { page, id } = place.value;
  document.title = `${id ?? titles[page]} · Bellows`;
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href={linkTo('now')} aria-label="Bellows">
          <Mark />
          <span>Bellows</span>
        </a>
        <nav aria-label="Pages">
          {pages.map((one) => (
            <a key={one} href={linkTo(one)} aria-current={one === page ? 'page' : undefined}>
              {titles[one]}
            </a>
          ))}
        </nav>
        <div class="where">
          <Connection />
          <button type="button" class="quiet" onClick={nextTheme} aria-label={`Colours: ${theme.value}. Change`}>
            {theme.value === 'dark' ? '☾' : theme.value === 'light' ? '☀' : '◐'}
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Lost />
        <Content page={page} id={id} />
      </main>
      <Said />
      <Dialog />
    </>
  );
}

function skipToMain(event: Event): void {
  // The address says which page is shown, so it is not changed to go there.
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

function Content({ page, id }: { readonly page: Page; readonly id: string | null }): JSX.Element {
  switch (page) {
    case 'now':
      return <NowPage />;
    case 'requests':
      return id === null ? <RequestsPage /> : <RequestPage key={id} id={id} />;
    case 'nodes':
      return id === null ? <NodesPage /> : <NodePage key={id} id={id} />;
    case 'cost':
      return <CostPage />;
  }
}

function Connection(): JSX.Element {
  const isLost = lostSinceMs.value !== null;
  return (
    <span class={isLost ? 'live lost' : 'live'} title={`Asked every ${String(settings.refreshMs / 1000)} s`}>
      <i aria-hidden="true" />
      <span>{isLost ? 'no answer' : settings.where === '' ? 'live' : settings.where}</span>
    </span>
  );
}

function Lost(): JSX.Element | null {
  if (lostSinceMs.value === null) return null;
  return (
    <p class="problem" role="alert">
      The server has not answered for {ago(nowMs.value - lostSinceMs.value)}. What you see is older; it is asked again
      and again. Does <code>npm start</code>, or <code>./bellows dashboard</code> for a deployed installation, still run
      in its terminal? <code>./bellows doctor</code> finds out more.
    </p>
  );
}

function Mark(): JSX.Element {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--accent)" />
      <path d="M8 9v14M12 11v10M16 8v16M20 11v10M24 9v14" stroke="#fff" stroke-width="2.4" stroke-linecap="round" />
    </svg>
  );
}
