import type { ReactNode } from 'react'

/** One row of a description list: a name, a value and an optional reason code. */
export function Fact({
  name,
  reason,
  children,
}: {
  name: string
  reason?: string
  children: ReactNode
}) {
  return (
    <div className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-3">
      <dt className="text-quiet">{name}</dt>
      <dd className="[overflow-wrap:anywhere]">
        {children}
        {reason && <span className="mt-0.5 block font-mono text-quiet text-xs">{reason}</span>}
      </dd>
    </div>
  )
}
