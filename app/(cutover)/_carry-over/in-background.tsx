'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { carryOverOnce } from './carry-over-once'

/** Migrates the session after the page is shown. Shows nothing: a failed migration changes nothing for the user. */
export function CarryOverInBackground() {
  const router = useRouter()
  useEffect(() => {
    carryOverOnce(() => router.refresh()).catch(() => undefined)
  }, [router])
  return null
}
