'use client'

import { useRouter } from 'next/navigation'
import { startTransition, useEffect, useRef, useState } from 'react'
import { SuccessIcon } from '@/app/_ui/icons'
import { Spinner } from '@/app/_ui/spinner'
import { migrateSession } from './actions'

type Step = { name: 'idle' | 'working' | 'done' } | { name: 'stayed'; reason: string }

/**
 * Carries the legacy session over once the page is shown. Stays on the page afterwards to say how it went,
 * and never in anybody's way.
 * @param isDue the verdict of the request that this page answers
 * @param explains whether to tell why someone stayed on the legacy lane: of no use to them
 */
export function CarryOver({ isDue, explains }: { isDue: boolean; explains: boolean }) {
  const router = useRouter()
  const [step, setStep] = useState<Step>({ name: 'idle' })
  const isBegun = useRef(false)

  useEffect(() => {
    if (!isDue || isBegun.current) return
    isBegun.current = true
    setStep({ name: 'working' })
    migrateSession()
      .then(({ result, reason }) => {
        setStep(result === 'migrated' ? { name: 'done' } : { name: 'stayed', reason })
        // Shows the lane that the session is on now; or, where it has ended, leads to the login.
        if (result === 'migrated' || result === 'ended') startTransition(() => router.refresh())
      })
      .catch(() => setStep({ name: 'stayed', reason: 'no_answer' }))
  }, [isDue, router])

  return (
    <div role="status" className="text-sm">
      {step.name === 'working' && (
        <p className="mt-5 flex items-center gap-2 text-quiet">
          <Spinner className="size-3.5" />
          Carrying your session over…
        </p>
      )}
      {step.name === 'done' && (
        <p className="mt-5 flex items-start gap-2 text-stytch">
          <SuccessIcon className="mt-px size-5 shrink-0" />
          Your session was carried over to Stytch. Nothing changed for you.
        </p>
      )}
      {step.name === 'stayed' && explains && (
        <p className="mt-5 text-quiet">
          Not carried over this time: <code className="font-mono text-xs">{step.reason}</code>. You
          stay signed in as you are.
        </p>
      )}
    </div>
  )
}
