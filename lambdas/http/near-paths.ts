// For a path that is not there: which methods it would take, or which paths are near to it.
import { editDistance } from '../../lib/core/values/dictionary.ts';
import type { Route } from '../../lib/api/routes.ts';

function segmentsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}

const isParameter = (segment: string): boolean => segment.startsWith('{');

function matches(template: string, path: string): boolean {
  const wanted = segmentsOf(template);
  const given = segmentsOf(path);
  return (
    wanted.length === given.length
    && wanted.every((segment, index) => (isParameter(segment) ? given[index] !== '' : segment === given[index]))
  );
}

/** Methods of the routes with this path, HEAD and OPTIONS included; empty: there is no such path. */
export function methodsOf(routes: readonly Route[], path: string): string[] {
  // A path that is written in the table is only itself: /v1/requests/batch is no request of that id,
  // wherever else it would fit.
  const own = routes.filter((route) => route.path === path);
  const fitting = own.length > 0 ? own : routes.filter((route) => matches(route.path, path));
  const methods: string[] = [...new Set(fitting.map((route) => route.method))];
  if (methods.length === 0) return [];
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'];
}

/** Up to three paths of the table, nearest first. */
export function nearPaths(routes: readonly Route[], path: string): string[] {
  // Edit distance is quadratic: what is far longer than every path of the table is near to none.
  const given = segmentsOf(path.slice(0, 200));
  const scored = [...new Set(routes.map((route) => route.path))].map((template) => ({
    template,
    distance: distanceOf(segmentsOf(template), given),
  }));
  return scored
    .sort((a, b) => a.distance - b.distance || (a.template < b.template ? -1 : 1))
    .slice(0, 3)
    .map((one) => one.template);
}

function distanceOf(template: readonly string[], given: readonly string[]): number {
  let distance = Math.abs(template.length - given.length) * 4;
  template.forEach((segment, index) => {
    const other = given[index];
    if (other !== undefined && !isParameter(segment)) distance += editDistance(segment, other);
  });
  return distance;
}
