import type { ReactNode } from 'react'

/** A row of {@link Figure}, in a card. */
export const Figures = ({ children }: { children: ReactNode }) => (
  <dl className="grid grid-cols-2 gap-x-8 gap-y-4 text-sm lg:grid-cols-4">{children}</dl>
)

/** One number under its name. */
export const Figure = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="flex min-w-0 flex-col justify-between">
    <dt className="text-quiet">{name}</dt>
    <dd className="mt-0.5 font-medium text-xl">{children}</dd>
  </div>
)
