import { type ReactNode, useId } from 'react'
import { EmptyState } from '@/app/_ui/empty-state'

export type TableData = { head: string[]; rows: (string | number)[][] }

type Props = {
  title: string
  /** The main result in a sentence, also for users who cannot see the chart. */
  summary: string
  /** The chart. Screen readers skip it and read the summary and the table. */
  children: ReactNode
  /** The figures of the chart as a table. Omit it if the chart is a table itself. */
  table?: TableData
  /** Replaces the chart while there is no data. */
  empty?: string
  className?: string
}

export function ChartCard({ title, summary, children, table, empty, className = '' }: Props) {
  const id = useId()
  return (
    <figure
      aria-labelledby={id}
      className={`min-w-0 rounded-xl border border-line bg-surface p-5 sm:p-6 ${className}`}
    >
      <figcaption className="mb-4">
        <h3 id={id} className="text-base">
          {title}
        </h3>
        {!empty && <p className="mt-0.5 text-quiet text-sm">{summary}</p>}
      </figcaption>
      {empty ? (
        <EmptyState title="No data yet">{empty}</EmptyState>
      ) : (
        <>
          {table ? <div aria-hidden="true">{children}</div> : children}
          {table && <DataTable title={title} table={table} />}
        </>
      )}
    </figure>
  )
}

const cell = 'py-1.5 pr-4 last:pr-0'

function DataTable({ title, table: { head, rows } }: { title: string; table: TableData }) {
  return (
    <details className="mt-4">
      <summary className="w-fit rounded-sm py-1 text-quiet text-sm hover:text-ink">
        Figures as a table
        <span className="sr-only">: {title}</span>
      </summary>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users must be able to scroll it
        tabIndex={0}
        aria-label={`Figures: ${title}`}
        className="mt-2 max-h-72 overflow-auto rounded-sm"
      >
        <table className="w-full border-collapse text-xs">
          <caption className="pb-1 text-left text-quiet">
            Times are in UTC. Rows with only zeros are omitted.
          </caption>
          <thead>
            <tr className="border-line border-b">
              {head.map((name, column) => (
                <th
                  key={name}
                  scope="col"
                  className={`${cell} font-medium text-quiet ${column > 0 ? 'text-right' : 'text-left'}`}
                >
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map(([first, ...others]) => (
              <tr key={first}>
                <th scope="row" className={`${cell} whitespace-nowrap text-left font-normal`}>
                  {first}
                </th>
                {others.map((value, column) => (
                  <td key={head[column + 1]} className={`${cell} text-right`}>
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  )
}
