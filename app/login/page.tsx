import type { Metadata } from 'next'
import { PageShell } from '@/app/_ui/page-shell'
import { one, type Search } from '@/app/_ui/search'
import { LegacyFlow } from '@/app/seam'
import { safeReturnTo } from '@/lib/request/return-to'
import { loginFlow } from '@/lib/seam'
import { getViewer } from '@/lib/viewer'
import { Explanation } from './explanation'
import { readPending } from './pending'
import { SignedIn } from './signed-in'
import { StytchFlow } from './stytch-flow'

type Props = { searchParams: Promise<Search> }

const titles: Record<string, string> = {
  code: 'Enter the code',
  link: 'Check your mail',
  reset: 'Check your mail',
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  return { title: titles[one((await searchParams).step) ?? ''] ?? 'Sign in' }
}

export default async function LoginPage({ searchParams }: Props) {
  const search = await searchParams
  const returnTo = safeReturnTo(one(search.returnTo))
  const [viewer, flow, pending] = await Promise.all([getViewer(), loginFlow(), readPending()])
  const step = one(search.step)
  // Who was mailed a code finishes with it, even if the policy was turned back in between.
  const isStytch = flow === 'stytch' || (step !== undefined && pending !== null)
  const explanation = <Explanation reason={one(search.reason)} problem={one(search.problem)} />
  return (
    <PageShell width="narrow" source="login">
      <div className="grid gap-5">
        {viewer ? (
          <SignedIn viewer={viewer} returnTo={returnTo} />
        ) : isStytch ? (
          <StytchFlow
            search={search}
            returnTo={returnTo}
            pending={pending}
            explanation={explanation}
          />
        ) : (
          <LegacyFlow returnTo={returnTo} explanation={explanation} />
        )}
      </div>
    </PageShell>
  )
}
