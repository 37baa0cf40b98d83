// The page's beginning.
import { render } from 'preact';
import './style/index.css';
import { startLive } from './app/live.ts';
import { startLocation } from './app/location.ts';
import { Shell, applyTheme } from './app/shell.tsx';

const app = document.querySelector('#app');
if (app === null) throw new TypeError('the page has no element #app');
applyTheme();
startLocation();
startLive();
app.replaceChildren();
render(<Shell />, app);
