import type { ReactNode } from 'react'

/** Placeholder of an empty list: the title says that it is empty, the children say how entries appear. */
export function EmptyState({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="rounded-lg border border-line border-dashed px-4 py-6 text-center">
      <p className="font-medium text-sm">{title}</p>
      <p className="mt-1 text-quiet text-sm">{children}</p>
    </div>
  )
}
