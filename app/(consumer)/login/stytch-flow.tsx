import type { Route } from 'next'
import type { ReactNode } from 'react'
import { Card } from '@/app/_ui/card'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { Tabs } from '@/app/_ui/tabs'
import { CodeStep, MailSent, SignInExpired } from '@/app/login/email-steps'
import { requestCode, verifyCode } from './actions'
import { EmailTab } from './email-tab'
import { loginUrl } from './login-url'
import { PrebuiltTab } from './prebuilt-tab'

type StytchFlowProps = {
  search: SearchParams
  returnTo: string
  pending: { email: string; methodId?: string } | null
  explanation: ReactNode
  /** The page on which the user starts again. */
  start: Route
  footer: ReactNode
}

export function StytchFlow(props: StytchFlowProps) {
  const { search, returnTo, pending, explanation, start, footer } = props
  const step = firstValue(search.step)
  if (step === 'code') {
    return pending?.methodId ? (
      <CodeStep
        email={pending.email}
        returnTo={returnTo}
        start={start}
        verifyCode={verifyCode}
        requestCode={requestCode}
      />
    ) : (
      <SignInExpired start={start} />
    )
  }
  if (step === 'link' || step === 'reset') {
    const again = step === 'reset' ? loginUrl(returnTo, { with: 'reset' }) : start
    return <MailSent step={step} email={pending?.email ?? null} again={again} />
  }
  const isPrebuilt = firstValue(search.tab) === 'prebuilt'
  return (
    <>
      <h1 className="text-2xl">Sign in</h1>
      {explanation}
      <Tabs
        label="Ways to sign in"
        tabs={[
          { label: 'Email', href: loginUrl(returnTo), isCurrent: !isPrebuilt },
          {
            label: 'Pre-built UI',
            href: loginUrl(returnTo, { tab: 'prebuilt' }),
            isCurrent: isPrebuilt,
          },
        ]}
      />
      <Card>
        {isPrebuilt ? (
          <PrebuiltTab
            emailMethod={firstValue(search.by) === 'code' ? 'code' : 'link'}
            returnTo={returnTo}
          />
        ) : (
          <EmailTab method={firstValue(search.with)} returnTo={returnTo} />
        )}
      </Card>
      {footer}
    </>
  )
}
