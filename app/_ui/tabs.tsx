import type { Route } from 'next'

type Tab = { label: string; href: string; isCurrent: boolean }

/** Tabs as links: each tab has its own URL and works without JavaScript. */
export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <nav aria-label={label} className="flex flex-wrap gap-1 rounded-lg bg-sunken p-1">
      {tabs.map(({ label: text, href, isCurrent }) => (
        <a
          key={href}
          href={href as Route}
          aria-current={isCurrent ? 'page' : undefined}
          className="flex-auto basis-0 whitespace-nowrap rounded-md px-3 py-1.5 text-center font-medium text-quiet text-sm hover:text-ink aria-[current=page]:bg-raised aria-[current=page]:text-ink aria-[current=page]:shadow-[0_1px_2px_rgb(0_0_0/0.12)]"
        >
          {text}
        </a>
      ))}
    </nav>
  )
}
