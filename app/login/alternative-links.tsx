import type { ReactNode } from 'react'
import { linkClass } from '@/app/_ui/button'

/** Links to the other sign-in methods. */
export const AlternativeLinks = ({ children }: { children: ReactNode }) => (
  <ul className="mt-5 grid gap-1.5 border-line border-t pt-4 text-sm">{children}</ul>
)

export const AlternativeLink = ({ href, children }: { href: string; children: ReactNode }) => (
  <li>
    <a href={href} className={linkClass}>
      {children}
    </a>
  </li>
)
