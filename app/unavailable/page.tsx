import type { Metadata } from 'next'
import { Card } from '@/app/_ui/card'
import { PageShell } from '@/app/_ui/page-shell'
import { recordOutage } from '@/lib/seam'
import { Retry } from './retry'

export const metadata: Metadata = { title: 'The login provider does not answer' }

/** What the middleware shows, with status 503, at the address of a page whose session cannot be checked now. */
export default async function UnavailablePage() {
  await recordOutage()
  return (
    <PageShell width="narrow" withoutViewer>
      <h1 className="text-2xl">The login provider does not answer</h1>
      <Card className="mt-5">
        <p>
          <strong className="font-semibold">You have not been signed out.</strong> Your session
          cannot be checked right now, so this page has to wait. As soon as the provider answers, it
          opens.
        </p>
        <Retry />
      </Card>
    </PageShell>
  )
}
