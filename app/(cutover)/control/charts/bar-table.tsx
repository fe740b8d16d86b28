import { Fragment } from 'react'
import { type Pattern, patterns } from './patterns'

export type Bar = {
  key: string
  cells: string[]
  count: number
  pattern: Pattern
}

type Props = {
  caption: string
  head: string[]
  bars: Bar[]
  /** Shows the first column in a monospaced font, for identifiers. */
  mono?: boolean
}

/** A table whose rows show a bar beside each count, so users can read the exact value. */
export function BarTable({ caption, head, bars, mono }: Props) {
  const max = Math.max(1, ...bars.map(({ count }) => count))
  return (
    <table className="w-full border-collapse text-sm">
      <caption className="sr-only">{caption}</caption>
      <thead className="sr-only">
        <tr>
          {[...head, 'Count'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {bars.map(({ key, cells: [first, ...others], count, pattern }) => (
          <tr key={key}>
            <th
              scope="row"
              className={`py-1 pr-3 text-left align-middle font-normal ${mono ? 'font-mono text-xs [overflow-wrap:break-word]' : 'whitespace-nowrap'}`}
            >
              {mono ? <Breakable name={first ?? ''} /> : first}
            </th>
            {others.map((cell, column) => (
              <td key={head[column + 1]} className="whitespace-nowrap py-1 pr-3 text-quiet text-xs">
                {cell}
              </td>
            ))}
            <td className="w-[45%] max-sm:w-[38%] py-1">
              <span className="flex items-center gap-2">
                {count > 0 && (
                  <span
                    aria-hidden="true"
                    className={`h-4 min-w-1 rounded-[2px] border ${patterns[pattern]}`}
                    // Leaves room for the count beside the longest bar.
                    style={{ width: `calc(${count / max} * (100% - 3.5rem))` }}
                  />
                )}
                {count.toLocaleString('en')}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** An identifier that may wrap after an underscore, because a phone is too narrow for it. */
const Breakable = ({ name }: { name: string }) =>
  name.split(/(?<=_)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts have no other key
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ))
