import type { Route } from 'next'
import type { ReactNode } from 'react'
import { AutoRefresh } from '@/app/_ui/auto-refresh'
import { Notice } from '@/app/_ui/notice'
import { PageShell } from '@/app/_ui/page-shell'
import { Deployment } from './deployment'
import { teamControlPages } from './team-control-pages'

const pages = {
  overview: ['Overview', '/control'],
  policy: ['Policy', '/control/policy'],
  ...teamControlPages,
  history: ['History', '/control/history'],
  mirror: ['Mirror', '/control/mirror'],
  backfill: ['Backfill', '/control/backfill'],
  'switch-off': ['Switch off', '/control/switch-off'],
} as const satisfies Record<string, readonly [string, Route]>

type Props = {
  current: keyof typeof pages
  title: string
  lead: ReactNode
  /** Seconds between two refreshes of the page. Omit it on pages with a form. */
  refreshSeconds?: number
  children: ReactNode
}

/** Frame of every page of the control room: its navigation, title and lead. */
export function ControlShell({ current, title, lead, refreshSeconds, children }: Props) {
  return (
    <PageShell current="control" source={current === 'overview' ? 'control' : `control-${current}`}>
      <nav
        aria-label="Control pages"
        className="-mx-2 -mt-4 mb-8 flex flex-wrap gap-0.5 border-line border-b pb-2 sm:mx-0 sm:-mt-7"
      >
        {Object.entries(pages).map(([page, [label, href]]) => (
          // `<a>`, because `Link` would prefetch the pages, and each one queries the database.
          <a
            key={page}
            href={href}
            aria-current={page === current ? 'page' : undefined}
            className="rounded-md px-3 py-2 font-medium max-sm:px-2 max-sm:text-xs text-quiet text-sm hover:bg-sunken hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:text-ink aria-[current=page]:underline aria-[current=page]:decoration-2 aria-[current=page]:underline-offset-8"
          >
            {label}
          </a>
        ))}
      </nav>
      <Deployment />
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div>
          <h1 className="text-2xl">{title}</h1>
          <p className="mt-1.5 max-w-[62ch] text-quiet">{lead}</p>
        </div>
        {refreshSeconds && <AutoRefresh everySeconds={refreshSeconds} />}
      </div>
      <div className="mt-8 grid gap-4">{children}</div>
    </PageShell>
  )
}

export const DatabaseUnavailableNotice = () => (
  <Notice tone="warn" title="The database does not answer">
    The policy stays in force and users stay signed in. You cannot view or change the policy until
    the database is back. Reload this page in a minute.
  </Notice>
)
