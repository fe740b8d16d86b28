'use client'

import { useRouter } from 'next/navigation'
import { startTransition, useEffect, useRef, useState } from 'react'
import { SuccessIcon } from '@/app/_ui/icons'
import { Spinner } from '@/app/_ui/spinner'
import { carryOverOnce } from '../_carry-over/carry-over-once'

type Step = { name: 'idle' | 'running' | 'migrated' } | { name: 'not_migrated'; reason: string }

type Props = { isDue: boolean; team: string | null; showReason: boolean }

/**
 * Migrates the legacy session after the page is shown, and reports the result. The page stays usable meanwhile.
 * @param isDue whether the verdict for this request asks for a migration
 * @param team the slug of the team of the page; null for the session of a consumer
 * @param showReason whether to show the reason code of a failed migration. It does not help a real user.
 */
export function SessionMigrationStatus({ isDue, team, showReason }: Props) {
  const router = useRouter()
  const [step, setStep] = useState<Step>({ name: 'idle' })
  const hasStarted = useRef(false)

  useEffect(() => {
    if (!isDue || hasStarted.current) return
    hasStarted.current = true
    setStep({ name: 'running' })
    carryOverOnce(team)
      .then(({ result, reason }) => {
        setStep(result === 'migrated' ? { name: 'migrated' } : { name: 'not_migrated', reason })
        // The refresh shows the new lane. If the session has ended, it redirects to the login.
        if (result === 'migrated' || result === 'ended') startTransition(() => router.refresh())
      })
      .catch(() => setStep({ name: 'not_migrated', reason: 'no_answer' }))
  }, [isDue, team, router])

  return (
    <div role="status" className="text-sm">
      {step.name === 'running' && (
        <p className="mt-5 flex items-center gap-2 text-quiet">
          <Spinner className="size-3.5" />
          Migrating your session to Stytch…
        </p>
      )}
      {step.name === 'migrated' && (
        <p className="mt-5 flex items-start gap-2 text-stytch">
          <SuccessIcon className="mt-px size-5 shrink-0" />
          Your session was migrated to Stytch. You are still signed in.
        </p>
      )}
      {step.name === 'not_migrated' && showReason && (
        <p className="mt-5 text-quiet">
          Your session was not migrated: <code className="font-mono text-xs">{step.reason}</code>.
          You are still signed in.
        </p>
      )}
    </div>
  )
}
