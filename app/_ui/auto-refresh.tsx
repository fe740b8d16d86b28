'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { buttonClass } from './button'

type Props = {
  /** Interval between two refreshes, in seconds. */
  everySeconds: number
}

/**
 * Refreshes a page every few seconds while its tab is visible. The user can pause it (WCAG 2.2.2 requires that).
 * `router.refresh` keeps typed text and open sections. Without JavaScript the control does not appear.
 */
export function AutoRefresh({ everySeconds }: Props) {
  const { refresh } = useRouter()
  const [state, setState] = useState<'unknown' | 'live' | 'paused'>('unknown')

  useEffect(() => setState('live'), [])
  useEffect(() => {
    if (state !== 'live') return
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh()
    }, everySeconds * 1_000)
    return () => clearInterval(timer)
  }, [state, everySeconds, refresh])

  if (state === 'unknown') return null
  const isLive = state === 'live'
  return (
    <div className="flex items-center gap-1.5 text-quiet text-xs">
      <span
        aria-hidden="true"
        className={`size-2 rounded-full ${isLive ? 'bg-success motion-safe:animate-pulse' : 'border-[1.5px] border-current'}`}
      />
      {isLive ? `Live, every ${everySeconds} s` : 'Refresh paused'}
      <button
        type="button"
        onClick={() => setState(isLive ? 'paused' : 'live')}
        className={buttonClass('quiet', 'min-h-8! px-2! py-1! text-xs!')}
      >
        {isLive ? 'Pause' : 'Resume'}
        <span className="sr-only"> updating this page</span>
      </button>
    </div>
  )
}
