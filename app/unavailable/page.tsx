import type { Metadata } from 'next'
import { Card } from '@/app/_ui/card'
import { PageShell } from '@/app/_ui/page-shell'
import { recordOutage } from '@/lib/seam'
import { Retry } from './retry'

export const metadata: Metadata = { title: 'The login provider does not answer' }

/** The middleware rewrites to this page with status 503 when a provider cannot verify the session. */
export default async function UnavailablePage() {
  await recordOutage()
  return (
    <PageShell width="narrow" withoutViewer>
      <h1 className="text-2xl">The login provider does not answer</h1>
      <Card className="mt-5">
        <p>
          <strong className="font-semibold">You are still signed in.</strong> The app cannot check
          your session at the moment. Your page opens as soon as the login provider answers.
        </p>
        <Retry />
      </Card>
    </PageShell>
  )
}
