// What is wrong with a task's mounts beside each by itself.
import type * as z from 'zod';

export interface Mounting {
  readonly count: number;
  readonly mounts?: readonly { readonly request: string; readonly path?: string | undefined }[] | undefined;
}

export function checkMounts({ mounts, count }: Mounting, context: z.RefinementCtx): void {
  if (mounts === undefined) return;
  const fail = (path: readonly PropertyKey[], message: string): void => {
    context.addIssue({ code: 'custom', path: [...path], message });
  };
  if (count > 1)
    fail(
      ['count'],
      'must be 1 with mounts: a volume is attached to one node at most; send tasks that take turns as '
        + 'requests of their own',
    );
  for (const [n, one] of mounts.entries()) {
    const earlier = mounts.slice(0, n);
    if (earlier.some((other) => other.request === one.request)) fail(['mounts', n, 'request'], 'is named twice');
    const path = one.path ?? `mnt/${String(n)}`;
    if (earlier.some((other, m) => nests(other.path ?? `mnt/${String(m)}`, path)))
      fail(['mounts', n, 'path'], `${path} is, or lies in, the folder of another mount`);
    if (nests('tmp', path)) fail(['mounts', n, 'path'], "must not be tmp, which is the task's TMPDIR");
  }
}

function nests(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}
