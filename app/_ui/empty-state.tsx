import type { ReactNode } from 'react'

/** Nothing here yet, and what would put something here. */
export function EmptyState({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="rounded-lg border border-line border-dashed px-4 py-6 text-center">
      <p className="font-medium text-sm">{title}</p>
      <p className="mt-1 text-quiet text-sm">{children}</p>
    </div>
  )
}
