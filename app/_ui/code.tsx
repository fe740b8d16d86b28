import type { ReactNode } from 'react'

/** An identifier in running text. */
export const Code = ({ children }: { children: ReactNode }) => (
  <code className="rounded-sm bg-sunken px-1 py-0.5 font-mono text-[0.9em] [overflow-wrap:anywhere]">
    {children}
  </code>
)
