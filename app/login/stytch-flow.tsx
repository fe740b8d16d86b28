import type { ReactNode } from 'react'
import { Card } from '@/app/_ui/card'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { Tabs } from '@/app/_ui/tabs'
import { CodeStep, MailSent, SignInExpired } from './email-steps'
import { EmailTab } from './email-tab'
import { loginUrl } from './login-url'
import { PrebuiltTab } from './prebuilt-tab'

type StytchFlowProps = {
  search: SearchParams
  returnTo: string
  pending: { email: string; methodId?: string } | null
  explanation: ReactNode
}

export function StytchFlow({ search, returnTo, pending, explanation }: StytchFlowProps) {
  const step = firstValue(search.step)
  if (step === 'code') {
    return pending?.methodId ? (
      <CodeStep email={pending.email} returnTo={returnTo} />
    ) : (
      <SignInExpired returnTo={returnTo} />
    )
  }
  if (step === 'link' || step === 'reset') {
    return <MailSent step={step} email={pending?.email ?? null} returnTo={returnTo} />
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
    </>
  )
}
