// What was asked for, as the API took it.
import type { ComponentChildren, JSX } from 'preact';
import type { RequestView } from '../../../lib/api/schemas/requests.ts';
import { memory, vcpu } from '../../logic/format.ts';
import { Empty, Facts } from '../../parts/basics.tsx';

export function Asked({ request }: { readonly request: RequestView }): JSX.Element {
  const { asked } = request;
  if (asked === undefined) return <Empty>It does not say.</Empty>;
  const { command, shell, resources, ...rest } = asked as Readonly<Record<string, unknown>> & {
    readonly command?: readonly string[];
    readonly shell?: string;
    readonly resources?: { readonly vcpu: number; readonly memoryMib: number; readonly gpu: number };
  };
  const text = shell ?? command?.map(quoted).join(' ');
  return (
    <>
      {text !== undefined && (
        <pre class="command" tabIndex={0}>
          {text}
        </pre>
      )}
      <Facts
        items={[
          ...(resources === undefined
            ? []
            : ([
                ['vCPU', vcpu(resources.vcpu)],
                ['Memory', memory(resources.memoryMib)],
                ['GPU', resources.gpu === 0 ? null : vcpu(resources.gpu)],
              ] as const)),
          ...Object.entries(rest)
            .filter(([, value]) => !isEmpty(value))
            .map(([key, value]): readonly [string, ComponentChildren] => [wordsOf(key), <Value value={value} />]),
        ]}
      />
    </>
  );
}

function Value({ value }: { readonly value: unknown }): JSX.Element {
  if (typeof value !== 'object' || value === null) return <>{String(value)}</>;
  return (
    <code>
      {JSON.stringify(value)
        .replaceAll(/[{}"[\]]/g, '')
        .replaceAll(',', ', ')
        .replaceAll(':', ': ')}
    </code>
  );
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === 0) return true;
  if (typeof value !== 'object') return false;
  return Object.keys(value).length === 0;
}

const wordsOf = (key: string): string => {
  const words = key.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** As a shell would need it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
