// What is paid for whether it is used or not, and how far it is used.
import type { JSX } from 'preact';
import type { PoolView } from '../../../lib/api/schemas/pools.ts';
import { useFeed } from '../../app/live.ts';
import { commitmentsOf } from '../../logic/commitments.ts';
import type { CommitmentRow } from '../../logic/commitments.ts';
import { percent, usd, utcTime } from '../../logic/format.ts';
import { linkTo } from '../../logic/route.ts';
import { Panel } from '../../parts/basics.tsx';

/** Nodes come and go by the minute: at every so-manieth turn. */
const every = 20;

export function CommitmentsPanel(): JSX.Element | null {
  const pools = useFeed<{ readonly items: readonly PoolView[] }>('/v1/pools', every);
  const rows = commitmentsOf(pools.data?.items ?? []);
  if (rows.length === 0) return null;
  return (
    <Panel title="Use of commitments" aside={<span class="faint">paid for whether they are used or not</span>}>
      <div class="scroll" tabIndex={0} role="region" aria-label="Use of commitments">
        <table class="list loose" aria-label="Use of commitments">
          <thead>
            <tr>
              {['Pool', 'Commitment', 'Of'].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
              {['Used now', 'Today', 'Until'].map((title) => (
                <th key={title} scope="col" class="right">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={`${row.pool} ${row.name}`} row={row} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Row({ row }: { readonly row: CommitmentRow }): JSX.Element {
  const { pool, name, what, used, of, isUsd, share, shareToday, until, hasEnded, refused } = row;
  const amount = isUsd ? `${usd(used)} of ${usd(of)}/h` : `${String(used)} of ${String(of)}`;
  return (
    <tr>
      <td>
        <a href={linkTo('nodes', null, { pool })}>{pool}</a>
      </td>
      <td>{name}</td>
      <td>
        {what}
        {refused === null ? null : <div class="faint">{refused}</div>}
      </td>
      <td class="right">{hasEnded ? <span class="tag calm">ended</span> : `${amount}, ${percent(share)}`}</td>
      <td class="right">{hasEnded ? '–' : percent(shareToday)}</td>
      <td class="right">{until === null ? '–' : utcTime(Date.parse(until))}</td>
    </tr>
  );
}
