import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import { linkClass } from '@/app/_ui/button'
import { Card } from '@/app/_ui/card'
import { Notice } from '@/app/_ui/notice'
import { PageShell } from '@/app/_ui/page-shell'
import { firstValue, type SearchParams } from '@/app/_ui/search-params'
import { legacyConfig } from '@/lib/legacy/config'
import { isPasswordLink } from '@/lib/legacy/in-house/password-link'
import { NewPasswordForm } from './new-password-form'

// The address holds the token of the link.
export const metadata: Metadata = { title: 'Set a password', referrer: 'no-referrer' }

/** The page of a mailed link, on which a user of the in-house login sets a password. */
export default async function PasswordPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>
}) {
  // A build has no settings.
  await connection()
  if (legacyConfig().provider !== 'in-house') notFound()
  const { token, done } = await searchParams
  const link = firstValue(token) ?? ''
  return (
    <PageShell width="narrow" source="in-house-login">
      <div className="grid gap-5">
        {done ? (
          <>
            <h1 className="text-2xl">Password changed</h1>
            <p>
              <a href="/login" className={linkClass}>
                Sign in
              </a>
            </p>
          </>
        ) : (
          <>
            <h1 className="text-2xl">Set a password</h1>
            {(await isPasswordLink(link)) ? (
              <Card>
                <NewPasswordForm token={link} />
              </Card>
            ) : (
              <Notice tone="problem" title="This link does not work">
                It was already used, or is older than a day. Ask our support for a new one.
              </Notice>
            )}
          </>
        )}
      </div>
    </PageShell>
  )
}
