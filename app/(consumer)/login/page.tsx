import type { Metadata } from 'next'
import { PageShell } from '@/app/_ui/page-shell'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { Explanation } from '@/app/login/explanation'
import { LegacyFlow, LegacyLink, legacyLogin } from '@/app/seam'
import { safeReturnTo } from '@/lib/request/return-to'
import { loginFlow, secondLogin } from '@/lib/seam'
import { getViewer } from '@/lib/viewer'
import { AlreadySignedIn } from './already-signed-in'
import { loginUrl } from './login-url'
import { readPendingSignIn } from './pending-sign-in'
import { SignUpFlow } from './sign-up-flow'
import { StytchFlow } from './stytch-flow'

type Props = { searchParams: Promise<SearchParams> }

const titles: Record<string, string> = {
  code: 'Enter the code',
  link: 'Check your email',
  reset: 'Check your email',
}

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { step, with: method } = await searchParams
  const start = firstValue(method) === 'signup' ? 'Create an account' : 'Sign in'
  return { title: titles[firstValue(step) ?? ''] ?? start }
}

export default async function LoginPage({ searchParams }: Props) {
  const search = await searchParams
  const returnTo = safeReturnTo(firstValue(search.returnTo))
  const [viewer, flow, pending] = await Promise.all([getViewer(), loginFlow(), readPendingSignIn()])
  const step = firstValue(search.step)
  // A user with a pending code or link can finish the sign-in, even after a rollback.
  const isStytch = flow === 'stytch' || (step !== undefined && pending !== null)
  const second = viewer ? null : await secondLogin()
  // The user has a second factor there, so this login does not open the account.
  const needsLegacy = !viewer && firstValue(search.reason) === 'mfa_required'
  const signUpUrl =
    flow !== 'stytch' && second === 'stytch' ? loginUrl(returnTo, { with: 'signup' }) : null
  // A user who signed up with a password alone gets the login again, to prove the address by a code or a link.
  const isUnproved = viewer?.lane === 'stytch' && viewer.account?.provedEmail === null
  const explanation = (
    <Explanation
      reason={isUnproved ? 'address_unproved' : firstValue(search.reason)}
      problem={firstValue(search.problem)}
      cookie={firstValue(search.cookie)}
    />
  )
  return (
    <PageShell width="narrow" source="login">
      <div className="grid gap-5">
        {viewer && !isUnproved ? (
          <AlreadySignedIn viewer={viewer} returnTo={returnTo} />
        ) : isStytch ? (
          <StytchFlow
            search={search}
            returnTo={returnTo}
            pending={pending}
            explanation={explanation}
            start={signUpUrl ?? loginUrl(returnTo)}
            footer={
              (second === 'legacy' || needsLegacy) && <LegacyLink login={legacyLogin(returnTo)} />
            }
          />
        ) : signUpUrl && firstValue(search.with) === 'signup' ? (
          <SignUpFlow returnTo={returnTo} />
        ) : (
          <LegacyFlow returnTo={returnTo} explanation={explanation} stytchSignUp={signUpUrl} />
        )}
      </div>
    </PageShell>
  )
}
