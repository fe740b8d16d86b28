import type { Metadata } from 'next'
import Link from 'next/link'
import { buttonClass } from './_ui/button'
import { PageShell } from './_ui/page-shell'
import { homePath } from './consumers'

export const metadata: Metadata = { title: 'For operators only' }

export default function Forbidden() {
  return (
    <PageShell width="narrow">
      <h1 className="text-2xl">This page is for operators</h1>
      <p className="mt-3 text-quiet">
        You are signed in, but you are not an operator. Sign out and sign in as an operator, or ask
        an administrator to add your verified email address to the setting{' '}
        <code className="font-mono text-sm">OPERATOR_EMAILS</code>.
      </p>
      <Link href={homePath} prefetch={false} className={buttonClass('primary', 'mt-6')}>
        Go to your start page
      </Link>
    </PageShell>
  )
}
