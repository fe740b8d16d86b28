import { type ReactNode, useId } from 'react'
import { EmptyState } from '@/app/_ui/empty-state'

export type Figure = { head: string[]; rows: (string | number)[][] }

type Props = {
  /** Says what the chart shows. */
  title: string
  /** The same in a sentence: for those who do not see the chart, and for those in a hurry. */
  summary: string
  /** The picture. It is not read out: the summary and the table are. */
  children: ReactNode
  /** The figures that were drawn. Left out where the picture is a table already. */
  table?: Figure
  /** What is there instead while there is nothing to draw. */
  empty?: string
  className?: string
}

/** One chart: what it shows, what it says, the picture, and its figures. */
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
        <EmptyState title="Nothing to draw yet">{empty}</EmptyState>
      ) : (
        <>
          {table ? <div aria-hidden="true">{children}</div> : children}
          {table && <FigureTable title={title} table={table} />}
        </>
      )}
    </figure>
  )
}

const cell = 'py-1.5 pr-4 last:pr-0'

function FigureTable({ title, table: { head, rows } }: { title: string; table: Figure }) {
  return (
    <details className="mt-4">
      <summary className="w-fit rounded-sm py-1 text-quiet text-sm hover:text-ink">
        Figures as a table
        <span className="sr-only">: {title}</span>
      </summary>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={`Figures: ${title}`}
        className="mt-2 max-h-72 overflow-auto rounded-sm"
      >
        <table className="w-full border-collapse text-xs">
          <caption className="pb-1 text-left text-quiet">
            Times in UTC. Times at which all of it was 0 are left out.
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
