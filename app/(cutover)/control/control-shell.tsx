import type { Route } from 'next'
import type { ReactNode } from 'react'
import { Live } from '@/app/_ui/live'
import { Notice } from '@/app/_ui/notice'
import { PageShell } from '@/app/_ui/page-shell'

const places = {
  overview: ['Overview', '/control'],
  policy: ['Policy', '/control/policy'],
  history: ['History', '/control/history'],
  mirror: ['Mirror', '/control/mirror'],
  'switch-off': ['Switch off', '/control/switch-off'],
} as const satisfies Record<string, readonly [string, Route]>

type Props = {
  current: keyof typeof places
  title: string
  lead: ReactNode
  /** Keeps the page current, every so many seconds. Not where somebody fills in a form. */
  live?: number
  children: ReactNode
}

/** What is around every page of the control room. */
export function ControlShell({ current, title, lead, live, children }: Props) {
  return (
    <PageShell current="control" source={current === 'overview' ? 'control' : `control-${current}`}>
      <nav
        aria-label="Control room"
        className="-mx-2 -mt-4 mb-8 flex flex-wrap gap-0.5 border-line border-b pb-2 sm:mx-0 sm:-mt-7"
      >
        {Object.entries(places).map(([place, [label, href]]) => (
          // Not `Link`: each of these pages asks the database, so none is loaded before it is wanted.
          <a
            key={place}
            href={href}
            aria-current={place === current ? 'page' : undefined}
            className="rounded-md px-3 py-2 font-medium max-sm:px-2 max-sm:text-xs text-quiet text-sm hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:text-ink aria-[current=page]:underline aria-[current=page]:decoration-2 aria-[current=page]:underline-offset-8"
          >
            {label}
          </a>
        ))}
      </nav>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div>
          <h1 className="text-2xl">{title}</h1>
          <p className="mt-1.5 max-w-[62ch] text-quiet">{lead}</p>
        </div>
        {live && <Live everySeconds={live} />}
      </div>
      <div className="mt-8 grid gap-4">{children}</div>
    </PageShell>
  )
}

export const DatabaseAway = () => (
  <Notice tone="warn" title="The database does not answer">
    The policy in force stays in force, and everyone stays signed in; it cannot be shown or changed
    until the database is back. Load this page again in a minute.
  </Notice>
)
