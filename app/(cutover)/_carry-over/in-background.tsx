'use client'

import { useRouter } from 'next/navigation'
import { startTransition, useEffect } from 'react'

/**
 * Migrates the session after the page is shown. Shows nothing: a failed migration changes nothing for the user. It
 * imports the rest when it runs, because the layout loads this file on every page.
 */
export function CarryOverInBackground({ team }: { team: string | null }) {
  const router = useRouter()
  useEffect(() => {
    import('./carry-over-once')
      .then(({ carryOverOnce }) => carryOverOnce(team))
      .then(({ result }) => {
        // The refresh shows the new lane. If the session has ended, it redirects to the login.
        if (result === 'migrated' || result === 'ended') startTransition(() => router.refresh())
      })
      .catch(() => undefined)
  }, [router, team])
  return null
}
