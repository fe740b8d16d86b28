import type { Metadata } from 'next'
import Link from 'next/link'
import { buttonClass } from './_ui/button'
import { PageShell } from './_ui/page-shell'

export const metadata: Metadata = { title: 'Page not found' }

export default function NotFound() {
  return (
    <PageShell width="narrow">
      <h1 className="text-2xl">This page does not exist</h1>
      <p className="mt-3 text-quiet">The address may contain a typo, or the page has moved.</p>
      <Link href="/" prefetch={false} className={buttonClass('primary', 'mt-6')}>
        Go to the home page
      </Link>
    </PageShell>
  )
}
